"""The vendor's published examples of signature and encryption, and everything that is none."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ElementTree

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from shouwen.channels.wechat import answers, crypto, messages
from shouwen.channels.wechat.crypto import Forged
from shouwen.channels.wechat.messages import Kind

# -- the vendor's sample code for message encryption: WXBizMsgCryptTest.java, Sample.py

KEY = crypto.key_of("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")
JAVA_APP = "wxb11529c136998cb6"
JAVA_RANDOM = b"aaaabbbbccccdddd"
JAVA = {
    "我是中文abcd123": "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
    "<xml><ToUserName><![CDATA[oia2Tj我是中文jewbmiOUlr6X-1crbLOvLw]]></ToUserName><FromUserName><![CDATA[gh_7f083739789a]]></FromUserName><CreateTime>1407743423</CreateTime><MsgType><![CDATA[video]]></MsgType><Video><MediaId><![CDATA[eYJ1MbwPRJtOvIEabaxHs7TX2D-HV71s79GUxqdUkjm6Gs2Ed1KF3ulAOA9H1xG0]]></MediaId><Title><![CDATA[testCallBackReplyVideo]]></Title><Description><![CDATA[testCallBackReplyVideo]]></Description></Video></xml>": "jn1L23DB+6ELqJ+6bruv23M2GmYfkv0xBh2h+XTBOKVKcgDFHle6gqcZ1cZrk3e1qjPQ1F4RsLWzQRG9udbKWesxlkupqcEcW7ZQweImX9+wLMa0GaUzpkycA8+IamDBxn5loLgZpnS7fVAbExOkK5DYHBmv5tptA9tklE/fTIILHR8HLXa5nQvFb3tYPKAlHF3rtTeayNf0QuM+UW/wM9enGIDIJHF7CLHiDNAYxr+r+OrJCmPQyTy8cVWlu9iSvOHPT/77bZqJucQHQ04sq7KZI27OcqpQNSto2OdHCoTccjggX5Z9Mma0nMJBU+jLKJ38YB1fBIz+vBzsYjrTmFQ44YfeEuZ+xRTQwr92vhA9OxchWVINGC50qE/6lmkwWTwGX9wtQpsJKhP+oS7rvTY8+VdzETdfakjkwQ5/Xka042OlUb1/slTwo4RscuQ+RdxSGvDahxAJ6+EAjLt9d8igHngxIbf6YyqqROxuxqIeIch3CssH/LqRs+iAcILvApYZckqmA7FNERspKA5f8GoJ9sv8xmGvZ9Yrf57cExWtnX8aCMMaBropU/1k+hKP5LVdzbWCG0hGwx/dQudYR/eXp3P0XxjlFiy+9DMlaFExWUZQDajPkdPrEeOwofJb",
}
SAMPLE_TOKEN, SAMPLE_APP = "spamtest", "wx2c2769f8efd9abc2"
SAMPLE_STAMP, SAMPLE_NONCE = "1409735669", "1320562132"
SAMPLE_SIGNATURE = "5d197aaffba7e9b25a30732f161a50dee96bd5fa"
SAMPLE = "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="


@pytest.mark.parametrize("text", JAVA)
def test_the_published_texts_are_encrypted_and_decrypted_as_published(text: str) -> None:
    made = crypto.encrypt(text, key=KEY, app_id=JAVA_APP, random=JAVA_RANDOM)
    assert made == JAVA[text]
    assert crypto.decrypt(made, key=KEY, app_id=JAVA_APP).decode() == text


def test_the_published_message_has_the_published_signature_and_says_what_was_published() -> None:
    signed = (SAMPLE_TOKEN, SAMPLE_STAMP, SAMPLE_NONCE, SAMPLE)
    assert crypto.signature(*signed) == SAMPLE_SIGNATURE
    crypto.check(SAMPLE_SIGNATURE, *signed)
    content = crypto.decrypt(SAMPLE, key=KEY, app_id=SAMPLE_APP)
    message = messages.understand(messages.elements(content))
    assert (message.kind, message.text, message.key) == (
        Kind.TEXT,
        "abcdteT",
        "6054768590064713728",
    )
    assert message.sender == "oyORnuP8q7ou2gfYjqLzSIWZf0rs"
    assert message.account == "gh_10f6c3c3ac5a"


# -- whatever is sent

_TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
_APPS = st.text("abcdef0123456789", min_size=1, max_size=24)


@given(_TEXTS, _APPS, st.binary(min_size=32, max_size=32))
def test_what_is_encrypted_is_decrypted_again_and_for_nobody_else(
    text: str, app_id: str, key: bytes
) -> None:
    made = crypto.encrypt(text, key=key, app_id=app_id)
    assert len(base64.b64decode(made)) % 32 == 0
    assert crypto.decrypt(made, key=key, app_id=app_id).decode() == text
    with pytest.raises(Forged):
        crypto.decrypt(made, key=key, app_id=app_id + "x")
    with pytest.raises(Forged):
        crypto.decrypt(made, key=bytes(32), app_id=app_id) if key != bytes(32) else _forged()


def _forged() -> None:
    raise Forged


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32))
def test_no_bytes_break_the_decryption(noise: bytes, key: bytes) -> None:
    with pytest.raises(Forged):
        crypto.decrypt(base64.b64encode(noise).decode(), key=key, app_id="wx")


def _sealed(whole: bytes) -> str:
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(KEY[:16])).encryptor()
    return base64.b64encode(encryptor.update(whole)).decode()


@pytest.mark.parametrize(
    "whole",
    [
        b"r" * 16 + b"\0\0\0\1" + b"xwx" + b"\x09" * 8 + b"\x08",  # padding that differs
        b"r" * 16 + b"\0\0\0\1" + b"xwx" + b"\0" * 9,  # no padding
        b"r" * 16 + b"\xff\xff\xff\xff" + b"xwx" + b"\x09" * 9,  # longer than it is
        b"r" * 5 + b"\x1b" * 27,  # too short
        b"\x20" * 32,  # nothing but padding
    ],
)
def test_a_length_or_padding_that_is_not_true_is_forged(whole: bytes) -> None:
    assert len(whole) == 32
    with pytest.raises(Forged):
        crypto.decrypt(_sealed(whole), key=KEY, app_id="wx")


@pytest.mark.parametrize("text", ["", "a" * 42, "a" * 44, "a" * 42 + "!", "密" * 43])
def test_a_key_of_another_length_or_alphabet_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        crypto.key_of(text)


@given(_TEXTS)
def test_the_reply_says_what_was_to_be_said_whatever_stands_in_it(text: str) -> None:
    said = "".join(each for each in text if each == "\n" or each.isprintable())
    xml = answers.text(said, to="o<1>", account="gh_&")
    found = ElementTree.fromstring(xml)
    assert found.findtext("ToUserName") == "o<1>"
    assert found.findtext("FromUserName") == "gh_&"
    assert (found.findtext("Content") or "") == said.encode()[:2048].decode(errors="ignore")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(noise: bytes) -> None:
    for body in (noise, b"<xml>" + noise + b"</xml>"):
        try:
            messages.understand(messages.elements(body))
        except messages.Unreadable:
            continue
