"""What never reaches a customer: blame, internal notes, other customers, telephones and homes.

Free words of staff (the reason of a delay, the result) are repeated only where they pass here; where
one does not, a general word stands for it and nothing is sent without somebody having read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence

#: Never said to a customer, in any language [R3]; compared without spaces, width and case.
_NEVER = (
    "非合理",
    "不合理",
    "无理",
    "無理",
    "无责",
    "無責",
    "不成立",
    "恶意投诉",
    "惡意投訴",
    "unjustified",
    "notjustified",
    "unreasonable",
    "unfounded",
    "groundless",
    "notatfault",
)
#: So many characters in a row that an internal note says too are no accident.
_SAME = 6
#: A shorter note says nothing that could be recognised.
_SHORTEST = 4
_TITLED = re.compile(
    r"[\u4e00-\u9fff]{1,3}\s*(先生|女士|小姐|太太|阿姨|叔叔|大爷|大妈|老师|业主|住户|租户|住戶|業主|租戶)"
    r"|\b(Mr|Mrs|Ms|Miss)\b",
    re.IGNORECASE,
)
_HOME = re.compile(
    r"\d+\s*[-－–—]\s*\d+"  # 3-1-802
    r"|\d+\s*(栋|幢|座|号楼|單元|单元|室|户|戶|号房|房)"
    r"|[一二三四五六七八九十]+\s*(栋|幢|座|号楼|单元|單元)"
)
_DIGITS = re.compile(r"\d(?:[\s-]?\d){6,}")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if not c.isspace() and unicodedata.category(c) != "Cf")


def forbidden(text: str) -> str:
    """The first word in the text that no customer is told; "" where there is none."""
    plain = _plain(text)
    return next((word for word in _NEVER if word in plain), "")


def _letters(text: str) -> str:
    return "".join(c for c in _plain(text) if c.isalnum())


def repeats(text: str, notes: Collection[str]) -> bool:
    """Whether the text says what one of the internal notes says."""
    said = _letters(text)
    for note in notes:
        noted = _letters(note)
        if len(noted) < _SHORTEST:
            continue
        size = min(_SAME, len(noted))
        if any(noted[n : n + size] in said for n in range(len(noted) - size + 1)):
            return True
    return False


def fit(text: str, *, notes: Collection[str], others: Sequence[str]) -> bool:
    """Whether free words of staff may be repeated to the customer.

    `others` are the names of other customers whom the words could mean.
    """
    plain = unicodedata.normalize("NFKC", text)
    if forbidden(text) or _TITLED.search(plain) or _HOME.search(plain) or _DIGITS.search(plain):
        return False
    folded = _plain(text)
    if any(name and name in folded for name in map(_plain, others)):
        return False
    return not repeats(text, notes)
