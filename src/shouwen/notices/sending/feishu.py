"""Feishu (飞书): a group's custom robot, signed where it has a secret (Apprise 2.3 does not sign)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import quote

from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.web import Verdict

API = "https://open.feishu.cn/open-apis/bot/v2/hook"

# https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
_VERDICTS = {
    9499: Verdict("refused"),
    11232: Verdict("too_often", temporary=True),
    11246: Verdict("refused"),
    19001: Verdict("key_wrong"),
    19002: Verdict("refused"),
    19021: Verdict("sign_wrong"),
    19022: Verdict("not_allowed_from_here"),
    19024: Verdict("keyword"),
}

_LIMIT = 15_000  # bytes; the vendor takes 20 KB for the whole request


def send(token: str, secret: str, message: Message) -> None:
    """A text in the robot's group; what is urgent calls everybody in it. Raises Failed."""
    text = texts.plain(message, limit=_LIMIT)
    if message.urgent and not message.rehearsal:
        text = f'<at user_id="all"></at> {text}'
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        body |= signature(secret, int(time.time()))
    status, answer = web.post(
        f"{API}/{quote(token)}", json.dumps(body, ensure_ascii=False).encode()
    )
    # It explains a refusal in the body, whatever the HTTP status.
    if not isinstance(answer.get("code"), int):
        web.by_status(status)
    web.by_code(answer, "code", _VERDICTS)


def signature(secret: str, timestamp: int) -> dict[str, str]:
    """`timestamp` (seconds) and `sign`: Base64 of HMAC-SHA256 over nothing, keyed with both."""
    signed = hmac.new(f"{timestamp}\n{secret}".encode(), b"", hashlib.sha256)
    return {"timestamp": str(timestamp), "sign": base64.b64encode(signed.digest()).decode()}
