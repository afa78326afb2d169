"""What the clocks must know of complaints; registered when the room is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from shouwen.clocks import subjects
from shouwen.clocks.subjects import Claims, Persons
from shouwen.complaints import projection
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.roles import DEPARTMENT, department_of_approval, mediating_department
from shouwen.complaints.state import State, fold
from shouwen.complaints.words import WorkStatus
from shouwen.records import ledger
from shouwen.records.models import Entry
from shouwen.regulation.engine import Clock


def register() -> None:
    """Make complaints known to the clocks."""
    subjects.register(
        subjects.Subjects(
            subject_type=SUBJECT,
            timezone_of=timezone_of,
            persons=persons_of,
            department_of=department_of,
            barred=barred,
            claims=lambda subject_id: claims_of(fold(ledger.entries(SUBJECT, subject_id))),
            find=find,
            number=number,
            appended=appended,
            reckoned=reckoned,
            differences=projection.differences,
            rebuild=projection.rebuild,
        )
    )


def timezone_of(subject_id: int) -> tzinfo:
    """The time zone of the complaint's project."""
    name = Complaint.objects.values_list("project__timezone", flat=True).get(pk=subject_id)
    return ZoneInfo(name)


def persons_of(subject_id: int) -> Persons:
    """Who alone holds a clock of the complaint."""
    held = Complaint.objects.values("first_contact_id", "manager_id").get(pk=subject_id)
    return alone(**held)


def alone(first_contact_id: int | None, manager_id: int | None) -> Persons:
    """From a clock to the one person who holds it: first contact [R8], manager in charge [P4]."""
    by_holder = {"first_contact": first_contact_id, "manager_in_charge": manager_id}
    return lambda clock: by_holder.get(clock.holder)


def department_of(subject_id: int, clock: Clock) -> str | None:
    """Whose head holds a clock of the department head: the approval's, or who mediates [R3]."""
    if clock.rule == "H.approve" and clock.key:
        return department_of_approval(clock.key)
    return mediating_department(fold(ledger.entries(SUBJECT, subject_id)))


def barred(subject_id: int) -> int | None:
    """被投诉人: never holds a clock of the complaint about them."""
    return Complaint.objects.values_list("about_id", flat=True).get(pk=subject_id)


def claims_of(state: State) -> Claims:
    """Who claimed which clocks: those that ran when they did, and what a department has accepted."""

    def claimed(clock: Clock, started_by: int) -> int | None:
        if clock.holder == DEPARTMENT:
            part = state.parts.get(clock.key or "")
            accepted = part is not None and part.status == WorkStatus.ACCEPTED
            return part.member_id if part is not None and accepted else None
        claim = state.claims.get(clock.holder)
        return claim.person_id if claim is not None and started_by < claim.number else None

    return claimed


def find(number: str) -> int | None:
    """The complaint of that number."""
    return Complaint.objects.values_list("pk", flat=True).filter(number=number).first()


def number(subject_id: int) -> str:
    """The number people use."""
    return Complaint.objects.values_list("number", flat=True).get(pk=subject_id)


def appended(subject_id: int, entries: Sequence[Entry]) -> None:
    """The timekeeper wrote entries: the row follows the head of the ledger."""
    Complaint.objects.filter(pk=subject_id).update(version=entries[-1].number)


def reckoned(subject_id: int, next_due: datetime | None) -> None:
    """The timekeeper reckoned the clocks anew: the row follows."""
    Complaint.objects.filter(pk=subject_id).update(next_due_at=next_due)
