"""A small company whose staff take real steps; complaints come about lawfully, never by rows."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from shouwen.complaints import categories, lifecycle, numbers
from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.models import Complaint
from shouwen.organization import homes
from shouwen.organization.models import Company, Department, Developer, Project, Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint

MONDAY = datetime.datetime(2026, 3, 2, 1, 0, tzinfo=datetime.UTC)  # 09:00 in Shanghai


@dataclass
class Centre:
    """A project with one person in every position, and a clock that the test turns."""

    project: Project
    staff: dict[str, Staff]
    now: datetime.datetime = MONDAY
    complaint: Complaint | None = None
    serial: int = field(default=0)

    def wait(self, **delta: float) -> None:
        """Let time pass."""
        self.now += datetime.timedelta(**delta)

    def person(self, who: str) -> Staff:
        """The person in a position, read anew as another request would."""
        return Staff.objects.get(pk=self.staff[who].pk)

    def receive(self, who: str = "front_desk", **data: Any) -> Complaint:
        """Somebody takes a complaint."""
        given = {"content": "楼道灯不亮，晚上看不见。", "category": "power"} | data
        outcome = lifecycle.take(
            "receive", person=self.person(who), project=self.project, data=given, now=self.now
        )
        self.complaint = outcome.complaint
        return outcome.complaint

    def take(self, who: str, name: str, **data: Any) -> Outcome:
        """Somebody takes a step on the complaint, a minute later."""
        assert self.complaint is not None
        options = {
            option: data.pop(option)
            for option in ("occurred_at", "expected_version", "key")
            if option in data
        }
        self.wait(minutes=1)
        outcome = lifecycle.take(
            name,
            person=self.person(who),
            complaint=Complaint.objects.get(pk=self.complaint.pk),
            data=data,
            now=self.now,
            **options,
        )
        self.complaint = outcome.complaint
        return outcome


def staff_a_project(project: Project, *, prefix: str) -> dict[str, Staff]:
    """One person in every position, two departments with a head and a member each."""
    staff: dict[str, Staff] = {}
    since = datetime.date(2020, 1, 1)

    def add(word: str, position: str, department: Department | None = None) -> None:
        person = Staff.objects.create_user(f"{prefix}-{word}", name=f"{prefix} {word}")
        appoint(person, position, project=project, department=department, since=since)
        staff[word] = person

    for position in Position:
        if position not in (Position.DEPARTMENT_HEAD, Position.DEPARTMENT_MEMBER):
            add(str(position), position)
    add("second_clerk", Position.FRONT_DESK)
    for code in ("engineering", "order"):
        department = Department.objects.create(
            project=project, code=f"{prefix}-{code}", name=f"{prefix} {code}"
        )
        add(f"{code}_head", Position.DEPARTMENT_HEAD, department)
        add(f"{code}_member", Position.DEPARTMENT_MEMBER, department)
    return staff


@pytest.fixture(autouse=True)
def _fresh_numbers() -> Iterator[None]:
    numbers.forget()
    yield
    numbers.forget()


@pytest.fixture
def centre(db: None) -> Centre:
    """A customer centre on a Monday morning at nine."""
    categories.ship()
    company = Company.objects.create(name="物业公司")
    developer = Developer.objects.create(name="开发商")
    project = Project.objects.create(company=company, developer=developer, code="JX", name="小区")
    homes.ensure(project, "3", "1", "802")
    return Centre(project, staff_a_project(project, prefix="jx"))
