"""A ledger folded into clock rows: the engine's clocks, with the versions that judged them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from shouwen.clocks import calendars, firing, regulations, subjects, versions
from shouwen.clocks.models import ClockRow
from shouwen.clocks.subjects import Barred, Claims, Persons, unclaimed
from shouwen.records.models import Entry
from shouwen.regulation import engine
from shouwen.regulation.entries import KINDS
from shouwen.regulation.vocabulary import Regulation

#: What begins a complaint, and a contact; history brought in closed begins when it is reopened.
BEGINNINGS = frozenset({"received", "reopened", "contacted"})


@dataclass(frozen=True)
class Subject:
    """Whose clocks: the ledger's subject, and who answers for it."""

    subject_type: str
    subject_id: int | None
    project_id: int
    timezone: tzinfo
    persons: Persons
    barred_id: int | None = None
    claims: Claims = unclaimed


@dataclass(frozen=True)
class Judgement:
    """The clocks of one ledger, with what they were judged by.

    `taken` are the entries that the engine was asked about, with their numbers in the ledger; a
    clock's positions count in it. Each clock stands with its place among those of one rule, key
    and starting entry.
    """

    regulation_id: int
    regulation: Regulation
    known: calendars.Known
    now: datetime
    taken: Sequence[tuple[int, engine.Entry]]
    clocks: Sequence[tuple[engine.Clock, int]]

    def number(self, position: int) -> int:
        """The number in the ledger of the entry at that position."""
        return self.taken[position][0]

    def recorded_at(self, position: int) -> datetime:
        """When the entry at that position was recorded."""
        return self.taken[position][1].recorded_at


def judge(
    subject: Subject,
    entries: Sequence[Entry],
    *,
    now: datetime,
    extra: Sequence[engine.Entry] = (),
) -> Judgement | None:
    """The clocks that a ledger, with `extra` entries behind it, amounts to.

    None where nothing was received (history brought in closed). The regulation is the one in force
    on the day of receipt, the calendars those known when a clock ended, or at `now` for those that
    have not.
    """
    taken = [
        (entry.number, engine.Entry(entry.kind, entry.occurred_at, entry.recorded_at, entry.facts))
        for entry in entries
    ]
    head = entries[-1].number if entries else 0
    taken += [(head + place, entry) for place, entry in enumerate(extra, start=1)]
    taken = _since_receipt(taken)
    if not taken:
        return None
    received = taken[0][1]
    day = received.occurred_at.astimezone(subject.timezone).date()
    stored = versions.newest()
    regulation_id, regulation = regulations.version(day, received.recorded_at, stored)
    taken = [each for each in taken if each[1].kind in named(regulation)]
    # What the ledger holds is known, whatever clock of a machine wrote it.
    now = max([now, *(entry.recorded_at for _number, entry in taken[-1:])])
    known = calendars.all_known(stored)
    found = engine.clocks(
        regulation, [entry for _n, entry in taken], known.calendars, now, subject.timezone
    )
    return Judgement(regulation_id, regulation, known, now, taken, list(_in_order(found)))


def fold(
    subject: Subject,
    entries: Sequence[Entry],
    *,
    now: datetime,
    extra: Sequence[engine.Entry] = (),
) -> list[ClockRow]:
    """The rows that a ledger amounts to, unsaved; see `judge`."""
    judged = judge(subject, entries, now=now, extra=extra)
    if judged is None:
        return []
    fired = firing.fired(entries)
    rows = []
    for clock, place in judged.clocks:
        row = _row(subject, clock, place, judged)
        row.fired = fired.get(firing.identity(row), [])
        rule = judged.regulation.rule(clock.rule)
        calendar = judged.known.by_id(row.calendar_id)
        left = firing.outstanding(row, rule, calendar, lambda: subject.timezone)
        row.next_fire_at = left[0].at if left else None
        rows.append(row)
    return rows


def subject_of(
    subject_type: str,
    subject_id: int,
    entries: Sequence[Entry],
    timezone: tzinfo | None = None,
    persons: Persons | None = None,
    barred: Barred | None = None,
    claims: Claims | None = None,
) -> Subject:
    """The subject of a ledger (at least one entry); what is not given says its room."""
    registered = subjects.of(subject_type)
    return Subject(
        subject_type,
        subject_id,
        entries[0].project_id,
        timezone or registered.timezone_of(subject_id),
        persons or registered.persons(subject_id),
        (barred or registered.barred)(subject_id),
        claims or registered.claims(subject_id),
    )


def _since_receipt(taken: list[tuple[int, engine.Entry]]) -> list[tuple[int, engine.Entry]]:
    """The entries from the first that begins a round; none where it is all history brought in."""
    for place, (_number, entry) in enumerate(taken):
        if entry.kind in BEGINNINGS:
            return taken[place:]
    return []


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


def _row(subject: Subject, clock: engine.Clock, place: int, judged: Judgement) -> ClockRow:
    judged_at = judged.now if clock.ended_by is None else judged.recorded_at(clock.ended_by)
    set_by = clock.moved_by[-1] if clock.moved_by else clock.started_by
    return ClockRow(
        subject_type=subject.subject_type,
        subject_id=subject.subject_id or 0,
        project_id=subject.project_id,
        rule=clock.rule,
        article=clock.article or "",
        key=clock.key or "",
        started_by=judged.number(clock.started_by),
        ordinal=place,
        holder=clock.holder,
        person_id=subject.persons(clock),
        department=_department(subject, clock),
        barred_id=subject.barred_id,
        claimed_by_id=subject.claims(clock, judged.number(clock.started_by)),
        started_at=clock.started_at,
        due_at=clock.due_at,
        due_known_at=max(judged.recorded_at(set_by), clock.started_at),
        stopped_at=clock.stopped_at,
        ended_by=None if clock.ended_by is None else judged.number(clock.ended_by),
        state=ClockRow.State.RUNNING if clock.ended_by is None else ClockRow.State(clock.state),
        regulation_id=judged.regulation_id,
        calendar_id=judged.known.at(judged_at)[0],
    )


def _department(subject: Subject, clock: engine.Clock) -> str:
    if clock.holder == "department":
        return clock.key or ""
    if clock.holder != "department_head" or subject.subject_id is None:
        return ""
    return subjects.of(subject.subject_type).department_of(subject.subject_id, clock) or ""
