"""The events that webhooks tell of: entries of complaints, with nothing personal in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from shouwen.api.telling import local
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps import STEPS
from shouwen.desk.telling import TITLES
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to
from shouwen.records.models import Entry

_POSITION = re.compile(r"(\d{1,18})\.(\d{1,18})")
# As followers read: nothing can appear any more behind what lies below the oldest open transaction.
_READY = "transaction < pg_snapshot_xmin(pg_current_snapshot())"


def kinds() -> list[str]:
    """Every kind of entry that there is."""
    return sorted({step.kind for step in STEPS.values()} | set(TITLES))


@dataclass(frozen=True, order=True)
class Position:
    """A place in the ledger of everything; text that compares equal names the same place."""

    transaction: int = 0
    entry_id: int = 0

    def __str__(self) -> str:
        return f"{self.transaction}.{self.entry_id}"

    @classmethod
    def read(cls, text: str) -> Position | None:
        """The position of that text; None where it is none."""
        match = _POSITION.fullmatch(text)
        return cls(int(match[1]), int(match[2])) if match else None

    @classmethod
    def of(cls, entry: Entry) -> Position:
        """Where an entry stands."""
        return cls(entry.transaction, entry.pk)


def newest() -> Position:
    """The end of what can be read now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
        return Position(int(cursor.fetchone()[0]), 0)


def after(position: Position, limit: int) -> list[Entry]:
    """The entries of complaints behind the position, in the order of the ledger."""
    found = Entry.objects.filter(subject_type=SUBJECT).extra(
        where=["(transaction, id) > (%s::xid8, %s)", _READY],
        params=[str(position.transaction), position.entry_id],
    )
    return list(found.order_by("transaction", "pk")[:limit])


def told(
    entries: Sequence[Entry],
    person: Staff,
    *,
    project_id: int | None = None,
    only: Sequence[str] = (),
) -> list[tuple[Entry, dict[str, Any]]]:
    """Of these entries those about complaints that the person may see, each with its body.

    Number, kind, status and times: whoever is told fetches the rest by the API.
    """
    wanted = [
        each
        for each in entries
        if each.subject_type == SUBJECT
        and (project_id is None or each.project_id == project_id)
        and (not only or each.kind in only)
    ]
    seen = visible_to(person, Complaint).select_related("project")
    complaints = seen.in_bulk({each.subject_id for each in wanted})
    return [
        (each, body(each, complaints[each.subject_id]))
        for each in wanted
        if each.subject_id in complaints
    ]


def body(entry: Entry, complaint: Complaint) -> dict[str, Any]:
    """What is said of one entry. The status is the one at the time of saying it."""
    zone = complaint.project.timezone
    occurred_at, recorded_at = local(entry.occurred_at, zone), local(entry.recorded_at, zone)
    assert occurred_at is not None and recorded_at is not None
    return {
        "position": str(Position.of(entry)),
        "kind": entry.kind,
        "number": complaint.number,
        "project": complaint.project.code,
        "entry": entry.number,
        "status": complaint.status,
        "occurred_at": occurred_at.isoformat(),
        "recorded_at": recorded_at.isoformat(),
    }
