"""A request of the vendor's, opened: whose account it is for, what was sent, and how to answer it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shouwen.channels.wechat import answers, crypto, messages
from shouwen.channels.wechat.crypto import Forged
from shouwen.channels.wechat.messages import Message
from shouwen.channels.wechat.models import WechatAccount

#: In plain mode the signature covers no message, so that one that was overheard must not last.
_FRESH = timedelta(hours=1)


@dataclass(frozen=True)
class Opened:
    """A message, and whether it came encrypted."""

    account: WechatAccount
    message: Message
    encrypted: bool

    def reply(self, words: str) -> str:
        """What goes back: the words in the vendor's XML, encrypted as the message was."""
        if not words:
            return answers.NOTHING
        xml = answers.text(words, to=self.message.sender, account=self.message.account)
        if not self.encrypted:
            return xml
        return answers.sealed(
            xml,
            token=self.account.token,
            key=crypto.key_of(self.account.aes_key),
            app_id=self.account.app_id,
        )


def echo(account: WechatAccount, query: Mapping[str, str]) -> str:
    """What the vendor wants to hear when the address is entered. Raises Forged."""
    _signed(account, query)
    return query.get("echostr", "")[:200]


def opened(account: WechatAccount, query: Mapping[str, str], body: bytes, now: datetime) -> Opened:
    """The message in a request. Raises Forged or `messages.Unreadable`."""
    outer = messages.elements(body)
    sealed = outer.get("Encrypt", "")
    mode = WechatAccount.Mode(account.mode)
    if mode == WechatAccount.Mode.PLAIN or (
        mode == WechatAccount.Mode.COMPATIBLE and not query.get("msg_signature")
    ):
        if "MsgType" not in outer:
            raise Forged("signature")
        _signed(account, query)
        _fresh(query.get("timestamp", ""), now)
        return Opened(account, messages.understand(outer), encrypted=False)
    if not sealed:
        raise Forged("not_safe")
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    crypto.check(query.get("msg_signature", ""), account.token, stamp, nonce, sealed)
    content = crypto.decrypt(sealed, key=crypto.key_of(account.aes_key), app_id=account.app_id)
    return Opened(account, messages.understand(messages.elements(content)), encrypted=True)


def _signed(account: WechatAccount, query: Mapping[str, str]) -> None:
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    crypto.check(query.get("signature", ""), account.token, stamp, nonce)


def _fresh(stamp: str, now: datetime) -> None:
    if not stamp.isdigit() or abs(now.timestamp() - int(stamp[:12])) > _FRESH.total_seconds():
        raise Forged("stale")
