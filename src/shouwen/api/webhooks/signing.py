"""Signatures of webhooks, as the Standard Webhooks specification has them: HMAC-SHA256, with time."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

MARK = "whsec_"


def new_secret() -> str:
    """A secret that receiver and sender share."""
    return MARK + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The signature over id, time and body: `v1,` and the HMAC in base64."""
    key = base64.b64decode(str.__str__(secret).removeprefix(MARK))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
