"""When a clock's warnings and its breach are due, and what of them the ledger says already.

All of it can be told from the row and the ledger, so that a rebuild gives the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from shouwen.clocks.models import ClockRow
from shouwen.records.models import Entry
from shouwen.regulation.durations import WorkingCalendar, midnight
from shouwen.regulation.vocabulary import Rule

WARNED, BREACHED = "warned", "breached"
#: Kinds of this room's own: they start and stop no clock, unless a house rule names them.
KINDS = frozenset({WARNED, BREACHED})


class Firing(NamedTuple):
    """Something to be written into the ledger at `at`: a warning, or the breach (no fraction)."""

    at: datetime
    fraction: str | None

    @property
    def kind(self) -> str:
        return BREACHED if self.fraction is None else WARNED


class Identity(NamedTuple):
    """Which clock of a subject: by rule, key and the entry that started it."""

    rule: str
    key: str
    started_by: int
    ordinal: int


def identity(row: ClockRow) -> Identity:
    """The row's identity among the clocks of its subject."""
    return Identity(row.rule, row.key, row.started_by, row.ordinal)


def about(entry: Entry) -> Identity:
    """The clock that an entry of this room's kinds speaks of."""
    return Identity(*(entry.facts[name] for name in Identity._fields))


def mark(firing: Firing, due_at: datetime) -> str:
    """What a row remembers of a firing: a due time that moved is warned of and broken anew."""
    return f"{firing.fraction or BREACHED}@{due_at.astimezone(UTC).isoformat()}"


def facts(row: ClockRow, firing: Firing) -> dict[str, Any]:
    """The facts by which the ledger's entry names clock and due time."""
    said: dict[str, Any] = {
        **identity(row)._asdict(),
        "due_at": row.due_at.astimezone(UTC),
        "holder": row.holder,
    }
    if firing.fraction is not None:
        said["fraction"] = firing.fraction
    return said


def fired(entries: Iterable[Entry]) -> dict[Identity, list[str]]:
    """What the ledger says was fired, clock by clock, as a row's `fired` holds it."""
    found: dict[Identity, list[str]] = {}
    for entry in entries:
        if entry.kind in KINDS:
            what = Firing(entry.occurred_at, entry.facts.get("fraction"))
            due_at = datetime.fromisoformat(entry.facts["due_at"])
            found.setdefault(about(entry), []).append(mark(what, due_at))
    return found


def outstanding(
    row: ClockRow, rule: Rule, calendar: WorkingCalendar, tz: Callable[[], tzinfo]
) -> Sequence[Firing]:
    """What is still to be fired for the row, soonest first.

    An unstopped clock is warned of and its breach announced when due, also where what was done in
    time is written later. A clock that was stopped late before anybody could announce it, is
    announced once it is known. Warnings whose moment had passed before the due time was known are
    left out: they would warn of nothing. `tz` is asked only where days count.
    """
    breach = Firing(max(row.due_at, row.due_known_at), None)
    if row.state == ClockRow.State.RUNNING:
        moments = [
            Firing(moment(row, rule, fraction, calendar, tz), str(fraction))
            for fraction in sorted(rule.warnings)
        ]
        pending = [each for each in moments if row.due_known_at < each.at < row.due_at]
        pending.append(breach)
    elif row.state == ClockRow.State.BREACHED:
        pending = [breach]
    else:
        pending = []
    return [each for each in pending if mark(each, row.due_at) not in row.fired]


def moment(
    row: ClockRow,
    rule: Rule,
    fraction: float,
    calendar: WorkingCalendar,
    tz: Callable[[], tzinfo],
) -> datetime:
    """When `fraction` of the clock's time has passed: of its working days, where those count."""
    if rule.within is None or rule.within.seconds is not None:
        return row.started_at + fraction * (row.due_at - row.started_at)
    whole, rest = divmod(fraction * rule.within.amount, 1)
    # The day of the start does not count: the first counted instant is the next working day's.
    zone = tz()
    day, left = row.started_at.astimezone(zone).date(), int(whole) + 1
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return midnight(day, zone) + rest * timedelta(days=1)
