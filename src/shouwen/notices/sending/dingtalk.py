"""DingTalk (钉钉): a group's robot, signed where it has a secret.

Not by Apprise: 2.3 encodes the signature twice and takes a refusal with HTTP 200 for success.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.failures import Failed
from shouwen.notices.sending.web import Verdict

API = "https://oapi.dingtalk.com/robot/send"

# https://open.dingtalk.com/document/orgapp/custom-robots-send-group-messages
_VERDICTS = {
    -1: Verdict("busy", temporary=True),
    40035: Verdict("refused"),
    43004: Verdict("refused"),
    300001: Verdict("key_wrong"),
    300005: Verdict("key_wrong"),
    400013: Verdict("key_wrong"),
    400101: Verdict("key_wrong"),
    400102: Verdict("key_wrong"),
    400106: Verdict("key_wrong"),
    410100: Verdict("too_often", temporary=True),
    130101: Verdict("too_often", temporary=True),
}
_SECURITY = 310000  # which of the robot's three checks failed says the text

_LIMIT = 15_000  # bytes; the vendor takes 20,000 for the whole request, escapes included


def send(token: str, secret: str, message: Message) -> None:
    """A text in the robot's group; what is urgent calls everybody in it. Raises Failed."""
    asked = {"access_token": token}
    if secret:
        asked |= signature(secret, int(time.time() * 1000))
    body: dict[str, Any] = {
        "msgtype": "text",
        "text": {"content": texts.plain(message, limit=_LIMIT)},
        "at": {"isAtAll": message.urgent and not message.rehearsal},
    }
    status, answer = web.post(
        f"{API}?{urlencode(asked)}", json.dumps(body, ensure_ascii=False).encode()
    )
    web.by_status(status)
    if answer.get("errcode") == _SECURITY:
        raise Failed(_security(str(answer.get("errmsg", ""))), temporary=False)
    web.by_code(answer, "errcode", _VERDICTS)


def signature(secret: str, timestamp: int) -> dict[str, str]:
    """`timestamp` (milliseconds) and `sign`: Base64 of HMAC-SHA256 over both under the secret."""
    signed = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    return {"timestamp": str(timestamp), "sign": base64.b64encode(signed.digest()).decode()}


def _security(text: str) -> str:
    if "keyword" in text:
        return "keyword"
    if "whitelist" in text:
        return "not_allowed_from_here"
    return "sign_wrong"
