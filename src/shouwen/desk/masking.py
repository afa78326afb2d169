"""Telephone numbers in what somebody writes: named beside the words, and masked when they say so.

Nothing is masked that was not asked for, and nothing with a number is kept before the writer has seen
the line that names it: a form that holds numbers its sender was not shown is answered with that line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shouwen.complaints.numbers_in_text import found, masked
from shouwen.complaints.steps.table import Asks

TICKED, SEEN = "mask_numbers", "numbers_seen"
_WIDGETS = ("text", "textarea")


@dataclass(frozen=True)
class Offer:
    """The numbers in one form's words, as they may be shown, and what its sender said to them.

    `named` are those that the form named when it was sent. `prefix` is the form's, `place` the id
    of the line on the page.
    """

    numbers: tuple[str, ...]
    named: tuple[str, ...]
    ticked: bool
    prefix: str
    place: str

    @property
    def unseen(self) -> bool:
        """Whether its sender has not seen all of them named."""
        return not set(self.numbers) <= set(self.named)

    @property
    def stale(self) -> bool:
        """Whether the line on the page names others than there are."""
        return self.numbers != self.named

    @property
    def tick_name(self) -> str:
        """The name of the box."""
        return _placed(TICKED, self.prefix)

    @property
    def seen_name(self) -> str:
        """The name of the field that says which numbers were named."""
        return _placed(SEEN, self.prefix)

    @property
    def seen(self) -> str:
        """What that field holds."""
        return ",".join(self.numbers)


def offer(step: Asks, sent: Mapping[str, Any], prefix: str = "") -> Offer:
    """What the words of a form that was sent hold; without any numbers an empty offer."""
    numbers: list[str] = []
    for name in _fields(step):
        text = sent.get(_placed(name, prefix)) or ""
        numbers += [each.masked for each in found(str(text))]
    named = str(sent.get(_placed(SEEN, prefix)) or "").split(",")
    return Offer(
        tuple(dict.fromkeys(numbers)),
        tuple(filter(None, named)),
        bool(sent.get(_placed(TICKED, prefix))),
        prefix,
        f"{prefix or step.name}-numbers",
    )


def without_numbers(step: Asks, said: Mapping[str, Any]) -> dict[str, Any]:
    """What a step is told, with the telephone numbers in its free texts masked."""
    free = _fields(step)
    return {
        name: masked(value) if name in free and isinstance(value, str) else value
        for name, value in said.items()
    }


def _fields(step: Asks) -> list[str]:
    """The fields of a step in which people write freely."""
    return [
        name
        for name, how in step.data.shown().items()
        if how.kept == "text" and how.widget in _WIDGETS
    ]


def _placed(name: str, prefix: str) -> str:
    return f"{prefix}-{name}" if prefix else name
