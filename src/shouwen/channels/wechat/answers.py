"""The passive reply: a text in the vendor's XML, encrypted where the account's messages are."""

from __future__ import annotations

import secrets
import time
from xml.sax.saxutils import escape

from shouwen.channels.wechat import crypto

#: Bytes of a text that the vendor passes on whole.
LARGEST = 2_048
#: What the vendor takes for: received, and nothing to say.
NOTHING = "success"


def text(words: str, *, to: str, account: str, now: int | None = None) -> str:
    """The reply as XML."""
    cut = words.encode()[:LARGEST].decode(errors="ignore")
    return (
        "<xml>"
        f"<ToUserName>{escape(to)}</ToUserName>"
        f"<FromUserName>{escape(account)}</FromUserName>"
        f"<CreateTime>{now or int(time.time())}</CreateTime>"
        "<MsgType>text</MsgType>"
        f"<Content>{escape(cut)}</Content>"
        "</xml>"
    )


def sealed(xml: str, *, token: str, key: bytes, app_id: str, now: int | None = None) -> str:
    """The reply in the envelope of encrypted messages."""
    stamp, nonce = str(now or int(time.time())), secrets.token_hex(8)
    encrypted = crypto.encrypt(xml, key=key, app_id=app_id)
    signature = crypto.signature(token, stamp, nonce, encrypted)
    return (
        "<xml>"
        f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{stamp}</TimeStamp>"
        f"<Nonce><![CDATA[{nonce}]]></Nonce>"
        "</xml>"
    )
