"""The row of a contact, copied from its ledger; and what the clocks must know of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.clocks import projection as clocks
from shouwen.clocks import reading, subjects
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.state import ContactState, fold, record_of
from shouwen.complaints.models import Complaint
from shouwen.records import ledger
from shouwen.records.models import Entry

SUBJECT = "contact"


def columns_of(entries: Sequence[Any], state: ContactState) -> dict[str, Any]:
    """Everything that the ledger says of the row."""
    columns = record_of(entries) | state.standing | {"version": entries[-1].number}
    if state.complaint:
        found = Complaint.objects.filter(number=state.complaint)
        columns["complaint_id"] = found.values_list("pk", flat=True).first()
    return columns


def write(contact: Contact, entries: Sequence[Any], state: ContactState, **further: Any) -> None:
    """Bring the row up to its ledger (whole, with `said`); in the transaction that wrote it."""
    for name, value in (columns_of(entries, state) | further).items():
        setattr(contact, name, value)
    contact.save()


def differences(contact_id: int) -> list[str]:
    """The columns that say otherwise than the ledger."""
    contact = Contact.objects.get(pk=contact_id)
    return [
        name for name, value in _projected(contact_id).items() if getattr(contact, name) != value
    ]


def rebuild(contact_id: int) -> None:
    """Write the row anew from the ledger."""
    Contact.objects.filter(pk=contact_id).update(**_projected(contact_id))


def _projected(contact_id: int) -> dict[str, Any]:
    entries = ledger.entries(SUBJECT, contact_id, with_said=True)
    due = clocks.soonest(reading.of_subject(SUBJECT, contact_id))
    return columns_of(entries, fold(entries)) | {"next_due_at": due}


# -- for the clocks


def _timezone_of(contact_id: int) -> tzinfo:
    name = Contact.objects.values_list("project__timezone", flat=True).get(pk=contact_id)
    return ZoneInfo(name)


def _find(number: str) -> int | None:
    return Contact.objects.values_list("pk", flat=True).filter(number=number).first()


def _number(contact_id: int) -> str:
    return Contact.objects.values_list("number", flat=True).get(pk=contact_id)


def _appended(contact_id: int, entries: Sequence[Entry]) -> None:
    Contact.objects.filter(pk=contact_id).update(version=entries[-1].number)


def _reckoned(contact_id: int, next_due: datetime | None) -> None:
    Contact.objects.filter(pk=contact_id).update(next_due_at=next_due)


def register() -> None:
    """Make contacts known to the clocks."""
    subjects.register(
        subjects.Subjects(
            subject_type=SUBJECT,
            timezone_of=_timezone_of,
            persons=lambda contact_id: lambda clock: None,
            find=_find,
            number=_number,
            appended=_appended,
            reckoned=_reckoned,
            differences=differences,
            rebuild=rebuild,
        )
    )
