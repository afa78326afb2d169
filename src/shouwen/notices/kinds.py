"""The kinds of notices and their words; rooms and features register their own when they are loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True)
class Kind:
    """One kind of notice.

    `title` says what, with places in braces for facts of the notice ("{duty}"); `label` what the kind
    is called where a person switches it off. `quiet`: it is never sent out of the house.
    """

    name: str
    label: Words
    title: Words
    quiet: bool = False

    def said(self, facts: dict[str, Any]) -> str:
        """The title with the facts put in; a fact that is missing is left out."""
        return str(self.title).format_map(_Known(facts))


class _Known(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return ""


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError where the name is taken."""
    if kind.name in KINDS:
        raise ValueError(f"There is a kind of notice {kind.name!r} already.")
    KINDS[kind.name] = kind
