"""Pushes to a browser: encrypted for it alone, signed for its maker's service, and counted on by nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ValidationError
from pydantic import ValidationError as Invalid
from tests.notices.receivers import Request, receiving

from shouwen.notices import addresses, gateways, keeping_addresses, sending
from shouwen.notices.address import Address, Gateway
from shouwen.notices.message import Message
from shouwen.notices.preferences import Floor
from shouwen.notices.sending import Failed, web_push
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Staff

MESSAGE = Message(
    title="电梯困人",
    lines=("3 栋 1 单元",),
    link="https://complaints.example.cn/n/1/",
    language="zh-hans",
    urgent=True,
)


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Browser:
    """The other end: what a browser holds, and how it opens what arrives (RFC 8291, 8188)."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        self.auth = b"0123456789abcdef"

    def subscription(self, endpoint: str) -> str:
        keys = {"p256dh": text_of(self.public), "auth": text_of(self.auth)}
        return json.dumps({"endpoint": endpoint, "expirationTime": None, "keys": keys})

    def opened(self, body: bytes) -> bytes:
        salt, length = body[:16], body[20]
        theirs, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        )

        def derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
            return HKDF(hashes.SHA256(), length, salt, info).derive(material)

        material = derived(shared, self.auth, b"WebPush: info\0" + self.public + theirs, 32)
        key = derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(material, salt, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, sealed, None)
        assert text.endswith(b"\x02")
        return text[:-1]


@pytest.fixture
def switched_on(db: None) -> gateways.WebPush:
    own = web_push.new_settings()
    gateways.save(Gateway.Kind.WEB_PUSH, own)
    return own


def test_the_example_of_rfc_8291_comes_out_as_printed_there() -> None:
    number = int.from_bytes(bytes_of("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big")
    body = web_push.encrypted(
        b"When I grow up, I want to be a watermelon",
        bytes_of(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcx"
            "aOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        bytes_of("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=bytes_of("DGv6ra1nlYgDCS1FRnbzlw"),
        once=ec.derive_private_key(number, ec.SECP256R1()),
    )
    assert text_of(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
        "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def pushed(browser: Browser, staff: Staff, answer: Callable[[Request], tuple[int, Any]]) -> Request:
    with receiving(answer) as receiver:
        kept = json.dumps(
            {
                "endpoint": f"http://127.0.0.1:{receiver.port}/push/abc",
                "p256dh": text_of(browser.public),
                "auth": text_of(browser.auth),
            }
        )
        address = Address.objects.create(staff=staff, kind="web_push", target=kept)
        try:
            sending.send(address, MESSAGE)
        finally:
            request = receiver.requests[0]
        return request


def test_the_browser_alone_reads_it_and_the_service_knows_whose_it_is(
    switched_on: gateways.WebPush, front_desk: Staff
) -> None:
    browser = Browser()
    request = pushed(browser, front_desk, lambda request: (201, {}))
    assert "电梯".encode() not in request.body
    told = json.loads(browser.opened(request.body))
    assert told["title"].endswith("电梯困人")
    assert told["link"] == MESSAGE.link
    headers = request.headers
    assert (headers["Content-Encoding"], headers["Urgency"]) == ("aes128gcm", "high")
    assert int(headers["TTL"]) > 0
    token, key = (part.split("=", 1)[1] for part in headers["Authorization"][6:].split(", "))
    assert key == web_push.public_key(switched_on)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(key))
    claims = jwt.decode(token, public, algorithms=["ES256"], audience=f"http://{request.host}")
    assert claims["sub"].startswith(("mailto:", "https:"))


def test_a_browser_that_has_gone_is_said_to_be_gone_and_a_busy_service_is_tried_again(
    switched_on: gateways.WebPush, front_desk: Staff
) -> None:
    for status, code, temporary in ((410, "nobody_there", False), (503, "busy", True)):
        Address.objects.all().delete()
        with pytest.raises(Failed) as failed:
            pushed(Browser(), front_desk, lambda request, status=status: (status, {}))
        assert (failed.value.code, failed.value.temporary) == (code, temporary)


def test_it_is_off_until_the_company_switches_it_on(front_desk: Staff) -> None:
    Address.objects.create(staff=front_desk, kind="web_push", target="{}")
    assert "web_push" not in {each.kind for each in addresses.addresses_for(front_desk)}


def test_nothing_counts_on_it(switched_on: gateways.WebPush, front_desk: Staff) -> None:
    with pytest.raises(Invalid):
        Floor(channels={Urgency.EMERGENCY: {"in_app", "web_push"}})
    said = Browser().subscription("https://push.example.com/abc")
    address = keeping_addresses.add_browser(front_desk, said)
    assert not address.reaches_one
    # The same browser once more is the same address, and it is never shown whole.
    assert keeping_addresses.add_browser(front_desk, said) == address
    assert "abc" not in str(list(Address.objects.values_list("pk", "name")))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        '{"endpoint": "https://push.example.com/"}',
        Browser().subscription("http://push.example.com/abc"),
        Browser().subscription("https://127.0.0.1/abc"),
        Browser().subscription("https://10.0.0.7/abc"),
    ],
)
def test_what_is_no_subscription_or_leads_inside_is_refused(
    switched_on: gateways.WebPush, front_desk: Staff, said: str
) -> None:
    with pytest.raises(ValidationError):
        keeping_addresses.add_browser(front_desk, said)
