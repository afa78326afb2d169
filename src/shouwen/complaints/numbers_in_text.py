"""Telephone numbers that stand in what people wrote, and the same words with them masked [PIPL].

Pure: text in, text out. A number is what people write as one: full-width digits, spaces and dashes
between groups, brackets around the area code, an extension (转801, 分机 801). Dates, amounts, numbers
of complaints, rooms and cards are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers

from shouwen.organization.customers import REGION, mask

_GAP = r"[ \-.·]{0,3}"
# Eleven digits, as one or in the groups that people speak them in.
_MOBILE = re.compile(
    r"(?<!\d)(?:\+?86[ \-]?|\(\+?86\)[ ]?)?"
    rf"1[3-9](?:\d{{9}}|\d{_GAP}\d{{4}}{_GAP}\d{{4}}|\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{4}})(?!\d)"
)
# With its area code; a date (2026-01-03…) and a time before it are none.
_LANDLINE = re.compile(
    rf"(?<!\d)(?<!\d[\-./:])(?:\(0\d{{2,3}}\)|(?:\+?86[ \-]?)?0\d{{2,3}}){_GAP}\d{{3,4}}{_GAP}\d{{4}}(?!\d)"
)
_HOTLINE = re.compile(rf"(?<!\d)(?<!\d[\-./:])[48]00{_GAP}\d{{3,4}}{_GAP}\d{{3,4}}(?!\d)")
# Without its area code it is told from other figures by the word before it.
_LOCAL = re.compile(
    r"(?:电话|電話|座机|座機|固话|致电|致電|拨打|撥打|号码|號碼|tel|phone)[^\d\n]{0,6}"
    r"(?P<number>[2-9]\d{2,3}[ \-]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[ ,]{0,2}(?:转|轉|分机|分機|ext\.?)(?:号|號)?[ :]{0,2}\d{1,6}(?!\d)", re.IGNORECASE
)
_MONEY_BEFORE = re.compile(r"[¥$€][ ]?$")
_MONEY_BEHIND = re.compile(r"[ ]?(?:元|块|塊|万|萬|亿|億|分钱|股|平)")


@dataclass(frozen=True)
class Number:
    """A number in a text: where it stands, and as it may be shown (138****8000)."""

    start: int
    end: int
    masked: str


def found(text: str) -> list[Number]:
    """The telephone numbers of a text, in their order."""
    plain = _plain(text)
    taken: list[Number] = []
    for start, end in sorted(_candidates(plain), key=lambda at: (at[0], -at[1])):
        if taken and start < taken[-1].end:
            continue
        shown = mask(plain[start:end].strip("()"))
        extension = _EXTENSION.match(plain, end)
        if extension:
            word = re.sub(r"\d", "*", text[end : extension.end()])
            end, shown = extension.end(), shown + _starred(word)
        taken.append(Number(start, end, shown))
    return taken


def masked(text: str) -> str:
    """The text with its telephone numbers masked; a text without any comes back as it is."""
    parts, at = [], 0
    for number in found(text):
        parts += [text[at : number.start], number.masked]
        at = number.end
    return "".join([*parts, text[at:]])


def _starred(word: str) -> str:
    """An extension without its digits, however many there were."""
    return re.sub(r"\*+", "**", unicodedata.normalize("NFKC", word))


def _plain(text: str) -> str:
    """Full-width letters and dashes as their narrow ones, character by character."""
    return "".join(_narrow(letter) for letter in text)


_DASHES = "‐‑‒–—―−ー－"


def _narrow(letter: str) -> str:
    if letter in _DASHES:
        return "-"
    if letter in "\u00a0\u3000\t":
        return " "
    narrow = unicodedata.normalize("NFKC", letter)
    return narrow if len(narrow) == 1 else letter


def _candidates(plain: str) -> Iterator[tuple[int, int]]:
    for match in _MOBILE.finditer(plain):
        if not _is_money(plain, match.start(), match.end()):
            yield match.span()
    for pattern in (_LANDLINE, _HOTLINE):
        for match in pattern.finditer(plain):
            if _valid(match[0]) and not _is_money(plain, match.start(), match.end()):
                yield match.span()
    for match in _LOCAL.finditer(plain):
        yield match.span("number")
    if "+" in plain:
        # Of other countries only with their code: without it, figures of any kind pass for numbers.
        for each in phonenumbers.PhoneNumberMatcher(plain, REGION):
            if each.raw_string.startswith("+"):
                yield each.start, each.end


def _valid(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, REGION)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed)


def _is_money(plain: str, start: int, end: int) -> bool:
    return bool(_MONEY_BEFORE.search(plain[:start]) or _MONEY_BEHIND.match(plain, end))
