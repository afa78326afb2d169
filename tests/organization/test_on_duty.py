"""Who answers for a position now, and why: by the roster, the stand-in, the head [C4][A5][P3]."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.organization import on_duty, roster
from shouwen.organization.holders import Asked
from shouwen.organization.models import Delegation, Department, Project, Shift, Staff
from shouwen.organization.on_duty import gaps, head_of, reckon, resolve, resolve_each
from shouwen.organization.positions import Position
from shouwen.organization.roster import Away, Held, Roster, Turn
from shouwen.organization.structure import appoint

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
NIGHT = datetime.datetime(2026, 3, 3, 19, 0, tzinfo=datetime.UTC)  # 03:00 in Shanghai
OPENED = datetime.date(2026, 1, 1)


@pytest.fixture
def hire(project: Project) -> Callable[..., Staff]:
    def hired(name: str, position: str, department: Department | None = None) -> Staff:
        staff = Staff.objects.create_user(name, name=name)
        appoint(staff, position, project=project, department=department, since=OPENED)
        return staff

    return hired


def shift(
    staff: Staff,
    position: str,
    project: Project,
    since: datetime.datetime,
    hours: int = 8,
    department: Department | None = None,
) -> Shift:
    return Shift.objects.create(
        project=project,
        position=position,
        department=department,
        staff=staff,
        starts_at=since,
        ends_at=since + hours * HOUR,
    )


def away(staff: Staff, stand_in: Staff, since: datetime.datetime = NIGHT - DAY) -> Delegation:
    return Delegation.objects.create(
        person=staff, stand_in=stand_in, since=since, until=since + 2 * DAY, made_by=staff,
        made_at=since,
    )  # fmt: skip


def codes(found: on_duty.Resolution) -> list[str]:
    return [reason.code for reason in found.reasons]


def test_without_a_roster_whoever_holds_the_post_answers(
    project: Project, front_desk: Staff
) -> None:
    found = resolve("front_desk", project_id=project.pk, at=NIGHT)
    assert (found.persons, found.position, codes(found)) == ([front_desk], "front_desk", ["post"])


def test_with_a_roster_whoever_is_on_duty_answers(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    night = hire("front-desk-night", "front_desk")
    shift(night, "front_desk", project, NIGHT - HOUR)
    shift(front_desk, "front_desk", project, NIGHT + 7 * HOUR)
    assert resolve("front_desk", project_id=project.pk, at=NIGHT).persons == [night]
    morning = resolve("front_desk", project_id=project.pk, at=NIGHT + 7 * HOUR)
    assert (morning.persons, codes(morning)) == ([front_desk], ["shift"])


def test_in_a_gap_of_the_roster_the_head_answers_and_the_chain_says_so(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    head = hire("centre-head", "centre_head")
    shift(front_desk, "front_desk", project, NIGHT + 7 * HOUR)
    found = resolve("front_desk", project_id=project.pk, at=NIGHT)
    assert (found.persons, found.position) == ([head], "centre_head")
    assert codes(found) == ["gap", "head", "post"]
    assert found.reasons[0].text == "客户中心前台这个时间无人值班"


def test_a_roster_long_past_is_no_roster(project: Project, front_desk: Staff) -> None:
    shift(front_desk, "front_desk", project, NIGHT - roster.KEPT_WITHIN - 9 * HOUR)
    assert codes(resolve("front_desk", project_id=project.pk, at=NIGHT)) == ["post"]


def test_the_stand_in_answers_for_whoever_is_away(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    other = hire("steward-1", "steward")
    away(front_desk, other)
    shift(front_desk, "front_desk", project, NIGHT - HOUR)
    found = resolve("front_desk", project_id=project.pk, at=NIGHT)
    assert (found.persons, codes(found)) == ([other], ["away", "stand_in"])
    assert [reason.staff for reason in found.reasons] == [front_desk, other]
    assert resolve("front_desk", project_id=project.pk, at=NIGHT + DAY).persons != [other]


def test_a_stand_in_who_is_away_or_complained_about_does_not_answer(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    head, other = hire("centre-head", "centre_head"), hire("steward-1", "steward")
    away(front_desk, other)
    barred = resolve("front_desk", project_id=project.pk, at=NIGHT, barred_id=other.pk)
    assert (barred.persons, codes(barred)) == ([head], ["away", "barred", "head", "post"])
    away(other, front_desk)
    assert resolve("front_desk", project_id=project.pk, at=NIGHT).persons == [head]


def test_nobody_stands_in_for_those_who_keep_accounts_and_staff(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    keeper = hire("administrator", "administrator")
    away(keeper, front_desk)
    assert resolve("administrator", project_id=project.pk, at=NIGHT).persons == [keeper]


def test_the_person_complained_about_never_answers_it_goes_one_level_up(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    head = hire("centre-head", "centre_head")
    found = resolve("front_desk", project_id=project.pk, at=NIGHT, barred_id=front_desk.pk)
    assert (found.persons, codes(found)) == ([head], ["barred", "head", "post"])


def test_shifts_of_who_left_or_lost_the_post_do_not_count(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    head, gone = hire("centre-head", "centre_head"), hire("front-desk-2", "front_desk")
    shift(gone, "front_desk", project, NIGHT - HOUR)
    shift(front_desk, "front_desk", project, NIGHT - HOUR)
    gone.is_active = False
    gone.save()
    front_desk.posts.update(until=datetime.date(2026, 3, 3))
    assert resolve("front_desk", project_id=project.pk, at=NIGHT).persons == [head]


def test_a_departments_roster_is_its_own(
    project: Project, engineering: Department, hire: Callable[..., Staff]
) -> None:
    head = hire("head", "department_head", engineering)
    day = hire("technician-1", "department_member", engineering)
    night = hire("technician-2", "department_member", engineering)
    asked = {"project_id": project.pk, "department_code": "jx-engineering", "at": NIGHT}
    assert set(resolve("department", **asked).persons) == {head, day, night}
    shift(night, "department_member", project, NIGHT - HOUR, 8, engineering)
    assert resolve("department", **asked).persons == [night]
    asked["at"] = NIGHT + DAY
    found = resolve("department", **asked)
    assert (found.persons, codes(found)) == ([head], ["gap", "head", "post"])


def test_where_there_is_no_developer_its_stand_in_answers(
    other_project: Project,
) -> None:
    team = Staff.objects.create_user("team", name="投诉处理小组")
    appoint(team, Position.COMPLAINT_TEAM, project=other_project, since=OPENED)
    other_project.developer_stand_in = Position.COMPLAINT_TEAM
    other_project.save()
    found = resolve("developer_service", project_id=other_project.pk, at=NIGHT)
    assert (found.persons, codes(found)) == ([team], ["nobody", "head", "post"])


def test_at_the_very_end_an_administrator_answers(project: Project, other_project: Project) -> None:
    keeper = Staff.objects.create_user("administrator", name="系统管理员")
    appoint(keeper, Position.ADMINISTRATOR, project=other_project, since=OPENED)
    found = resolve("site_manager", project_id=project.pk, at=NIGHT)
    assert (found.persons, found.position) == ([keeper], "administrator")
    assert codes(found) == ["nobody", "head", "nobody", "head", "nobody", "head", "post"]


def test_many_are_answered_in_as_many_queries_as_one(
    project: Project, other_project: Project, front_desk: Staff, django_assert_num_queries
) -> None:
    asked = [
        Asked(str(each), where.pk) for each in Position for where in (project, other_project)
    ] + [Asked("department", project.pk, "jx-engineering"), Asked("first_contact", project.pk)]
    with django_assert_num_queries(6):
        found = resolve_each(asked, at=NIGHT)
    assert found[Asked("first_contact", project.pk)].persons == []
    with django_assert_num_queries(6):
        one = resolve("front_desk", project_id=project.pk, at=NIGHT)
    assert found[Asked("front_desk", project.pk)] == one


def test_a_word_that_is_no_position_is_refused(project: Project) -> None:
    for word in ("janitor", "first_contact", "department"):
        with pytest.raises(ValueError):
            resolve(word, project_id=project.pk)


def test_every_way_up_ends_at_the_administrators() -> None:
    for position in ("department", *Position.values):
        way, at = [position], head_of(position)
        while at is not None:
            assert at not in way
            way.append(at)
            at = head_of(at)
        assert way[-1] == "administrator"


def test_a_gap_is_told_before_it_comes_and_says_who_answers_then(
    project: Project, front_desk: Staff, hire: Callable[..., Staff]
) -> None:
    head = hire("centre-head", "centre_head")
    for day in range(3):
        shift(front_desk, "front_desk", project, NIGHT + day * DAY, 12)
        if day != 1:
            shift(front_desk, "front_desk", project, NIGHT + day * DAY + 12 * HOUR, 12)
    found = gaps(project, NIGHT, NIGHT + 3 * DAY)
    assert [(gap.position, gap.since, gap.until) for gap in found] == [
        ("front_desk", NIGHT + DAY + 12 * HOUR, NIGHT + 2 * DAY)
    ]
    assert found[0].falls_to.persons == [head]
    assert gaps(project, NIGHT, NIGHT + DAY) == []


# -- any roster at all

PEOPLE = range(1, 8)
KEEPER, SECOND_KEEPER = 100, 101
WORDS = ("front_desk", "centre_head", "department", "department_member", "department_head",
         "site_manager", "company_leader", "board_leader", "developer_service", "complaint_team")  # fmt: skip
POSTS = tuple(word for word in WORDS if word != "department")


def _code(position: str) -> str:
    return "works" if position.startswith("department_") else ""


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    facts = Roster({1: Project(pk=1, developer_stand_in=draw(st.sampled_from(roster_words())))})
    for keeper in (KEEPER, SECOND_KEEPER):
        facts.held.setdefault("administrator", []).append(
            Held(keeper, "administrator", None, "", OPENED, None)
        )
    places = st.tuples(st.sampled_from(POSTS), st.sampled_from(PEOPLE))
    for position, person in draw(st.lists(places, max_size=12)):
        until = draw(st.sampled_from([None, OPENED]))
        facts.held.setdefault(position, []).append(
            Held(person, position, draw(st.sampled_from([None, 1])), _code(position), OPENED, until)
        )
    for position, person in draw(st.lists(places, max_size=8)):
        start = NIGHT + draw(st.integers(-20, 4)) * HOUR
        turn = Turn(person, position, 1, _code(position), start, start + 12 * HOUR)
        facts.turns.setdefault(position, []).append(turn)
        facts.kept.setdefault(position, []).append(
            ((position, 1, _code(position)), turn.starts_at, turn.ends_at)
        )
    for person, stand_in in draw(
        st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(PEOPLE)), max_size=4)
    ):
        facts.away.append(Away(person, stand_in, NIGHT - DAY, NIGHT + DAY))
    facts.active = frozenset(draw(st.sets(st.sampled_from(PEOPLE))))
    return facts


def roster_words() -> list[str]:
    return ["quality", "centre_head", "site_manager", "complaint_team"]


@given(rosters(), st.sampled_from(WORDS), st.sampled_from([None, *PEOPLE, KEEPER]))
@settings(max_examples=400, deadline=None)
def test_whatever_the_roster_somebody_answers_and_never_the_person_complained_about(
    facts: Roster, word: str, barred: int | None
) -> None:
    code = "works" if word.startswith("department") else ""
    found = reckon(facts, Asked(word, 1, code), NIGHT, barred)
    assert found.persons
    assert barred not in found.persons
    # The chain is complete: from the position asked for, level by level, to where they were found.
    levels = [word] + [link.position for link in found.links if link.code == "head"]
    assert levels[-1] == found.position
    named = {link.staff_id for link in found.links if link.code in ("shift", "post", "stand_in")}
    assert named == set(found.persons)
    for level in levels[:-1]:
        why = [link.code for link in found.links if link.position == level and link.code != "head"]
        assert why and set(why) <= {"gap", "nobody", "away", "barred"}
    for below, above in pairwise(levels):
        stand_in = facts.projects[1].developer_stand_in
        assert head_of(below, developer_stand_in=stand_in) == above


@given(rosters(), st.sampled_from(WORDS), st.sampled_from(PEOPLE))
@settings(max_examples=200, deadline=None)
def test_barring_somebody_whom_the_chain_does_not_name_changes_nothing(
    facts: Roster, word: str, barred: int
) -> None:
    asked = Asked(word, 1, "works" if word.startswith("department") else "")
    found = reckon(facts, asked, NIGHT)
    if barred not in found.involved:
        assert reckon(facts, asked, NIGHT, barred) == found
