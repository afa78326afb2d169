"""Reading complaints in an order, as far as a page needs: as quick among a million as among a few.

Each share of what somebody may see is read in the order of an index, no further than the page. Words
are looked for in the texts of the first complaints in that order, where most searches end; what is
so rare that the page would not fill is found by the index of the words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from math import sqrt

from django.db.models import Q, QuerySet

from shouwen.complaints import rules
from shouwen.complaints.models import Complaint
from shouwen.complaints.search import Wanted
from shouwen.organization.models import Staff

# In the order of the list: when, and the id.
Key = tuple[datetime, int]

# How many complaints are looked through before it is known how common the words are, and at once
# from then on.
FIRST, AT_ONCE = 500, 3000
# Fewer than so many among the first: the index finds the rest sooner.
FEW = 4


@dataclass(frozen=True)
class Walk:
    """A way through the complaints that a person may see and that meet a condition.

    By `column`, the greatest first where `falling`, and by id; behind `mark` where there is one.
    """

    person: Staff
    condition: Q
    column: str
    falling: bool
    mark: Key | None = None

    def first(self, limit: int, sought: Wanted | None = None) -> list[Key]:
        """The first so many of the way; with `sought` only those that the words find."""
        return self._read(limit) if sought is None else self._sought(sought, limit)

    def behind(self, mark: Key) -> Walk:
        """The same way from there."""
        return replace(self, mark=mark)

    def _sought(self, sought: Wanted, limit: int) -> list[Key]:
        found: list[Key] = []
        walk, walked, size = self, 0, FIRST
        # Where looking through the texts takes as long as the index does, among a million.
        most = FIRST + 1000 * sqrt(limit)
        while True:
            keys = walk._read(size)
            ids = [pk for _value, pk in keys]
            hits = Complaint.objects.filter(pk__in=ids).filter(sought.on_complaints)
            hit = set(hits.values_list("pk", flat=True))
            found += [key for key in keys if key[1] in hit]
            walked += len(keys)
            if len(found) >= limit or len(keys) < size:
                return found[:limit]
            walk = walk.behind(keys[-1])
            missing = (limit - len(found)) * walked / max(len(found), 1)
            if len(found) < FEW or walked + missing > most:
                return [*found, *walk._indexed(sought, limit - len(found))]
            size = min(max(int(missing * 1.2), FIRST), AT_ONCE)

    def _indexed(self, sought: Wanted, limit: int) -> list[Key]:
        # All that the index finds, ordered here: asked for the first of them, the planner would
        # rather walk through everything in order.
        found: set[Key] = set()
        for share in self._shares(Q(pk__in=sought.by_index.values("pk"))):
            found.update(share.values_list(self.column, "pk"))
        if sought.telephone is not None:
            found.update(self._read(limit, sought.telephone))
        return sorted(found, reverse=self.falling)[:limit]

    def _read(self, limit: int, further: Q | None = None) -> list[Key]:
        sign = "-" if self.falling else ""
        order = (f"{sign}{self.column}", f"{sign}pk")
        shares = [
            share.order_by(*order).values_list(self.column, "pk")[:limit]
            for share in self._shares(further)
        ]
        if not shares:
            return []
        if len(shares) == 1:
            return list(shares[0])
        return list(shares[0].union(*shares[1:]).order_by(*order)[:limit])

    def _shares(self, further: Q | None) -> Iterable[QuerySet[Complaint]]:
        found = Complaint.objects.filter(self.condition).exclude(about=self.person)
        if further is not None:
            found = found.filter(further)
        if self.column == "next_due_at":
            found = found.filter(next_due_at__isnull=False)
        if self.mark is not None:
            found = found.filter(self._beyond(self.mark))
        return [found.filter(share) for share in rules.shares_of(self.person)]

    def _beyond(self, mark: Key) -> Q:
        value, pk = mark
        beyond = "lt" if self.falling else "gt"
        # Said twice, so that the index begins there.
        return Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | Q(**{f"pk__{beyond}": pk})
        )
