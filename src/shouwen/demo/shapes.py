"""The demo's complaints as templates: a whole ledger moved to another week and minute, still true.

Whether it is true there is not assumed but asked of the engine: holidays lie elsewhere in that
week, and a period of working days ends at midnight however late in the day it began.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.clocks import calendars, firing, folding, regulations, versions
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.projection import SUBJECT
from shouwen.records import ledger
from shouwen.records.models import Entry

#: In the facts of a copy's first entry: the number of the complaint that it was copied from.
COPY_OF = "copy_of"
#: The demo's own complaints are the first of a database; no more of them are looked through.
OWN = 1_000
#: How much later than its earliest moment a copy may lie; the first that holds is taken.
SPREADS = tuple(timedelta(minutes=minutes) for minutes in (360, 120, 40, 10, 2, 0))
#: A timekeeper fires when it looks: so much after the moment is still on time.
AS_SEEN = timedelta(minutes=1)

# What a copy could not say truly: files that it does not have, complaints that it points at.
_ENTANGLED = frozenset({"attached", "erased", "imported", "merged", "split"})
_POINTING = frozenset({"incident", "merged_here", "split_from"})
_SHOWN = ("project", "home", "category__parent")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_CLOCK_TIMES = ("started_at", "due_at", "due_known_at", "stopped_at", "next_fire_at")


@dataclass(frozen=True, eq=False)
class Template:
    """One of the demo's own complaints with everything that is stored about it."""

    complaint: Complaint
    columns: Mapping[str, Any]
    entries: Sequence[Entry]
    works: Sequence[Mapping[str, Any]]
    subject: folding.Subject

    @property
    def weight(self) -> int:
        """How often it is copied: grave matters are rare."""
        return {"routine": 12, "complex": 4}.get(self.complaint.severity, 1)

    @cached_property
    def received_on(self) -> date:
        """The local day of receipt."""
        return self.complaint.received_at.astimezone(self.subject.timezone).date()


@dataclass(frozen=True)
class Shape:
    """A template at its earliest moment in one week; a copy lies up to `spread` later.

    `fixed` are the numbers of the entries that stay where they are when a copy lies later;
    `moved` says of each clock which of its times move.
    """

    template: Template
    shift: timedelta
    spread: timedelta
    entries: Sequence[Entry]
    fixed: frozenset[int]
    clocks: Sequence[ClockRow]
    moved: Sequence[frozenset[str]]


def templates() -> list[Template]:
    """The demo's own complaints that can be copied, in the order in which they were made."""
    first = Complaint.objects.order_by("pk").values_list("pk", flat=True)[:OWN]
    opened = Entry.objects.filter(subject_type=SUBJECT, subject_id__in=list(first), number=1)
    copied = opened.filter(facts__has_key=COPY_OF).values("subject_id")
    own = Complaint.objects.filter(pk__in=list(first), group=None, external_id="")
    found = []
    for complaint in own.exclude(pk__in=copied).order_by("pk").select_related(*_SHOWN):
        entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
        if all(
            entry.kind not in _ENTANGLED and _POINTING.isdisjoint(entry.facts) for entry in entries
        ):
            found.append(_template(complaint, entries))
    return found


def _template(complaint: Complaint, entries: Sequence[Entry]) -> Template:
    names = [column.attname for column in Complaint._meta.concrete_fields]
    zone = ZoneInfo(complaint.project.timezone)
    return Template(
        complaint=complaint,
        columns=Complaint.objects.values(*names).get(pk=complaint.pk),
        entries=entries,
        works=list(Work.objects.filter(complaint=complaint).order_by("pk").values()),
        subject=folding.subject_of(SUBJECT, complaint.pk, entries, zone),
    )


def shape(template: Template, weeks: int, now: datetime) -> Shape | None:
    """The template so many weeks earlier; None where its ledger would not be true there.

    With `weeks` 0 its copies lie before it rather than after: what is still open stays open.
    """
    for spread in SPREADS:
        shift = timedelta(weeks=-weeks) if weeks else -spread
        early = _moved(template.entries, shift)
        clocks = folding.fold(template.subject, early, now=now)
        if _true(template, clocks, early, now):
            found = _spread(template, shift, spread, early, clocks, now)
            if found is not None:
                return found
        elif weeks:
            return None
    return None


def as_time(value: Any) -> datetime | None:
    """The moment that a fact holds; None for a fact of another kind."""
    if isinstance(value, str) and _TIME.match(value):
        return datetime.fromisoformat(value)
    return None


def _moved(
    entries: Sequence[Entry],
    shift: timedelta,
    fixed: frozenset[int] = frozenset(),
    spread: timedelta = timedelta(),
) -> list[Entry]:
    found = []
    for entry in entries:
        by = shift if entry.number in fixed else shift + spread
        moved = copy.copy(entry)
        moved.occurred_at += by
        moved.recorded_at += by
        moved.facts = {name: _later(value, by) for name, value in entry.facts.items()}
        found.append(moved)
    return found


def _later(value: Any, by: timedelta) -> Any:
    at = as_time(value)
    return value if at is None else (at + by).isoformat()


def _spread(
    template: Template,
    shift: timedelta,
    spread: timedelta,
    early: list[Entry],
    clocks: list[ClockRow],
    now: datetime,
) -> Shape | None:
    """The shape whose copies lie up to `spread` later, if the latest of them is true as well.

    Times either move with the copy or stay; where that holds at both ends, and the order of the
    entries too, it holds between.
    """
    by_identity = {firing.identity(clock): clock for clock in clocks}
    staying = {
        firing.identity(clock)
        for clock in folding.fold(
            template.subject, _moved(template.entries, shift, spread=spread), now=now
        )
        if clock.due_at == by_identity[firing.identity(clock)].due_at
    }
    fixed = frozenset(
        entry.number
        for entry in early
        if spread and entry.kind in firing.KINDS and firing.about(entry) in staying
    )
    late = _moved(template.entries, shift, fixed, spread)
    latest = folding.fold(template.subject, late, now=now)
    moved = _moving(clocks, latest, spread)
    in_order = all(a.recorded_at <= b.recorded_at for a, b in pairwise(late))
    torn = any("stopped_at" in entry.facts for entry in late if entry.number in fixed)
    if moved is None or torn or not in_order or late[-1].recorded_at > now:
        return None
    if not _true(template, latest, late, now):
        return None
    return Shape(template, shift, spread, early, fixed, clocks, moved)


def _moving(
    clocks: Sequence[ClockRow], latest: Sequence[ClockRow], spread: timedelta
) -> list[frozenset[str]] | None:
    """Of each clock the times that move by `spread`; None where they differ in anything else."""
    others = {firing.identity(clock): clock for clock in latest}
    found = []
    for clock in clocks:
        other = others.pop(firing.identity(clock), None)
        if other is None or any(
            getattr(clock, name) != getattr(other, name)
            for name in ("state", "ended_by", "holder", "regulation_id", "calendar_id")
        ):
            return None
        moved = set()
        for name in _CLOCK_TIMES:
            at, then = getattr(clock, name), getattr(other, name)
            if at is None or then is None:
                if at is not then:
                    return None
            elif then - at == spread:
                moved.add(name)
            elif then != at:
                return None
        found.append(frozenset(moved))
    return None if others else found


def _true(
    template: Template, clocks: Sequence[ClockRow], entries: Sequence[Entry], now: datetime
) -> bool:
    """Whether the ledger says of its clocks what a timekeeper would have written by `now`."""
    said: dict[firing.Identity, dict[str, datetime]] = defaultdict(dict)
    for entry in entries:
        if entry.kind in firing.KINDS:
            due_at = datetime.fromisoformat(entry.facts["due_at"])
            each = firing.Firing(entry.occurred_at, entry.facts.get("fraction"))
            said[firing.about(entry)][firing.mark(each, due_at)] = entry.occurred_at
    if not said.keys() <= {firing.identity(clock) for clock in clocks}:
        return False
    newest = versions.newest()
    rules, known = regulations.all_versions(newest), calendars.all_known(newest)
    for clock in clocks:
        rule, calendar = rules[clock.regulation_id].rule(clock.rule), known.by_id(clock.calendar_id)
        as_it_ran = copy.copy(clock)
        as_it_ran.state, as_it_ran.fired = ClockRow.State.RUNNING, []
        moments = firing.outstanding(as_it_ran, rule, calendar, lambda: template.subject.timezone)
        ended_at = now if clock.ended_by is None else entries[clock.ended_by - 1].recorded_at
        if not _announced(clock, moments, said[firing.identity(clock)], ended_at):
            return False
    return True


def _announced(
    clock: ClockRow,
    moments: Sequence[firing.Firing],
    said: Mapping[str, datetime],
    ended_at: datetime,
) -> bool:
    """Whether of these moments those are said that came before the clock's end, each in time."""
    marks = {firing.mark(each, clock.due_at): each for each in moments}
    for mark, each in marks.items():
        at = said.get(mark)
        if at is not None:
            if not each.at <= at <= each.at + AS_SEEN:
                return False
        elif each.at + AS_SEEN < ended_at or (
            each.kind == firing.BREACHED and clock.state == ClockRow.State.BREACHED
        ):
            return False
    due = clock.due_at.astimezone(UTC).isoformat()
    return all(mark in marks for mark in said if mark.endswith(f"@{due}"))
