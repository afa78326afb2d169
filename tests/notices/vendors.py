"""WeCom, DingTalk and Feishu as their documents describe them: what they check and how they answer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import Any

from tests.notices.receivers import Request

WECOM, DINGTALK, FEISHU = "qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"
HOSTS = (WECOM, DINGTALK, FEISHU)

ROBOT_KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"
TOKEN = "566cc69da782ec7b3b3f5e6a1d2c9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e"
DINGTALK_SECRET = "SEC0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
HOOK = "8f1c0d2e-3b4a-4c5d-9e6f-7a8b9c0d1e2f"
FEISHU_SECRET = "Qm9va2luZ1NlY3JldEtleQ"
CORP_ID, CORP_SECRET, AGENT_ID, USER = (
    "ww0123456789abcdef",
    "corp-secret-of-the-app",
    1000002,
    "ops",
)


class Vendors:
    """All three at once. `refuse_with` is the next answer to what would otherwise be taken."""

    def __init__(self) -> None:
        self.refuse_with: tuple[int, dict[str, Any]] | None = None
        self.tokens_given = 0
        self.token_stale = False

    def __call__(self, request: Request) -> tuple[int, Any]:
        host = request.host.partition(":")[0]
        if host == WECOM and request.path == "/cgi-bin/gettoken":
            return self._gettoken(request)
        check = {
            (WECOM, "/cgi-bin/webhook/send"): self._wecom_robot,
            (WECOM, "/cgi-bin/message/send"): self._wecom_message,
            (DINGTALK, "/robot/send"): self._dingtalk,
            (FEISHU, f"/open-apis/bot/v2/hook/{HOOK}"): self._feishu,
        }.get((host, request.path))
        if check is None:
            return 404, {}
        if self.refuse_with is not None:
            return self.refuse_with
        assert request.method == "POST"
        assert request.headers["Content-Type"].startswith("application/json")
        return 200, check(request)

    def _wecom_robot(self, request: Request) -> dict[str, Any]:
        if request.query != {"key": ROBOT_KEY}:
            return {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1700000000]"}
        body = request.json
        if body.get("msgtype") != "text" or set(body) != {"msgtype", "text"}:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        if set(body["text"]) - {"content", "mentioned_list", "mentioned_mobile_list"}:
            return {"errcode": 40058, "errmsg": "invalid Request Parameter"}
        content = body["text"]["content"]
        if not content or len(content.encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        return {"errcode": 0, "errmsg": "ok"}

    def _gettoken(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.query != {"corpid": CORP_ID, "corpsecret": CORP_SECRET}:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        self.tokens_given += 1
        return 200, {
            "errcode": 0,
            "errmsg": "ok",
            "access_token": f"access-{self.tokens_given}",
            "expires_in": 7200,
        }

    def _wecom_message(self, request: Request) -> dict[str, Any]:
        if self.token_stale or request.query != {"access_token": f"access-{self.tokens_given}"}:
            self.token_stale = False
            return {"errcode": 42001, "errmsg": "access_token expired"}
        body = request.json
        if body["agentid"] != AGENT_ID or not isinstance(body["agentid"], int):
            return {"errcode": 40056, "errmsg": "invalid agentid"}
        if body["touser"] != USER:
            return {"errcode": 81013, "errmsg": "user & party & tag all invalid"}
        kind = body["msgtype"]
        if kind == "textcard":
            card = body["textcard"]
            assert set(card) <= {"title", "description", "url", "btntxt"}
            if not (card["title"] and card["description"] and card["url"]):
                return {"errcode": 41016, "errmsg": "missing title"}
            assert len(card["title"].encode()) <= 128 and len(card["description"].encode()) <= 512
        elif kind == "text":
            assert len(body["text"]["content"].encode()) <= 2048
        else:
            return {"errcode": 40008, "errmsg": "invalid message type"}
        return {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": "m"}

    def _dingtalk(self, request: Request) -> dict[str, Any]:
        if request.query.get("access_token") != TOKEN:
            return {"errcode": 300001, "errmsg": "token is not exist"}
        stamp, sign = request.query.get("timestamp", ""), request.query.get("sign", "")
        if not stamp.isdigit() or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
            return {"errcode": 310000, "errmsg": "invalid timestamp"}
        expected = hmac.new(
            DINGTALK_SECRET.encode(), f"{stamp}\n{DINGTALK_SECRET}".encode(), hashlib.sha256
        )
        if sign != base64.b64encode(expected.digest()).decode():
            return {"errcode": 310000, "errmsg": "sign not match"}
        body = request.json
        if body.get("msgtype") != "text" or not body["text"]["content"]:
            return {"errcode": 400105, "errmsg": "unsupported msgtype"}
        assert set(body) <= {"msgtype", "text", "at"} and set(body["at"]) <= {"isAtAll"}
        return {"errcode": 0, "errmsg": "ok"}

    def _feishu(self, request: Request) -> dict[str, Any]:
        body = request.json
        stamp, sign = body.get("timestamp", ""), body.get("sign", "")
        fresh = stamp.isdigit() and abs(time.time() - int(stamp)) <= 3600
        expected = hmac.new(f"{stamp}\n{FEISHU_SECRET}".encode(), b"", hashlib.sha256)
        if not fresh or sign != base64.b64encode(expected.digest()).decode():
            return {
                "code": 19021,
                "msg": "sign match fail or timestamp is not within one hour from current time",
                "data": {},
            }
        if body.get("msg_type") != "text" or not body["content"]["text"]:
            return {"code": 9499, "msg": "Bad Request", "data": {}}
        assert set(body) == {"timestamp", "sign", "msg_type", "content"}
        return {"code": 0, "msg": "success", "data": {}}
