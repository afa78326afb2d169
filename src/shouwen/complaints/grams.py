"""How words are made comparable, and what of them is indexed for search.

The embedded PostgreSQL knows neither Chinese words nor trigrams, so a text is indexed by short
pieces of its own: pairs of Chinese characters, threes of letters and digits. What the pieces find is
compared with the text itself afterwards, so they only have to lose nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import opencc

# Runs of alphabets' letters and digits, of ideographs and their like, single signs, and marks.
_RUNS = re.compile(
    r"(?P<narrow>[^\W\u2e80-\U0010ffff]+)|(?P<wide>[^\W\u0000-\u2e7f]+)"
    r"|(?P<mark>\ue000[\ue001-\ue0ff]+)|(?P<sign>[^\w\s\ue000-\uf8ff])"
)
_SIZES = {"narrow": 3, "wide": 2, "sign": 1}
_MARK = 0xE000


@lru_cache(maxsize=1)
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class _Folding(dict[int, str]):
    """Every character by its folded form, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in "\n\t":
            folded = character
        elif unicodedata.category(character) in ("Cc", "Cs", "Co"):
            folded = " "
        else:
            plain = unicodedata.normalize("NFKC", character).casefold()
            folded = "".join(_simplified().convert(each) for each in plain)
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text as it is compared: compatible forms (Ａ, ①) as plain ones, case folded, Simplified.

    Character by character, so that whatever part of a text is folded is a part of the folded text.
    Control and private characters become spaces.
    """
    return text.translate(_FOLDING)


def mark(code: str) -> str:
    """A code as a word that nobody can write: letters of the private range, between two others."""
    return f"{piece_of_mark(code)}{chr(_MARK)}"


def piece_of_mark(code: str) -> str:
    """What stands in the index for a code."""
    return chr(_MARK) + "".join(chr(_MARK + ord(each)) for each in code)


def pieces(folded: str) -> set[str]:
    """What a folded text is indexed by.

    Pairs of ideographs, threes of other letters and digits, single signs, whole marks. At the end of
    a run the shorter rest as well, so that whatever is shorter than a piece is the beginning of one.
    """
    found: set[str] = set()
    for kind, run in _runs(folded):
        if kind == "mark":
            found.add(run)
        else:
            size = _SIZES[kind]
            found |= {run[place : place + size] for place in range(len(run))}
    return found


def query(folded: str) -> str:
    """What finds in the index every text that holds `folded`, as a PostgreSQL `tsquery`.

    "" for nothing but spaces. What is shorter than a piece asks for its beginning, and only where
    nothing longer narrows better.
    """
    whole: set[str] = set()
    short: set[str] = set()
    for kind, run in _runs(folded):
        size = _SIZES[kind]
        if len(run) < size:
            short.add(f"{_lexeme(run)}:*")
        elif kind == "sign":
            short.add(_lexeme(run))
        else:
            # Of letters and digits side by side: the more pieces, the longer they take to compare.
            step = size if kind == "narrow" else 1
            places = [*range(0, len(run) - size, step), len(run) - size]
            whole |= {run[place : place + size] for place in places}
    return " & ".join(sorted(map(_lexeme, whole)) or sorted(short))


def marked(code: str) -> str:
    """What finds in the index the texts that bear the mark of a code."""
    return _lexeme(piece_of_mark(code))


def _lexeme(piece: str) -> str:
    quoted = piece.replace("\\", "\\\\").replace("'", "''")
    return f"'{quoted}'"


def _runs(folded: str) -> Iterator[tuple[str, str]]:
    for run in _RUNS.finditer(folded):
        assert run.lastgroup is not None
        yield run.lastgroup, run.group()
