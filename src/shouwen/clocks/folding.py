"""A ledger folded into clock rows: the engine's clocks, with the versions that judged them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from shouwen.clocks import calendars, firing, regulations, subjects
from shouwen.clocks.models import ClockRow
from shouwen.clocks.subjects import Persons
from shouwen.records.models import Entry
from shouwen.regulation import engine
from shouwen.regulation.entries import KINDS
from shouwen.regulation.vocabulary import Regulation

#: What begins a complaint; history brought in closed begins when it is reopened.
BEGINNINGS = frozenset({"received", "reopened"})


@dataclass(frozen=True)
class Subject:
    """Whose clocks: the ledger's subject, and who answers for it."""

    subject_type: str
    subject_id: int | None
    project_id: int
    timezone: tzinfo
    persons: Persons


def fold(
    subject: Subject,
    entries: Sequence[Entry],
    *,
    now: datetime,
    extra: Sequence[engine.Entry] = (),
) -> list[ClockRow]:
    """The rows that a ledger amounts to, unsaved; none where nothing was received.

    The regulation is the one in force on the day of receipt, the calendars those known when a clock ended, or
    at `now` for those that have not.
    """
    taken = [
        (entry.number, engine.Entry(entry.kind, entry.occurred_at, entry.recorded_at, entry.facts))
        for entry in entries
    ]
    head = entries[-1].number if entries else 0
    taken += [(head + place, entry) for place, entry in enumerate(extra, start=1)]
    taken = list(_since_receipt(taken))
    if not taken:
        return []
    received = taken[0][1]
    day = received.occurred_at.astimezone(subject.timezone).date()
    regulation_id, regulation = regulations.version(day, received.recorded_at)
    taken = [each for each in taken if each[1].kind in named(regulation)]
    # What the ledger holds is known, whatever clock of a machine wrote it.
    now = max(now, taken[-1][1].recorded_at)
    known = calendars.all_known()
    found = engine.clocks(
        regulation, [entry for _n, entry in taken], known.calendars, now, subject.timezone
    )
    barred_id = None
    if subject.subject_id is not None:
        barred_id = subjects.of(subject.subject_type).barred(subject.subject_id)
    judged = _Judged(regulation_id, regulation, known, firing.fired(entries), now, barred_id)
    return [_row(subject, clock, place, taken, judged) for clock, place in _in_order(found)]


def subject_of(
    subject_type: str,
    subject_id: int,
    entries: Sequence[Entry],
    timezone: tzinfo | None = None,
    persons: Persons | None = None,
) -> Subject:
    """The subject of a ledger (at least one entry); what is not given says its room."""
    registered = subjects.of(subject_type)
    return Subject(
        subject_type,
        subject_id,
        entries[0].project_id,
        timezone or registered.timezone_of(subject_id),
        persons or registered.persons(subject_id),
    )


def _since_receipt(
    taken: Sequence[tuple[int, engine.Entry]],
) -> Sequence[tuple[int, engine.Entry]]:
    """The entries from the first that begins a round; none where it is all history brought in."""
    for place, (_number, entry) in enumerate(taken):
        if entry.kind in BEGINNINGS:
            return taken[place:]
    return ()


@dataclass(frozen=True)
class _Judged:
    """What the clocks of one subject are judged by, and what was fired about them."""

    regulation_id: int
    regulation: Regulation
    known: calendars.Known
    fired: dict[firing.Identity, list[str]]
    now: datetime
    barred_id: int | None


@lru_cache(maxsize=32)
def named(regulation: Regulation) -> frozenset[str]:
    """The kinds of entries that the engine is asked about.

    Further kinds of the ledger are left out, unless a house rule names them (design §5).
    """
    return KINDS.union(*(rule.kinds for rule in regulation.rules))


def _in_order(clocks: Iterable[engine.Clock]) -> Iterable[tuple[engine.Clock, int]]:
    """The clocks with their place among those of one rule, key and starting entry.

    Such clocks follow each other: the next starts when the one before has ended.
    """
    places: dict[tuple[str, str | None, int], int] = {}
    for clock in sorted(clocks, key=lambda c: (c.ended_by is None, c.ended_by or 0)):
        same = (clock.rule, clock.key, clock.started_by)
        places[same] = places.get(same, -1) + 1
        yield clock, places[same]


def _row(
    subject: Subject,
    clock: engine.Clock,
    ordinal: int,
    taken: Sequence[tuple[int, engine.Entry]],
    judged: _Judged,
) -> ClockRow:
    ended_by = None if clock.ended_by is None else taken[clock.ended_by][0]
    judged_at = judged.now if clock.ended_by is None else taken[clock.ended_by][1].recorded_at
    calendar_id, calendar = judged.known.at(judged_at)
    set_by = taken[clock.moved_by[-1] if clock.moved_by else clock.started_by][1]
    row = ClockRow(
        subject_type=subject.subject_type,
        subject_id=subject.subject_id,
        project_id=subject.project_id,
        rule=clock.rule,
        article=clock.article or "",
        key=clock.key or "",
        started_by=taken[clock.started_by][0],
        ordinal=ordinal,
        holder=clock.holder,
        person_id=subject.persons(clock),
        department=_department(subject, clock),
        barred_id=judged.barred_id,
        started_at=clock.started_at,
        due_at=clock.due_at,
        due_known_at=max(set_by.recorded_at, clock.started_at),
        stopped_at=clock.stopped_at,
        ended_by=ended_by,
        state=ClockRow.State.RUNNING if clock.ended_by is None else ClockRow.State(clock.state),
        regulation_id=judged.regulation_id,
        calendar_id=calendar_id,
    )
    row.fired = judged.fired.get(firing.identity(row), [])
    rule = judged.regulation.rule(clock.rule)
    left = firing.outstanding(row, rule, calendar, subject.timezone)
    row.next_fire_at = left[0].at if left else None
    return row


def _department(subject: Subject, clock: engine.Clock) -> str:
    if clock.holder == "department":
        return clock.key or ""
    if clock.holder != "department_head" or subject.subject_id is None:
        return ""
    return subjects.of(subject.subject_type).department_of(subject.subject_id, clock) or ""
