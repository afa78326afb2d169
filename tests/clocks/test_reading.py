"""Whose a clock is: a person's alone, or whoever's the post is now."""

import datetime
import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.clocks import matters
from tests.clocks.matters import HOUR, MATTER, MONDAY, happens, receive, row

from shouwen.clocks import reading
from shouwen.organization import structure
from shouwen.organization.models import Company, Department, Project, Staff

pytestmark = pytest.mark.django_db
SINCE = datetime.date(2020, 1, 1)
_numbers = itertools.count(1)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    made = structure.open_project(Company.objects.create(name="物业公司"), "JX", "锦绣花园")
    monkeypatch.setattr(matters, "PROJECT", made.pk)
    return made


@pytest.fixture
def engineering(project: Project) -> Department:
    return structure.add_department("engineering", "工程部", project=project)


def staff(
    position: str, project: Project | None = None, department: Department | None = None
) -> Staff:
    number = next(_numbers)
    made = Staff.objects.create_user(f"staff-{number}", name=f"{position} {number} 号岗")
    structure.appoint(made, position, project=project, department=department, since=SINCE)
    return made


def rules(person: Staff) -> set[str]:
    held = list(reading.held_by(person))
    assert held == reading.soonest_held_by(person, 100)
    assert held == sorted(held, key=lambda row: (row.due_at, row.pk))
    return {each.rule for each in held}


def test_a_post_of_the_project_or_of_all_projects_holds_its_clocks(project: Project) -> None:
    other = structure.open_project(project.company, "BY", "碧云苑")
    here, elsewhere, everywhere = (staff("front_desk", where) for where in (project, other, None))
    matter = receive()
    assert rules(here) == rules(everywhere) == {"H.contact", "H.total"}
    assert rules(elsewhere) == set()
    assert reading.who_holds(row(matter, "H.total")) == [here, everywhere]


def test_a_person_alone_holds_what_is_theirs(project: Project) -> None:
    first, other = staff("steward", project), staff("steward", project)
    matters.first_contacts |= dict.fromkeys(range(1, 100_000), first.pk)
    matter = receive()
    assert rules(first) == {"R1.relay"}
    assert rules(other) == set()
    assert reading.who_holds(row(matter, "R1.relay")) == [first]


def test_a_department_holds_its_work_and_its_head_what_is_to_be_mediated(
    project: Project, engineering: Department
) -> None:
    cleaning = structure.add_department("cleaning", "保洁部", project=project)
    member = staff("department_member", project, engineering)
    head = staff("department_head", project, engineering)
    others = staff("department_head", project, cleaning)
    matter = receive(front_desk=True)
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=MONDAY + 9 * HOUR)
    assert rules(member) == rules(head) == {"R2.handle", "R4.respond"}
    happens(matter, "explained", MONDAY + HOUR, accepted=False)
    assert rules(head) == {"R2.handle", "R4.respond", "H.mediate"}
    assert "H.mediate" not in rules(member)
    assert rules(others) == set()
    assert reading.who_holds(row(matter, "R2.handle", "engineering")) == [member, head]
    assert reading.who_holds(row(matter, "H.mediate")) == [head]


def test_who_is_complained_about_holds_nothing_of_it(project: Project) -> None:
    accused, colleague = staff("front_desk", project), staff("front_desk", project)
    matters.about |= dict.fromkeys(range(1, 100_000), accused.pk)
    matter = receive()
    assert rules(accused) == set()
    assert rules(colleague) == {"H.contact", "H.total"}
    assert reading.who_holds(row(matter, "H.total")) == [colleague]


def test_who_has_left_holds_nothing(project: Project) -> None:
    gone = staff("front_desk", project)
    matter = receive()
    gone.is_active = False
    gone.save()
    assert rules(gone) == set()
    assert reading.who_holds(row(matter, "H.total")) == []


def test_a_stopped_clock_is_nobodys(project: Project) -> None:
    desk = staff("front_desk", project)
    matter = receive(front_desk=True)
    happens(matter, "customer_informed", MONDAY + HOUR)
    assert "H.contact" not in rules(desk)
    assert [each.rule for each in reading.of_subject(MATTER, matter)].count("H.contact") == 1


def test_overdue_is_unstopped_and_past_due(project: Project) -> None:
    receive()
    assert not reading.overdue(MONDAY + 24 * HOUR).exists()
    late = reading.overdue(MONDAY + 24.1 * HOUR)
    assert {each.rule for each in late} == {"R1.relay", "H.contact"}


def test_the_soonest_are_read_in_one_query_and_who_answers_in_eight(
    project: Project, engineering: Department
) -> None:
    both = staff("front_desk", project)
    structure.appoint(both, "department_member", department=engineering, since=SINCE)
    for _number in range(5):
        receive()
    reading.held_by(both).exists()  # the posts are read once
    with CaptureQueriesContext(connection) as asked:
        assert len(reading.soonest_held_by(both, 3)) == 3
    assert sum('FROM "clocks_clockrow"' in each["sql"] for each in asked) == 1
    assert len(asked) == 1 + 8
