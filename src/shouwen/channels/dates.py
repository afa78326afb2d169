"""How a column of a file writes its times: what fits the values that were looked at.

Day and month are never guessed: where both orders fit, a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.channels.mapping import ISO

#: Different values that are tried.
TRIED = 300


class Order(NamedTuple):
    """An order of year, month and day, and the formats in which people write it."""

    name: str
    label: Promise
    formats: tuple[str, ...]


_CLOCKS = (" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "")


def _written(*days: str) -> tuple[str, ...]:
    return tuple(day + clock for day in days for clock in _CLOCKS)


ORDERS: dict[str, Order] = {
    order.name: order
    for order in (
        Order(
            "year",
            _("年、月、日"),
            (
                ISO,
                *_written("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"),
                *("%Y年%m月%d日%H:%M", "%Y年%m月%d日 %H时%M分", "%Y年%m月%d日%H时%M分"),
                *("%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d"),
            ),
        ),
        Order("month", _("月、日、年"), _written("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y")),
        Order("day", _("日、月、年"), _written("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")),
    )
}


def read(value: str, formats: Iterable[str]) -> tuple[str, datetime] | None:
    """The first of the formats by which the value is a time, and that time."""
    for each in formats:
        try:
            if each == ISO:
                return each, datetime.fromisoformat(value)
            return each, datetime.strptime(value, each)
        except ValueError:
            continue
    return None


def fitting(values: Iterable[str]) -> dict[str, list[str]]:
    """The orders by which most values are times: name → formats, those that were met first.

    The other formats of the order follow, for rows that nobody has looked at yet. Some values may
    be no times at all: old books are not clean.
    """
    texts = list(islice(values, TRIED))
    found = {}
    for order in ORDERS.values():
        met: Counter[str] = Counter()
        for text in texts:
            # Whatever does not begin with a digit is no time in any of the formats.
            hit = read(text, [*met, *order.formats]) if text[:1].isdigit() else None
            if hit is not None:
                met[hit[0]] += 1
        if met.total() * 2 >= len(texts) > 0:
            often = [each for each, _times in met.most_common()]
            found[order.name] = [*often, *(each for each in order.formats if each not in met)]
    return found
