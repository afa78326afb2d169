"""The whole of who may do what, asked of the rules in force: for auditors, and for the tests.

For every position somebody is made up who holds it in the project that the matter belongs to
(`own`), in another one (`other`), or for the whole company (`none`: without a project); besides
somebody without any post. All of them exist inside a transaction that is rolled back.
"""

from __future__ import annotations

import datetime
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.db import transaction
from django.utils import timezone, translation

from shouwen.channels.models import HeldArrival
from shouwen.complaints import lifecycle
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import Complaint, Incident, Work
from shouwen.complaints.state import fold
from shouwen.complaints.steps.table import At
from shouwen.complaints.words import Channel, Status, WorkStatus
from shouwen.desk.addresses import Address, addresses
from shouwen.desk.models import Export, SavedView
from shouwen.notices.models import Address as NoticeAddress
from shouwen.notices.notice import Notice
from shouwen.organization.models import (
    CalendarAddress,
    Company,
    Customer,
    Department,
    Developer,
    Home,
    Post,
    Project,
    Shift,
    Staff,
    Swap,
)
from shouwen.organization.permissions import RULES, may
from shouwen.organization.positions import IN_A_DEPARTMENT, Position

OWN, OTHER, NONE = "own", "other", "none"
PROJECTS = (OWN, OTHER, NONE)
_SINCE = datetime.date(2000, 1, 1)

#: What rules of the rooms further down are asked about: by type, how specimens of it are made.
_FURTHER: dict[type, Callable[[Specimens, Staff], dict[str, Any]]] = {}


def specimen(kind: type, made: Callable[[Specimens, Staff], dict[str, Any]]) -> None:
    """Have the rules that take this type asked about these, by name."""
    _FURTHER[kind] = made


@dataclass(frozen=True)
class Somebody:
    """Somebody who holds one position, or none (`""`), and where."""

    position: str
    project: str
    staff: Staff


@dataclass(frozen=True)
class Specimens:
    """Two projects, somebody of every position, and one of everything that rules are asked about."""

    project: Project
    other: Project
    department: Department
    colleague: Staff
    everybody: list[Somebody]
    home: Home

    @property
    def clerk(self) -> Staff:
        """Somebody of the front desk of the own project."""
        return next(
            each.staff
            for each in self.everybody
            if (each.position, each.project) == (Position.FRONT_DESK.value, OWN)
        )

    def complaints(self, person: Staff) -> dict[str, Complaint]:
        """One complaint of every kind that the rules tell apart, as this person meets it."""
        kinds: dict[str, dict[str, Any]] = {
            "plain": {},
            "dispatched": {"departments": [self.department.code, "matrix-company"]},
            "needs_developer": {"needs_developer": True},
            "confidential": {"confidential": True},
            "conduct": {"about": self.colleague},
            "taken": {"first_contact": person},
            "about": {"about": person},
        }
        return {kind: self._complaint(kind, columns) for kind, columns in kinds.items()}

    def _complaint(self, kind: str, columns: dict[str, Any]) -> Complaint:
        now = timezone.now()
        complaint = Complaint.objects.create(
            number=f"MATRIX-{kind}",
            project=self.project,
            status=Status.AT_WORK if kind == "dispatched" else Status.RECEIVED,
            channel=Channel.PHONE,
            received_at=now,
            recorded_at=now,
            subject="–",
            home=self.home,
            **{"first_contact": self.colleague} | columns,
        )
        if kind == "dispatched":
            Work.objects.create(
                complaint=complaint,
                department=self.department,
                status=WorkStatus.DISPATCHED,
                due_at=now,
            )
        return complaint

    def contacts(self, person: Staff) -> dict[str, Contact]:
        """One contact of every kind that the rules tell apart."""
        theirs = Contact(project=self.project, taken_by=self.colleague)
        handed = Contact(
            project=self.project, taken_by=self.colleague, department=self.department.code
        )
        own = Contact(project=self.project, taken_by=person)
        return {"others_contact": theirs, "handed_contact": handed, "own_contact": own}

    def at(self, person: Staff, complaint: Complaint) -> At:
        """Where the person stands before the complaint."""
        told: list[tuple[str, dict[str, Any]]] = [
            (
                "received",
                {"first_contact": complaint.first_contact_id, "about": complaint.about_id},
            )
        ]
        due = (complaint.received_at + datetime.timedelta(days=1)).isoformat()
        told += [("dispatched", {"department": c, "due_at": due}) for c in complaint.departments]
        entries = [
            SimpleNamespace(
                number=number,
                kind=kind,
                occurred_at=complaint.received_at,
                recorded_at=complaint.recorded_at,
                actor_id=self.colleague.pk,
                facts=facts,
            )
            for number, (kind, facts) in enumerate(told, start=1)
        ]
        return lifecycle.stand(person, complaint, fold(entries))


@contextmanager
def specimens() -> Iterator[Specimens]:
    """Make them, and take them away again: nothing stays in the database."""
    with transaction.atomic():
        yield _made()
        transaction.set_rollback(True)


def _made() -> Specimens:
    company = Company.objects.create(name="–matrix")
    developer = Developer.objects.create(name="–matrix")
    here, there = (
        Project.objects.create(company=company, developer=developer, code=code, name=code)
        for code in ("ZZMATRX1", "ZZMATRX2")
    )
    departments = {
        OWN: Department.objects.create(project=here, code="matrix-own", name="1"),
        OTHER: Department.objects.create(project=there, code="matrix-other", name="2"),
        NONE: Department.objects.create(code="matrix-company", name="3"),
    }
    home = Home.objects.create(project=here, building="1", unit="1", room="101", label="1-1-101")
    everybody = [_somebody("", NONE, None, None)]
    for position in Position:
        for where, project in ((OWN, here), (OTHER, there), (NONE, None)):
            department = departments[where] if position in IN_A_DEPARTMENT else None
            everybody.append(_somebody(position.value, where, project, department))
    colleague = Staff.objects.create(username="–matrix-colleague", name="–", password="!")
    return Specimens(here, there, departments[OWN], colleague, everybody, home)


def _somebody(
    position: str, where: str, project: Project | None, department: Department | None
) -> Somebody:
    staff = Staff.objects.create(username=f"–matrix-{position}-{where}", name="–", password="!")
    if position:
        Post.objects.create(
            staff=staff, position=position, project=project, department=department, since=_SINCE
        )
    return Somebody(position, where, staff)


# -- asked


def asked(operation: str, made: Specimens, person: Staff, ats: dict[str, At]) -> dict[str, Any]:
    """What the rule of an operation is asked about, by name; "" stands for anything at all."""
    hint = list(typing.get_type_hints(RULES[operation]).values())[1]
    kinds = typing.get_args(hint) or (hint,)
    found: dict[str, Any] = {} if operation.startswith("step:") else {"": None}
    if At in kinds:
        found |= ats
    if Complaint in kinds:
        found |= {kind: at.complaint for kind, at in ats.items()}
    if Contact in kinds:
        found |= made.contacts(person)
    if Project in kinds:
        found["project"] = made.project
    if Incident in kinds:
        found["incident"] = Incident(project=made.project)
    if Customer in kinds:
        found["customer"] = Customer(project=made.project)
    if Home in kinds:
        found["home"] = made.home
    if Staff in kinds:
        found["colleague"] = made.clerk
    if Post in kinds:
        found["post"] = Post(position=Position.FRONT_DESK, project=made.project)
        found["post_above"] = Post(position=Position.ADMINISTRATOR)
    if Shift in kinds:
        found["own_shift"] = Shift(staff=person, project=made.project)
        found["others_shift"] = Shift(staff=made.clerk, project=made.project)
    if Swap in kinds:
        shift = Shift(staff=made.colleague, project=made.project)
        found["swap"] = Swap(shift=shift, asked_by=made.colleague, asked_of=made.clerk)
    if CalendarAddress in kinds:
        found["own_calendar"] = CalendarAddress(staff=person)
        found["others_calendar"] = CalendarAddress(staff=made.colleague)
    if NoticeAddress in kinds:
        found["own_address"] = NoticeAddress(staff=person)
        found["others_address"] = NoticeAddress(staff=made.colleague)
        found["department_address"] = NoticeAddress(department=made.department)
        found["project_address"] = NoticeAddress(project=made.project)
    if SavedView in kinds:
        found["own_view"] = SavedView(staff=person)
        found["shared_view"] = SavedView(staff=made.colleague, project=made.project)
    if Notice in kinds:
        found["own_notice"] = Notice(person=person)
        found["others_notice"] = Notice(person=made.colleague)
    if HeldArrival in kinds:
        found["held_arrival"] = HeldArrival(project=made.project)
    if Export in kinds:
        found["own_export"] = Export(staff=person)
        found["others_export"] = Export(staff=made.colleague)
    for kind, further in _FURTHER.items():
        if kind in kinds:
            found |= further(made, person)
    return found


def answers(made: Specimens) -> Iterator[dict[str, Any]]:
    """Every operation × what it is asked about × position × project, with the rule that decided."""
    for each in made.everybody:
        with transaction.atomic():
            complaints = made.complaints(each.staff)
            ats = {kind: made.at(each.staff, found) for kind, found in complaints.items()}
            for operation in sorted(RULES):
                for subject, value in asked(operation, made, each.staff, ats).items():
                    answer = may(each.staff, operation, value)
                    yield {
                        "operation": operation,
                        "subject": subject,
                        "position": each.position,
                        "project": each.project,
                        "allowed": answer.allowed,
                        "rule": str(answer.rule),
                    }
            transaction.set_rollback(True)


def matrix() -> dict[str, Any]:
    """Addresses with the operations that open them, and the answers to all operations."""
    with translation.override("zh-hans"), specimens() as made:
        return {
            "addresses": [_told(each) for each in addresses()],
            "operations": list(answers(made)),
        }


def _told(address: Address) -> dict[str, Any]:
    return {
        "address": "/" + address.route,
        "methods": list(address.methods),
        "operation": address.operation or ("open_to_all" if address.open_to_all else ""),
    }
