"""How often: complaints of the last quarter as thirteen small bars, one a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

WEEKS = 13
BAR_HEIGHT = 44


@dataclass(frozen=True)
class Bar:
    """One week of the small chart, in the units of its SVG."""

    x: int
    y: int
    height: int


def bars(moments: Iterable[datetime], now: datetime) -> list[Bar]:
    """A bar for each of the last thirteen weeks, the present one last; earlier moments are left out."""
    weeks = [0] * WEEKS
    for moment in moments:
        age = (now - moment).days // 7
        if 0 <= age < WEEKS:
            weeks[WEEKS - 1 - age] += 1
    most = max([*weeks, 1])
    found = []
    for index, number in enumerate(weeks):
        height = round(number / most * (BAR_HEIGHT - 2)) or 1
        found.append(Bar(index * 20, BAR_HEIGHT - height, height))
    return found
