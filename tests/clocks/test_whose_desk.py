"""My desk is what I answer for now: whoever a clock's holder resolves to has it there, nobody else."""

from __future__ import annotations

import datetime
import random

import pytest
from tests.clocks import matters
from tests.clocks.matters import HOUR, MATTER, MONDAY, happens, receive

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.organization import structure
from shouwen.organization.models import (
    Company,
    Delegation,
    Department,
    Project,
    Shift,
    Staff,
)

pytestmark = pytest.mark.django_db
SINCE = datetime.date(2020, 1, 1)
WITHIN = ("department_member", "department_head")
POSTS = (
    *("front_desk",) * 2,
    "centre_head",
    *("department_member",) * 2,
    "department_head",
    "site_manager",
    "company_leader",
    "steward",
)


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> Project:
    made = structure.open_project(Company.objects.create(name="物业公司"), "JX", "锦绣花园")
    monkeypatch.setattr(matters, "PROJECT", made.pk)
    return made


@pytest.fixture
def engineering(project: Project) -> Department:
    return structure.add_department("engineering", "工程部", project=project)


@pytest.fixture
def crew(project: Project, engineering: Department) -> list[Staff]:
    crew = []
    for number, position in enumerate(POSTS):
        person = Staff.objects.create_user(f"staff-{number}", name=f"{position} {number}")
        inside = position in WITHIN
        structure.appoint(
            person,
            position,
            project=None if position == "company_leader" or inside else project,
            department=engineering if inside else None,
            since=SINCE,
        )
        crew.append(person)
    return crew


def _matters(crew: list[Staff], dice: random.Random) -> None:
    for _number in range(6):
        matter = receive(front_desk=True, severity=dice.choice(["routine", "emergency"]))
        if dice.random() < 0.5:
            matters.about[matter] = dice.choice(crew).pk
        if dice.random() < 0.3:
            matters.first_contacts[matter] = dice.choice(crew).pk
        due_at = MONDAY + 9 * HOUR
        happens(matter, "dispatched", MONDAY, department="engineering", due_at=due_at)
        if dice.random() < 0.5:
            happens(matter, "explained", MONDAY + HOUR, accepted=False)
    for row in ClockRow.objects.filter(person_id=None):
        if dice.random() < 0.4:
            row.claimed_by_id = dice.choice(crew).pk
            row.save()


def _roster(
    crew: list[Staff],
    project: Project,
    engineering: Department,
    now: datetime.datetime,
    dice: random.Random,
) -> None:
    for person, position in zip(crew, POSTS, strict=True):
        if dice.random() < 0.4:
            start = now + dice.choice([-8, -1, 3]) * HOUR
            Shift.objects.create(
                project=project,
                position=position,
                department=engineering if position in WITHIN else None,
                staff=person,
                starts_at=start,
                ends_at=start + 4 * HOUR,
            )
        if dice.random() < 0.3:
            stand_in = dice.choice([each for each in crew if each != person])
            Delegation.objects.create(
                person=person,
                stand_in=stand_in,
                since=now - HOUR,
                until=now + HOUR,
                made_by=person,
                made_at=now,
            )
    if dice.random() < 0.3:
        Staff.objects.filter(pk=dice.choice(crew).pk).update(is_active=False)


@pytest.mark.parametrize("seed", range(12))
def test_a_clock_lies_on_the_desks_of_those_who_answer_for_it_and_no_others(
    project: Project, engineering: Department, crew: list[Staff], seed: int
) -> None:
    dice = random.Random(seed)
    keeper = Staff.objects.create_user("administrator", name="系统管理员")
    structure.appoint(keeper, "administrator", since=SINCE)
    now = datetime.datetime.now(datetime.UTC)
    matters.about.clear()
    matters.first_contacts.clear()
    _roster(crew, project, engineering, now, dice)
    _matters(crew, dice)
    rows = list(ClockRow.objects.filter(subject_type=MATTER, state=ClockRow.State.RUNNING))
    holders = reading.who_hold(rows, now)
    assert rows
    assert all(holders.values())
    heads = {each.pk for each, position in zip(crew, POSTS, strict=True) if position == WITHIN[1]}
    for person in Staff.objects.filter(is_active=True):
        desk = list(reading.held_by(person, now))
        assert desk == reading.soonest_held_by(person, 1_000, now)
        assert len({row.pk for row in desk}) == len(desk)
        found = {row.pk for row in desk}
        for row in rows:
            mine = person in holders[row.pk]
            if row.holder == "department" and _answers_as_head(person, heads, now):
                mine = row.barred_id != person.pk
            assert (row.pk in found) == mine, (row.rule, row.holder, person.name, seed)
    matters.about.clear()
    matters.first_contacts.clear()


def test_what_the_person_complained_about_had_claimed_is_their_colleagues_again(
    project: Project, crew: list[Staff]
) -> None:
    first, second = crew[:2]
    matters.about.clear()
    matter = receive(front_desk=True)
    ClockRow.objects.filter(subject_id=matter, holder="front_desk").update(claimed_by_id=first.pk)
    assert not reading.held_by(second).filter(holder="front_desk").exists()
    ClockRow.objects.filter(subject_id=matter).update(barred_id=first.pk)
    rows = ClockRow.objects.filter(subject_id=matter, holder="front_desk", person_id=None)
    assert rows and set(rows) <= set(reading.held_by(second))
    assert not reading.taken_by_others(reading.desk_of(second), 100)
    assert not reading.held_by(first).exists()


def _answers_as_head(person: Staff, heads: set[int], now: datetime.datetime) -> bool:
    """A department's work stays on its head's desk, also on that of who stands in for the head."""
    lent = Delegation.objects.filter(stand_in=person, since__lte=now, until__gt=now)
    return person.pk in heads or lent.filter(person__in=heads, person__is_active=True).exists()


def test_what_colleagues_claimed_stands_beside_the_desk(project: Project) -> None:
    clerks = [Staff.objects.create_user(f"clerk-{n}", name=f"前台 {n}") for n in range(2)]
    for each in clerks:
        structure.appoint(each, "front_desk", project=project, since=SINCE)
    receive(front_desk=True)
    ClockRow.objects.update(claimed_by_id=clerks[0].pk)
    desk = reading.desk_of(clerks[1])
    assert reading.soonest_on(desk, 10) == []
    assert (
        len(reading.taken_by_others(desk, 10))
        == ClockRow.objects.filter(state="running", holder="front_desk").count()
    )
