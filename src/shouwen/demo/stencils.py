"""Texts with holes: what many rows have in common is written once, then filled in for each.

A hole is a value of the kind that belongs there (a text, a whole number, a moment), so that whatever
makes the text (the canonical form of an entry, say) makes it as of any other value.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

# Nothing that is written in earnest looks like these.
_TEXT = "qz{}zq"
_NUMBER = 9_007_100_000_000_000
_MOMENT = datetime(9000, 1, 1, tzinfo=UTC)
_HASH = b"\xfe" * 28
_SIGNS = re.compile(
    r"qz(?P<text>\d+)zq|9007100(?P<number>\d{9})|9000-01-01T00:00:00\.(?P<moment>\d{6})Z"
    rf"|{_HASH.hex()}(?P<hash>[0-9a-f]{{8}})"
)


class Holes:
    """The holes of some texts by name; a name stands for one value, whatever kind it is shown as."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def _place(self, name: str) -> int:
        return self._places.setdefault(name, len(self._places))

    def text(self, name: str) -> str:
        """A hole among texts."""
        return _TEXT.format(self._place(name))

    def number(self, name: str) -> int:
        """A hole among whole numbers."""
        return _NUMBER + self._place(name)

    def moment(self, name: str) -> datetime:
        """A hole among moments that are written as in the canonical form of an entry."""
        return _MOMENT + timedelta(microseconds=self._place(name))

    def hash(self, name: str) -> bytes:
        """A hole among hashes."""
        return _HASH + self._place(name).to_bytes(4, "big")

    def among(self, text: str) -> bool:
        """Whether the text has a hole."""
        return _SIGNS.search(text) is not None

    def stencil(self, text: str) -> str:
        """The text as a format: `stencil % {name: value, …}` fills it in."""
        names = list(self._places)

        def named(sign: re.Match[str]) -> str:
            base = 16 if sign["hash"] else 10
            return f"%({names[int(sign[sign.lastgroup or 0], base)]})s"

        return _SIGNS.sub(named, text.replace("%", "%%"))
