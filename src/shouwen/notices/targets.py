"""How addresses are written: what people paste, what is kept of it, and what may be shown again.

Kept are short forms: `wecombot://KEY`, `wecom://USER`, `dingtalk://SECRET@TOKEN`,
`feishu://SECRET@TOKEN`, a telephone number, a mailbox, or an Apprise URL.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from shouwen.notices.address import Address
from shouwen.notices.sending import others, web_push
from shouwen.organization import customers

Kind = Address.Kind

_KEY = re.compile(r"[A-Za-z0-9_-]{8,128}")
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_@.\-]{0,63}")
_SECRET = re.compile(r"[!-~]{8,256}")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")

#: Own kinds for which people may also paste the Apprise URL.
_OF_SCHEME = {"wecombot": Kind.WECOM, "dingtalk": Kind.DINGTALK, "feishu": Kind.FEISHU}


@dataclass(frozen=True)
class Target:
    """An address that is understood: its kind, what is kept, and whether one person alone reads it."""

    kind: str
    kept: str
    reaches_one: bool

    def __repr__(self) -> str:
        return f"Target({self.kind})"


def understand(
    kind: str, text: str, *, secret: str = "", of_person: bool, may_reach_inside: bool = False
) -> Target:
    """Read what somebody pasted.

    `secret` is the robot's signing secret. `may_reach_inside`: they may name servers of the
    company's own network, which others could otherwise have this server talk to. Raises
    ValidationError in words that do not repeat what was typed.
    """
    text, secret = text.strip(), secret.strip()
    if not text:
        raise ValidationError(_("请填写地址"))
    if kind == Kind.APPRISE:
        kind = _OF_SCHEME.get(text.partition("://")[0].lower(), Kind.APPRISE)
    if secret and not _SECRET.fullmatch(secret):
        raise ValidationError(_("加签密钥不对，请从机器人的安全设置里整段复制"))
    if kind == Kind.EMAIL:
        validate_email(text)
        return Target(kind, text, of_person)
    if kind in (Kind.WEBHOOK_SMS, Kind.WEBHOOK_CALL):
        number = customers.normalise(text)
        if not _NUMBER.fullmatch(number):
            raise ValidationError(_("请填写一个电话号码"))
        return Target(kind, number, of_person)
    if kind == Kind.WECOM:
        return _wecom(text, of_person)
    if kind == Kind.DINGTALK:
        return Target(kind, _dingtalk(text, secret), False)
    if kind == Kind.FEISHU:
        return Target(kind, _feishu(text, secret), False)
    if kind == Kind.APPRISE:
        return Target(kind, _other(text, may_reach_inside), False)
    raise ValidationError(_("这个渠道不用填写地址"))


def masked(kind: str, kept: str) -> str:
    """As much of an address as is shown after saving: enough to tell two apart."""
    if not kept:
        return ""
    if kind == Kind.EMAIL:
        name, _at, domain = kept.rpartition("@")
        return f"{name[:1]}***@{domain}"
    if kind in (Kind.WEBHOOK_SMS, Kind.WEBHOOK_CALL):
        return customers.mask(kept)
    if kind == Kind.WEB_PUSH:
        return urlsplit(web_push.endpoint_of(kept)).hostname or ""
    scheme, _colon, rest = kept.partition("://")
    if scheme == "wecom":
        return f"{rest[:1]}***"
    if kind == Kind.APPRISE:
        return f"{scheme}://…"
    return f"{scheme}://…{rest.rpartition('@')[2][-4:]}"


def robot(kept: str) -> tuple[str, str]:
    """Token and signing secret (may be empty) of a robot's short form."""
    secret, _at, token = kept.partition("://")[2].rpartition("@")
    return token, unquote(secret)


def _wecom(text: str, of_person: bool) -> Target:
    user = text.removeprefix("wecom://")
    if user != text or text.startswith("@"):
        user = user.removeprefix("@")
        if not of_person:
            raise ValidationError(_("企业微信账号只能填在个人名下；部门和项目请填群机器人的地址"))
        if not _USER.fullmatch(user) or user.lower() == "all":
            raise ValidationError(_("企业微信账号不对，请在通讯录里查看“账号”"))
        return Target(Kind.WECOM, f"wecom://{user}", True)
    found = _piece(text, "wecombot", "qyapi.weixin.qq.com", "/cgi-bin/webhook/send", "key")
    return Target(Kind.WECOM, f"wecombot://{found}", False)


def _dingtalk(text: str, secret: str) -> str:
    if "@" in text.partition("://")[2] and text.startswith("dingtalk://"):
        text_secret, text = robot(text)[1], "dingtalk://" + robot(text)[0]
        secret = secret or text_secret
    token = _piece(text, "dingtalk", "oapi.dingtalk.com", "/robot/send", "access_token")
    return f"dingtalk://{quote(secret, safe='')}@{token}"


def _feishu(text: str, secret: str) -> str:
    if "@" in text.partition("://")[2] and text.startswith("feishu://"):
        text_secret, text = robot(text)[1], "feishu://" + robot(text)[0]
        secret = secret or text_secret
    token = _piece(text, "feishu", "open.feishu.cn", "/open-apis/bot/v2/hook/", "")
    return f"feishu://{quote(secret, safe='')}@{token}"


def _piece(text: str, scheme: str, host: str, path: str, field: str) -> str:
    """The key of a robot: out of the vendor's address, the Apprise URL, or given alone."""
    found = text
    if text.lower().startswith("https://"):
        parts = urlsplit(text)
        found = ""
        if parts.hostname == host and parts.path.startswith(path):
            asked = parse_qs(parts.query)
            found = asked.get(field, [""])[0] if field else parts.path.removeprefix(path)
    elif text.lower().startswith(scheme + "://"):
        found = text.partition("://")[2].partition("?")[0]
    found = found.strip("/")
    if not _KEY.fullmatch(found):
        raise ValidationError(
            _("地址不对，请整段复制机器人的 Webhook 地址，以 https://%(host)s 开头"),
            params={"host": host},
        )
    return found


# -- any other service


def _other(text: str, may_reach_inside: bool) -> str:
    found = others.known(text)
    if found is None:
        raise ValidationError(_("这个地址看不懂或不支持，写法见文档“通知渠道”"))
    if found.own_host and not may_reach_inside and reaches_inside(found.host):
        raise ValidationError(_("内网的服务器只能由系统管理员填写"))
    return text


def reaches_inside(host: str) -> bool:
    """Whether a host is, or resolves to, an address that is not public; also where it cannot be told."""
    if not host:
        return True
    try:
        found = [ipaddress.ip_address(host.strip("[]"))]
    except ValueError:
        if "." not in host:
            return True
        try:
            found = [
                ipaddress.ip_address(str(entry[4][0]).partition("%")[0])
                for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
            ]
        except OSError:
            return False
    return any(not address.is_global for address in found)
