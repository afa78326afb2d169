"""The vendor's own interface: an access token, and the files that somebody sent. Nothing else is asked.

Only the vendor's hosts are asked, by HTTPS and without following redirects.
"""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests

from shouwen.channels.wechat.models import WechatAccount
from shouwen.notices.sending import web
from shouwen.notices.sending.failures import Failed
from shouwen.notices.sending.web import Verdict

API = "https://api.weixin.qq.com/cgi-bin"
#: Where pictures lie that people sent (PicUrl).
PICTURES = (".qpic.cn", ".qlogo.cn")
LARGEST = 20 * 1024 * 1024
_WHOLE = 60  # seconds for a file

_VERDICTS = {
    -1: Verdict("busy", temporary=True),
    40001: Verdict("credentials"),
    40013: Verdict("credentials"),
    40125: Verdict("credentials"),
    40164: Verdict("not_allowed_from_here"),
    40007: Verdict("nobody_there"),
    45009: Verdict("too_often", temporary=True),
}
_STALE = (40001, 40014, 42001)


def picture(url: str) -> bytes:
    """A picture by its address, if it is one of the vendor's. Raises Failed."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise Failed("address_wrong", temporary=False) from None
    host = (parts.hostname or "").lower()
    if not host.endswith(PICTURES) or parts.scheme not in ("http", "https"):
        raise Failed("address_wrong", temporary=False)
    # The vendor still writes http; the host answers by https as well.
    asked = f"https://{host}{parts.path}" + (f"?{parts.query}" if parts.query else "")
    content, kind = _file(asked)
    if not kind.startswith("image/"):
        raise Failed("bad_answer", temporary=False)
    return content


def media(account: WechatAccount, media_id: str) -> bytes:
    """A picture or voice by its number; the vendor keeps it for three days. Raises Failed."""
    for again in (False, True):
        asked = urlencode({"access_token": _token(account, anew=again), "media_id": media_id})
        content, kind = _file(f"{API}/media/get?{asked}")
        if not kind.startswith(("application/json", "text/")):
            return content
        said = _json(content)
        if again or said.get("errcode") not in _STALE:
            web.by_code(said, "errcode", _VERDICTS)
            raise Failed("bad_answer", temporary=False)
    raise AssertionError("unreachable")


def _json(content: bytes) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _file(url: str) -> tuple[bytes, str]:
    """What lies there, and its type as the server says it."""
    until = time.monotonic() + _WHOLE
    try:
        with requests.get(
            url,
            headers={"User-Agent": "Shouwen"},
            timeout=web.TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            web.by_status(answer.status_code)
            content = bytearray()
            for piece in answer.iter_content(65_536):
                content += piece
                if len(content) > LARGEST:
                    raise Failed("refused", temporary=False)
                if time.monotonic() > until:
                    raise Failed("timeout", temporary=True)
            return bytes(content), answer.headers.get("Content-Type", "").lower()
    except requests.exceptions.SSLError:
        raise Failed("certificate", temporary=False) from None
    except requests.exceptions.Timeout:
        raise Failed("timeout", temporary=True) from None
    except requests.exceptions.RequestException:
        # Its text holds the address, and so the token.
        raise Failed("unreachable", temporary=True) from None


# -- the account's access token: good for two hours, the same one for all who ask for it

_lock = threading.Lock()
_tokens: dict[tuple[str, str], tuple[str, float]] = {}


def _token(account: WechatAccount, *, anew: bool) -> str:
    if not account.secret:
        raise Failed("no_secret", temporary=False)
    known = (account.app_id, str(account.secret))
    with _lock:
        token, until = _tokens.get(known, ("", 0.0))
        if token and not anew and time.monotonic() < until:
            return token
        body = {
            "grant_type": "client_credential",
            "appid": account.app_id,
            "secret": str(account.secret),
            "force_refresh": False,
        }
        status, answer = web.post(f"{API}/stable_token", json.dumps(body).encode())
        web.by_status(status)
        if "errcode" in answer:
            web.by_code(answer, "errcode", _VERDICTS)
        given, lasts = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(given, str) or not given or not isinstance(lasts, int):
            raise Failed("bad_answer", temporary=True)
        _tokens[known] = (given, time.monotonic() + max(lasts - 300, 60))
        return given
