"""A subject for the tests of this room: a matter, whose ledger is written entry by entry."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from shouwen.clocks import projection, subjects
from shouwen.clocks.models import ClockRow
from shouwen.records import ledger
from shouwen.records.models import Chain, Entry
from shouwen.regulation.engine import Clock

MATTER = "matter"
PROJECT = 1
SHANGHAI = ZoneInfo("Asia/Shanghai")
#: A Monday morning in Shanghai, in an ordinary week.
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)

#: subject id → version, as the room of a subject would keep it
versions: dict[int, int] = {}
#: subject id → who is complained about
about: dict[int, int] = {}
#: subject id → the person with the holder word first_contact
first_contacts: dict[int, int] = {}


def _persons(subject_id: int) -> subjects.Persons:
    def person(clock: Clock) -> int | None:
        return first_contacts.get(subject_id) if clock.holder == "first_contact" else None

    return person


def _appended(subject_id: int, entries: Sequence[Entry]) -> None:
    versions[subject_id] = entries[-1].number


def register() -> None:
    """Make matters known to the room; their number is M and their id."""
    subjects.register(
        subjects.Subjects(
            subject_type=MATTER,
            timezone_of=lambda subject_id: SHANGHAI,
            persons=_persons,
            find=lambda number: (
                int(number.removeprefix("M"))
                if Chain.objects.filter(
                    subject_type=MATTER, subject_id=number.removeprefix("M") or 0
                ).exists()
                else None
            ),
            number=lambda subject_id: f"M{subject_id}",
            barred=about.get,
            department_of=lambda subject_id, clock: "engineering",
            appended=_appended,
        )
    )


_ids = itertools.count(1)


def happens(
    subject_id: int,
    kind: str,
    at: datetime,
    *,
    recorded: datetime | None = None,
    **facts: Any,
) -> projection.Changes:
    """One step: an entry and the clocks with it, in one transaction."""
    with transaction.atomic():
        chain = ledger.lock(MATTER, subject_id)
        assert chain is not None
        return _write(chain, kind, at, recorded or at, facts)


def receive(at: datetime = MONDAY, *, recorded: datetime | None = None, **facts: Any) -> int:
    """A matter is received; its id."""
    subject_id = next(_ids)
    with transaction.atomic():
        chain = ledger.open_chain(MATTER, subject_id, PROJECT)
        _write(chain, "received", at, recorded or at, facts)
    return subject_id


def _write(
    chain: Chain, kind: str, at: datetime, recorded: datetime, facts: Mapping[str, Any]
) -> projection.Changes:
    ledger.append(chain=chain, kind=kind, actor_id=7, occurred_at=at, facts=facts, now=recorded)
    return projection.project(MATTER, chain.subject_id, now=recorded)


def row(subject_id: int, rule: str, key: str = "") -> ClockRow:
    """The only clock of that rule and key."""
    return ClockRow.objects.get(subject_type=MATTER, subject_id=subject_id, rule=rule, key=key)


def kinds(subject_id: int, kind: str) -> list[dict[str, Any]]:
    """The facts of the matter's entries of that kind."""
    return [entry.facts for entry in ledger.entries(MATTER, subject_id) if entry.kind == kind]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]
