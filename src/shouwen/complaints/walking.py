"""Reading complaints in an order, as far as a page needs: as quick among a million as among a few.

Each share of what somebody may see is read in the order of an index, no further than the page. Words
are looked for in the texts of the first complaints in that order, where many searches end. What is
rarer is found by the index of the words: among the days in which the page should fill, else anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, Expression, F, Func, Lookup, Q, QuerySet, Value
from django.db.models.lookups import (
    GreaterThan,
    GreaterThanOrEqual,
    LessThan,
    LessThanOrEqual,
)

from shouwen.complaints import rules, search_text
from shouwen.complaints.grams import marked
from shouwen.complaints.models import Complaint
from shouwen.complaints.search import Wanted, fenced
from shouwen.organization.isolation import projects_ever
from shouwen.organization.models import Staff

# In the order of the list: when, and the id.
Key = tuple[datetime, int]

# How many complaints are looked through before it is known how common the words are; and so many
# once more, at the most, where that fills the page.
FIRST, MORE = 500, 1500
# As many where the order is none of days, and the index therefore cannot be asked for some only.
MOST = 6000
# The index is asked for some days only where these are few, and hold few complaints.
DAYS, TIMES = 62, 60


@dataclass(frozen=True)
class Walk:
    """A way through the complaints that a person may see and that meet a condition.

    By `column`, the greatest first where `falling`, and by id; behind `mark` where there is one.
    `categories` are the codes of those that the condition asks for, which the index of the words
    knows as well.
    """

    person: Staff
    condition: Q
    column: str
    falling: bool
    mark: Key | None = None
    categories: tuple[str, ...] = ()

    def first(self, limit: int, sought: Wanted | None = None) -> list[Key]:
        """The first so many of the way; with `sought` only those that the words find."""
        return self._read(limit) if sought is None else self._sought(sought, limit)

    def count(self, most: int, sought: Wanted | None = None) -> int:
        """How many there are on the way, counted no further than `most`."""
        if sought is None:
            return self._ordered(most).count()
        if self._after(MOST) is None:
            return self._ordered(most, sought.on_complaints).count()
        hits = self._hits(sought)
        texts = hits if sought.telephone is None else hits | sought.telephone
        shares = [share.values_list("pk")[:most] for share in self._shares(texts)]
        if len(shares) < 2:
            return sum(share.count() for share in shares)
        return min(most, shares[0].union(*shares[1:]).count())

    def behind(self, mark: Key) -> Walk:
        """The same way from there."""
        return replace(self, mark=mark)

    def _sought(self, sought: Wanted, limit: int) -> list[Key]:
        found: list[Key] = []
        walk, walked, size = self, 0, FIRST
        while True:
            end = walk._after(size)
            texts = (
                sought.on_complaints if end is None else Q(sought.on_complaints, walk._upto(end))
            )
            found += walk._read(limit - len(found), texts)
            if end is None or len(found) >= limit:
                return found
            walk, walked = walk.behind(end), walked + size
            # How many more have to be looked through, as it seems.
            missing = (limit - len(found)) * walked / (len(found) or 0.5)
            if missing > (MORE if self._by_day else MOST - walked):
                break
            size = max(int(missing * 1.3), FIRST)
        if self._by_day:
            window = self._window(end, missing / walked * 2)
            if window:
                near = walk._indexed(sought, limit - len(found), window)
                if len(found) + len(near) >= limit:
                    return found + near
        return found + walk._indexed(sought, limit - len(found))

    @property
    def _by_day(self) -> bool:
        return self.column == "received_at"

    def _window(self, end: Key, times: float) -> str:
        """The days from `end` on, `times` as many as were walked until then, for the index.

        Whole days, all of them; "" for too many.
        """
        start = (self.mark or self._read(1)[0])[0]
        days = abs(end[0] - start) / timedelta(days=1) * times + 1
        if times > TIMES or days > DAYS:
            return ""
        first, step = end[0].astimezone(UTC), -1 if self.falling else 1
        each = [first + timedelta(days=step * place) for place in range(int(days) + 1)]
        return " | ".join(marked(search_text.of_day(day)) for day in each)

    def _indexed(self, sought: Wanted, limit: int, window: str = "") -> list[Key]:
        found: set[Key] = set()
        for share in self._shares(self._hits(sought, window)):
            found.update(self._sorted(share, limit))
        if sought.telephone is not None:
            found.update(self._read(limit, sought.telephone))
        return sorted(found, reverse=self.falling)[:limit]

    def _hits(self, sought: Wanted, window: str = "") -> Q:
        """What the index finds, asked for as little as may be."""
        seen = projects_ever(self.person) or ()
        projects = " | ".join(marked(search_text.of_project(each)) for each in sorted(seen))
        categories = " | ".join(map(marked, self.categories))
        return sought.by_index(*filter(None, [window, projects, categories]))

    def _sorted(self, found: QuerySet[Complaint], limit: int) -> list[Key]:
        # Asked for the first of what the index finds, the planner would rather walk in order.
        sql, params = fenced(found.values_list(self.column, "pk"))
        way = "DESC" if self.falling else "ASC"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM ({sql}) AS found ORDER BY 1 {way}, 2 {way} LIMIT %s",
                [*params, limit],
            )
            return cursor.fetchall()

    def _read(self, limit: int, further: Q | None = None) -> list[Key]:
        return list(self._ordered(limit, further))

    def _after(self, size: int) -> Key | None:
        """The key of the last of so many; None where there are not more than so many."""
        keys = list(self._ordered(size + 1)[size - 1 :])
        return keys[0] if len(keys) == 2 else None

    def _ordered(self, limit: int, further: Q | None = None) -> QuerySet[Complaint, Key]:
        sign = "-" if self.falling else ""
        order = (f"{sign}{self.column}", f"{sign}pk")
        shares = [
            share.order_by(*order).values_list(self.column, "pk")[:limit]
            for share in self._shares(further)
        ]
        if not shares:
            return Complaint.objects.none().values_list(self.column, "pk")
        if len(shares) == 1:
            return shares[0]
        return shares[0].union(*shares[1:]).order_by(*order)[:limit]

    def _shares(self, further: Q | None) -> Iterable[QuerySet[Complaint]]:
        found = Complaint.objects.filter(self.condition).exclude(about=self.person)
        if further is not None:
            found = found.filter(further)
        if self.column == "next_due_at":
            found = found.filter(next_due_at__isnull=False)
        if self.mark is not None:
            found = found.filter(self._beyond(self.mark))
        return [found.filter(share) for share in rules.shares_of(self.person)]

    def _beyond(self, mark: Key) -> Lookup[Any]:
        return self._compared(LessThan if self.falling else GreaterThan, mark)

    def _upto(self, mark: Key) -> Lookup[Any]:
        return self._compared(GreaterThanOrEqual if self.falling else LessThanOrEqual, mark)

    def _compared(self, how: type[Lookup[Any]], mark: Key) -> Lookup[Any]:
        # As rows, which the planner finds in the index and rightly takes for a range of it.
        value, pk = mark
        return how(_row(F(self.column), F("pk")), _row(Value(value), Value(pk)))


def _row(*columns: Expression | F) -> Func:
    return Func(*columns, template="(%(expressions)s)", output_field=DateTimeField())
