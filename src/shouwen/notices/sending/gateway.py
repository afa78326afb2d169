"""A company's own gateway for text messages and calls: a signed JSON webhook.

The format is a promise to those who write such gateways: docs/notices-channels.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid

from shouwen.notices import gateways
from shouwen.notices.gateways import Webhook
from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.failures import REASONS, Failed

VERSION = 1
_LIMIT = 1000  # bytes of text: about five text messages of 70 characters


def send(kind: str, to: str, message: Message, delivery: str) -> None:
    """Ask the gateway to text (`sms`) or to call and read out (`call`). Raises Failed."""
    gateway = gateways.load(kind, Webhook)
    if gateway is None:
        raise Failed("not_set_up", temporary=False)
    delivery = delivery or str(uuid.uuid4())
    body = json.dumps(
        {
            "version": VERSION,
            "id": delivery,
            "kind": kind,
            "to": to,
            "title": texts.title(message),
            "text": texts.plain(message, limit=_LIMIT),
            "link": message.link,
            "language": message.language,
            "urgent": message.urgent,
            "rehearsal": message.rehearsal,
        },
        ensure_ascii=False,
    ).encode()
    timestamp = str(int(time.time()))
    headers = {
        "X-Shouwen-Delivery": delivery,
        "X-Shouwen-Timestamp": timestamp,
        "X-Shouwen-Signature": signature(gateway.secret.get_secret_value(), timestamp, body),
    }
    status, answer = web.post(gateway.url, body, headers=headers)
    if answer.get("accepted") is False:
        code = str(answer.get("code", ""))
        raise Failed(code if code in REASONS else "refused", bool(answer.get("retry")))
    if status in (404, 410):
        raise Failed("not_set_up" if status == 404 else "nobody_there", temporary=False)
    web.by_status(status)


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the hex HMAC-SHA256 of timestamp, dot and body under the shared secret."""
    signed = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"v1={signed.hexdigest()}"
