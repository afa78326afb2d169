"""WeChat's servers as the vendor documents them: they sign, encrypt, send, and open the reply.

Written apart from the product's own code, so that both must agree with the document.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PATIENCE = 5  # seconds that the vendor waits for the passive reply


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


@dataclass
class Answer:
    """What came back: the text of the passive reply, "" for none; how long it took."""

    status: int
    body: bytes
    seconds: float
    text: str = ""
    to: str = ""


@dataclass
class WechatServer:
    """One official account at the vendor. `encrypts` is how its messages leave."""

    url: str
    token: str
    aes_key: str
    app_id: str
    encrypts: bool = False
    client: Any = None
    serial: int = field(default_factory=lambda: 6_054_768_590_064_713_728)

    # -- as the vendor's document has it

    @property
    def _key(self) -> bytes:
        return base64.b64decode(self.aes_key + "=")

    def encrypt(self, text: str) -> str:
        content = text.encode()
        whole = secrets.token_bytes(16) + len(content).to_bytes(4, "big") + content
        whole += self.app_id.encode()
        fill = 32 - len(whole) % 32
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).encryptor()
        return base64.b64encode(cipher.update(whole + bytes([fill]) * fill)).decode()

    def decrypt(self, text: str) -> str:
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
        whole = cipher.update(base64.b64decode(text))
        whole = whole[16 : -whole[-1]]
        size = int.from_bytes(whole[:4], "big")
        assert whole[4 + size :].decode() == self.app_id
        return whole[4 : 4 + size].decode()

    # -- what it sends

    def message(self, kind: str, sender: str = "oNeighbour01", **elements: str) -> str:
        """The XML of a message of its own number."""
        self.serial += 1
        said = {
            "ToUserName": "gh_10f6c3c3ac5a",
            "FromUserName": sender,
            "CreateTime": str(int(time.time())),
            "MsgType": kind,
        } | elements
        if kind != "event":
            said.setdefault("MsgId", str(self.serial))
        inner = "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in said.items())
        return f"<xml>{inner}</xml>"

    def query(self, **more: str) -> dict[str, str]:
        stamp, nonce = str(int(time.time())), secrets.token_hex(5)
        signed = {"timestamp": stamp, "nonce": nonce, "signature": sha1(self.token, stamp, nonce)}
        return signed | more

    def verify(self, **wrong: str) -> Answer:
        """Ask for the address by GET, as when it is entered."""
        return self._ask(self.query(echostr="4075181314397890557") | wrong, None)

    def send(self, xml: str, **wrong: str) -> Answer:
        """Send a message; its passive reply, opened."""
        query = self.query()
        body = xml
        if self.encrypts:
            sealed = self.encrypt(xml)
            signature = sha1(self.token, query["timestamp"], query["nonce"], sealed)
            query |= {"encrypt_type": "aes", "msg_signature": signature}
            to = ElementTree.fromstring(xml).findtext("ToUserName")
            body = f"<xml><ToUserName><![CDATA[{to}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
        answer = self._ask(query | wrong, body.encode())
        if answer.body.startswith(b"<xml>"):
            self._open(answer)
        return answer

    def raw(self, body: bytes) -> Answer:
        """Send what is no message, properly signed."""
        return self._ask(self.query(), body)

    def _open(self, answer: Answer) -> None:
        found = ElementTree.fromstring(answer.body)
        if self.encrypts:
            sealed = found.findtext("Encrypt", "")
            stamp, nonce = found.findtext("TimeStamp", ""), found.findtext("Nonce", "")
            assert found.findtext("MsgSignature") == sha1(self.token, stamp, nonce, sealed)
            found = ElementTree.fromstring(self.decrypt(sealed))
        assert found.findtext("MsgType") == "text"
        assert found.findtext("FromUserName") == "gh_10f6c3c3ac5a"
        answer.text = found.findtext("Content", "")
        answer.to = found.findtext("ToUserName", "")
        assert len(answer.text.encode()) <= 2048

    def _ask(self, query: dict[str, str], body: bytes | None) -> Answer:
        address = f"{self.url}?{urllib.parse.urlencode(query)}"
        began = time.monotonic()
        if self.client is not None:
            method = "GET" if body is None else "POST"
            found = self.client.generic(method, address, body or b"", "text/xml")
            return Answer(found.status_code, found.getvalue(), time.monotonic() - began)
        request = urllib.request.Request(address, body)
        request.add_header("Content-Type", "text/xml")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.read(), time.monotonic() - began)
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), time.monotonic() - began)
