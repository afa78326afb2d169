"""The clock rows of a subject, written beside its ledger.

A step calls `project` in its own transaction after it has appended; nothing else writes rows but
the timekeeper (what it fired) and the rebuild. A verdict is never changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cache

from django.db import connection
from django.utils import timezone as django_timezone

from shouwen.clocks import firing, waking
from shouwen.clocks.folding import Subject, fold, subject_of
from shouwen.clocks.models import ClockRow
from shouwen.clocks.subjects import Barred, Claims, Persons
from shouwen.records import ledger
from shouwen.records.models import Entry
from shouwen.regulation import engine

#: Who has the clock, as long as it runs; who had it when it ended stays written.
HELD_BY = ("person_id", "department", "barred_id", "claimed_by_id")
#: What else becomes of a clock until it ends.
COURSE = (
    "holder",
    "started_at",
    "due_at",
    "due_known_at",
    "stopped_at",
    "ended_by",
    "state",
    "regulation_id",
    "calendar_id",
)
#: What is written about a clock for the timekeeper, also after its end.
TO_FIRE = ("fired", "next_fire_at")


@dataclass(frozen=True)
class Changes:
    """What a step did to the clocks, or would do: rows by what became of them.

    A clock that was stopped by the entry that started it stands in both lists. `next_due` is the
    earliest due time among all unstopped clocks of the subject afterwards (None: none is left, or
    nothing was written).
    """

    started: list[ClockRow] = field(default_factory=list)
    stopped: list[ClockRow] = field(default_factory=list)
    voided: list[ClockRow] = field(default_factory=list)
    moved: list[ClockRow] = field(default_factory=list)
    next_due: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.started or self.stopped or self.voided or self.moved)


@dataclass(frozen=True)
class Comparison:
    """Rows to be added and rows to be changed so that they say what the ledger amounts to."""

    new: list[ClockRow] = field(default_factory=list)
    changed: list[ClockRow] = field(default_factory=list)
    changes: Changes = field(default_factory=Changes)


def project(
    subject_type: str,
    subject_id: int,
    *,
    now: datetime | None = None,
    timezone: tzinfo | None = None,
    persons: Persons | None = None,
    barred: Barred | None = None,
    claims: Claims | None = None,
    entries: Sequence[Entry] | None = None,
    new: bool = False,
) -> Changes:
    """Bring a subject's rows up to its ledger; inside the transaction that holds its chain's lock.

    `timezone`, `persons`, `barred` and `claims` default to what the subject's room registered; `entries` (the
    whole ledger, in order) is read where it is not given; `new` says that the ledger was opened in
    this transaction, so that there are no rows to look for. With all of them it takes two queries.
    The timekeeper is woken where something is due before it looks next.
    """
    now = now or django_timezone.now()
    if entries is None:
        entries = ledger.entries(subject_type, subject_id)
    if not entries:
        return Changes()
    subject = subject_of(subject_type, subject_id, entries, timezone, persons, barred, claims)
    before = {} if new else stored(subject_type, subject_id)
    found = compare(before, fold(subject, entries, now=now))
    _write(found, now)
    return replace(found.changes, next_due=soonest([*before.values(), *found.new]))


def foretell(
    subject_type: str,
    project_id: int,
    entries: Sequence[Entry],
    *,
    now: datetime,
    timezone: tzinfo,
    persons: Persons,
    barred_id: int | None = None,
) -> list[ClockRow]:
    """The rows of a subject whose ledger is about to be opened with `entries`, unsaved.

    `begin` stores them once the subject has its id. No query.
    """
    subject = Subject(subject_type, None, project_id, timezone, persons, barred_id)
    return fold(subject, entries, now=now)


def begin(rows: Sequence[ClockRow], subject_id: int, *, now: datetime) -> Changes:
    """Store what `foretell` told, in the transaction that opens the ledger; wakes as `project`."""
    for row in rows:
        row.subject_id = subject_id
    found = compare({}, rows)
    _write(found, now)
    return replace(found.changes, next_due=soonest(rows))


def soonest(rows: Iterable[ClockRow]) -> datetime | None:
    """The earliest due time among those that are unstopped; None where none is."""
    due = [row.due_at for row in rows if row.state == ClockRow.State.RUNNING]
    return min(due, default=None)


def preview(
    subject_type: str,
    subject_id: int | None,
    extra: Sequence[engine.Entry],
    *,
    now: datetime | None = None,
    timezone: tzinfo | None = None,
    persons: Persons | None = None,
) -> Changes:
    """What further entries would do to a subject's clocks. Nothing is written.

    Without a `subject_id` the subject is yet to be recorded: `extra` begins with its receipt.
    Rows that would be new have no id; `started_by` and `ended_by` count on from the ledger's head.
    Raises ValueError where no time zone is known.
    """
    now = now or django_timezone.now()
    entries: list[Entry] = []
    before: dict[firing.Identity, ClockRow] = {}
    if subject_id is not None:
        entries = ledger.entries(subject_type, subject_id)
        before = stored(subject_type, subject_id)
    if entries and subject_id is not None:
        subject = subject_of(subject_type, subject_id, entries, timezone, persons)
    elif timezone is not None:
        subject = Subject(subject_type, subject_id, 0, timezone, persons or (lambda clock: None))
    else:
        raise ValueError("a subject that is not recorded yet has no time zone of its own")
    return compare(before, fold(subject, entries, now=now, extra=extra)).changes


def stored(subject_type: str, subject_id: int) -> dict[firing.Identity, ClockRow]:
    """The rows of a subject by what identifies them among its clocks."""
    rows = ClockRow.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return {firing.identity(row): row for row in rows}


def compare(before: dict[firing.Identity, ClockRow], computed: Sequence[ClockRow]) -> Comparison:
    """Set what the ledger amounts to beside the stored rows, which take over what is new."""
    found = Comparison()
    for row in computed:
        known = before.get(firing.identity(row))
        if known is None:
            found.new.append(row)
            found.changes.started.append(row)
            _note_end(row, found.changes)
        elif known.state == ClockRow.State.RUNNING:
            was_due = known.due_at
            ended = row.state != ClockRow.State.RUNNING
            if _take_over(known, row, COURSE + TO_FIRE + (() if ended else HELD_BY)):
                found.changed.append(known)
                if known.due_at != was_due:
                    found.changes.moved.append(known)
                _note_end(known, found.changes)
        elif _take_over(known, row, TO_FIRE):
            found.changed.append(known)
    return found


def _write(found: Comparison, now: datetime) -> None:
    """Store what a comparison found, and wake the timekeeper where that is due before it looks."""
    if found.new:
        _insert(found.new)
    if found.changed:
        _change(found.changed)
    due = [row.next_fire_at for row in (*found.new, *found.changed) if row.next_fire_at]
    if due:
        waking.wake(min(due), now=now)


@cache
def _statements() -> tuple[tuple[str, ...], str, str]:
    """The attributes of a row, and the statements that insert and update rows given as JSON."""
    fields = [field for field in ClockRow._meta.concrete_fields if not field.primary_key]
    table = ClockRow._meta.db_table
    names = ", ".join(str(field.column) for field in fields)
    types = ", ".join(f"{field.column} {field.db_type(connection)}" for field in fields)
    changed = {*COURSE, *TO_FIRE, *HELD_BY}
    taken = ", ".join(
        f"{field.column} = given.{field.column}" for field in fields if field.attname in changed
    )
    return (
        tuple(field.attname for field in fields),
        f"INSERT INTO {table} ({names})"
        f" SELECT {names} FROM jsonb_to_recordset(%s) AS given ({types}) RETURNING id",
        f"UPDATE {table} AS row SET {taken}"
        f" FROM jsonb_to_recordset(%s) AS given (id bigint, {types}) WHERE row.id = given.id",
    )


def _given(rows: Sequence[ClockRow], names: Sequence[str]) -> str:
    given = [{name: getattr(row, name) for name in names} for row in rows]
    return json.dumps(given, default=datetime.isoformat)


def _insert(rows: Sequence[ClockRow]) -> None:
    # In one statement without the way through the model's fields: every step of every complaint
    # comes by here, and intake must hold hundreds a second.
    names, statement, _update = _statements()
    with connection.cursor() as cursor:
        cursor.execute(statement, [_given(rows, names)])
        for row, (pk,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk = pk
            row._state.adding, row._state.db = False, connection.alias


def _change(rows: Sequence[ClockRow]) -> None:
    names, _insert, statement = _statements()
    with connection.cursor() as cursor:
        cursor.execute(statement, [_given(rows, ("id", *names))])


def _take_over(known: ClockRow, row: ClockRow, fields: Sequence[str]) -> bool:
    changed = False
    for name in fields:
        value = getattr(row, name)
        if getattr(known, name) != value:
            setattr(known, name, value)
            changed = True
    return changed


def _note_end(row: ClockRow, changes: Changes) -> None:
    if row.state == ClockRow.State.VOID:
        changes.voided.append(row)
    elif row.state != ClockRow.State.RUNNING:
        changes.stopped.append(row)
