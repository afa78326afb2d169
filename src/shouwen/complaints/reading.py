"""The ledgers and clocks of many complaints, each read at once: for sheets and lists."""

from __future__ import annotations

from collections.abc import Collection

from shouwen.clocks.models import ClockRow
from shouwen.complaints.projection import SUBJECT
from shouwen.records import ledger
from shouwen.records.models import Entry


def ledgers(complaint_ids: Collection[int], *, with_said: bool = True) -> dict[int, list[Entry]]:
    """The entries of each complaint in ledger order, with what was said. Two queries."""
    found: dict[int, list[Entry]] = {pk: [] for pk in complaint_ids}
    entries = list(
        Entry.objects.filter(subject_type=SUBJECT, subject_id__in=list(found)).order_by(
            "subject_id", "number"
        )
    )
    said = ledger.read(entries) if with_said else {}
    for entry in entries:
        entry.said = said.get(entry.pk, {})
        found[entry.subject_id].append(entry)
    return found


def clocks(complaint_ids: Collection[int], *, running: bool = False) -> dict[int, list[ClockRow]]:
    """The clocks of each complaint by due time, all of them or the unstopped. One query."""
    found: dict[int, list[ClockRow]] = {pk: [] for pk in complaint_ids}
    rows = ClockRow.objects.filter(subject_type=SUBJECT, subject_id__in=list(found))
    if running:
        rows = rows.filter(state=ClockRow.State.RUNNING)
    for row in rows.order_by("due_at", "id"):
        found[row.subject_id].append(row)
    return found
