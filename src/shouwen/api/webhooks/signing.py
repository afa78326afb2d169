"""Signatures of webhooks, as the Standard Webhooks specification has them: HMAC-SHA256, with time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

MARK = "whsec_"
#: How far the time of a message may be from now, in seconds: the standard's five minutes.
TOLERANCE = 300


def new_secret() -> str:
    """A secret that receiver and sender share."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature over id, time and body: `v1,` and the HMAC in base64."""
    key = base64.b64decode(str.__str__(secret).removeprefix(MARK))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def verified(
    keys: Iterable[str],
    message_id: str,
    timestamp: str,
    body: bytes,
    signatures: str,
    *,
    now: float,
) -> bool:
    """Whether one of the signatures of a message was made with one of the keys, about now.

    `timestamp` and `signatures` are the headers as they came, the latter separated by spaces.
    """
    if not message_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(now - int(timestamp)) > TOLERANCE:
        return False
    given = [each.encode() for each in signatures.split(" ")[:10] if each.startswith("v1,")]
    good = [sign(key, message_id, int(timestamp), body).encode() for key in keys]
    return any([hmac.compare_digest(one, other) for one in given for other in good])
