"""WeCom (企业微信): a group's robot, and single persons through the company's own application."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import quote, urlencode

from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import WecomApp
from shouwen.notices.message import Message
from shouwen.notices.sending import texts, web
from shouwen.notices.sending.failures import Failed
from shouwen.notices.sending.web import Verdict

API = "https://qyapi.weixin.qq.com/cgi-bin"

# https://developer.work.weixin.qq.com/document/path/90313
_VERDICTS = {
    -1: Verdict("busy", temporary=True),
    40001: Verdict("credentials"),
    40013: Verdict("credentials"),
    40056: Verdict("credentials"),
    301002: Verdict("credentials"),
    40003: Verdict("nobody_there"),
    60111: Verdict("nobody_there"),
    81013: Verdict("nobody_there"),
    45009: Verdict("too_often", temporary=True),
    45033: Verdict("too_often", temporary=True),
    60020: Verdict("not_allowed_from_here"),
    93000: Verdict("key_wrong"),
}
_STALE = (40014, 42001)  # the access token was revoked, or has run out

_LIMIT = 2048  # bytes of a text, by both APIs


def send_to_robot(key: str, message: Message) -> None:
    """A text in the robot's group; what is urgent calls everybody in it. Raises Failed."""
    text: dict[str, Any] = {"content": texts.plain(message, limit=_LIMIT)}
    if message.urgent and not message.rehearsal:
        text["mentioned_list"] = ["@all"]
    status, answer = web.post(
        f"{API}/webhook/send?{urlencode({'key': key})}", _body({"msgtype": "text", "text": text})
    )
    web.by_status(status)
    web.by_code(answer, "errcode", _VERDICTS)


def send_to_user(user: str, message: Message) -> None:
    """A card (a text where there is no link) to one person. Raises Failed."""
    app = gateways.load(Gateway.Kind.WECOM_APP, WecomApp)
    if app is None:
        raise Failed("not_set_up", temporary=False)
    body = _body({"touser": user, "agentid": app.agent_id, **_content(message)})
    for again in (False, True):
        token = _token(app, anew=again)
        status, answer = web.post(f"{API}/message/send?access_token={quote(token)}", body)
        web.by_status(status)
        if answer.get("errcode") not in _STALE:
            break
    web.by_code(answer, "errcode", _VERDICTS)
    if answer.get("invaliduser"):
        raise Failed("nobody_there", temporary=False)


def _content(message: Message) -> dict[str, Any]:
    if not message.link:
        content = texts.plain(message, limit=_LIMIT)
        return {"msgtype": "text", "text": {"content": content}}
    card = {
        "title": texts.cut(texts.title(message), 128),
        "description": texts.cut("\n".join(texts.lines(message)) or texts.title(message), 512),
        "url": message.link,
    }
    return {"msgtype": "textcard", "textcard": card}


# -- the application's access token: good for two hours, and to be asked for seldom

_lock = threading.Lock()
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


def _token(app: WecomApp, *, anew: bool) -> str:
    secret = app.secret.get_secret_value()
    with _lock:
        token, until = _tokens.get((app.corp_id, secret), ("", 0.0))
        if token and not anew and time.monotonic() < until:
            return token
        asked = urlencode({"corpid": app.corp_id, "corpsecret": secret})
        status, answer = web.get(f"{API}/gettoken?{asked}")
        web.by_status(status)
        web.by_code(answer, "errcode", _VERDICTS)
        given, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(given, str) or not given or not isinstance(lasts, int):
            raise Failed("bad_answer", temporary=True)
        _tokens[app.corp_id, secret] = (given, time.monotonic() + lasts - 300)
        return given


def _body(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()
