"""Bytes of a message to text, whatever it says of itself: mail programs declare wrongly, or nothing."""

from __future__ import annotations

import codecs
import re

_SAME = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "ms936": "gb18030",
    "big5": "big5hkscs",
    "x-big5": "big5hkscs",
    "cp950": "big5hkscs",
    "utf8": "utf-8",
    "utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
}
# Programs that know nothing better declare these; every byte is something in them.
_MEANS_NOTHING = frozenset({"ascii", "iso8859-1", "cp1252", "latin_1"})
_CHINESE = re.compile("[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
# The most frequent characters of everyday prose, both scripts: what a wrong reading hardly ever hits.
_COMMON = frozenset(
    "的一是不了在人有我他这那们来到时大地为子中你说生国年着就和要她出也得里后自以会家可下而过天"
    "去能对小多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所"
    "同日手又行意动方期它头经长儿回位分爱老因很给名法间知世什两次使身者被高已亲其进此话常与活正感"
    "您请门楼修水电漏停车噪音管理处投诉業這們來時為國說後會過對學麼發沒還種從無現頭經長兒愛給間"
    "兩進話與您請門樓電車處訴問題報"
    "，。！？：；、（）"
)


def decode(data: bytes, declared: str = "") -> str:
    """The text of these bytes; never raises. What cannot be read is the replacement character.

    What is declared counts where it can be true: UTF-8 that holds Chinese is UTF-8, and what does
    not decode as declared is read as what it most likely is.
    """
    if data.isascii():
        codec = _codec(declared)
        # Escape sequences: all of it is ASCII on the wire.
        if codec in ("hz", "iso2022_jp", "iso2022_kr", "utf-7"):
            return _loosely(data, codec)
        return data.decode("ascii")
    for mark, codec in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _loosely(data, codec)
    unicode = _strictly(data, "utf-8")
    if unicode is not None and (_CHINESE.search(unicode) or not declared):
        return unicode
    codec = _codec(declared)
    if codec and codec not in _MEANS_NOTHING:
        text = _strictly(data, codec)
        if text is not None:
            return text
    return _likeliest(data, unicode, codec)


def _likeliest(data: bytes, unicode: str | None, codec: str) -> str:
    if unicode is not None:
        return unicode
    read = [
        text for each in ("gb18030", "big5hkscs") if (text := _strictly(data, each)) is not None
    ]
    if read:
        return max(read, key=_plausible)
    # Broken somewhere: the reading with the fewest broken places, the declared one first.
    tries = [codec] if codec and codec not in _MEANS_NOTHING else []
    loose = [_loosely(data, each) for each in (*tries, "utf-8", "gb18030", "big5hkscs")]
    return min(loose, key=lambda text: text.count("\ufffd") - _plausible(text) * 10)


def _plausible(text: str) -> float:
    """How much of what is not ASCII is everyday Chinese."""
    foreign = [c for c in text[:20_000] if ord(c) > 127]
    return sum(c in _COMMON for c in foreign) / len(foreign) if foreign else 1.0


def _codec(declared: str) -> str:
    """Python's name for a declared charset; "" for one that nobody knows or that decodes no text."""
    name = declared.strip().strip("'\"").lower().replace(" ", "")
    name = _SAME.get(name, name)
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError, TypeError):
        return ""
    # rot13, base64 and their like are codecs too, but no charsets.
    if not getattr(found, "_is_text_encoding", True) or found.name in (
        "idna",
        "punycode",
        "undefined",
    ):
        return ""
    return _SAME.get(found.name, found.name)


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _loosely(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("utf-8", "replace")
