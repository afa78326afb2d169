"""Who holds a position now [C4][A5]."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from shouwen.organization.holders import holds, positions_of, projects_of, who
from shouwen.organization.models import Department, Post, Project, Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_the_front_desk_of_a_project_is_found_in_one_query(
    project: Project, other_project: Project, front_desk: Staff, django_assert_num_queries
) -> None:
    with django_assert_num_queries(1):
        assert who("front_desk", project_id=project.pk) == [front_desk]
    assert who("front_desk", project_id=other_project.pk) == []


def test_a_company_wide_post_counts_for_every_project(
    project: Project, other_project: Project, company_leader: Staff
) -> None:
    for each in (project, other_project):
        assert who("company_leader", project_id=each.pk) == [company_leader]
        assert holds(company_leader, "company_leader", each.pk)


def test_the_word_department_means_its_members_and_its_head(
    project: Project, engineering: Department
) -> None:
    head = Staff.objects.create_user("engineering-head", name="工程部主任")
    member = Staff.objects.create_user("engineering-1", name="工程部技工一")
    appoint(head, Position.DEPARTMENT_HEAD, department=engineering)
    appoint(member, Position.DEPARTMENT_MEMBER, department=engineering)

    found = who("department", project_id=project.pk, department_code="jx-engineering")

    assert found == [head, member]
    assert all(holds(each, "department", project.pk, "jx-engineering") for each in found)
    assert not holds(head, "department", project.pk, "jx-order")
    assert who("department_head", project_id=project.pk) == [head]
    assert not holds(member, "department_head", project.pk)


def test_somebody_with_two_posts_of_one_position_is_named_once(
    project: Project, front_desk: Staff
) -> None:
    appoint(front_desk, Position.FRONT_DESK)
    assert who("front_desk", project_id=project.pk) == [front_desk]


def test_a_post_is_held_on_its_first_and_last_day_of_local_time(project: Project) -> None:
    staff = Staff.objects.create_user("steward-1", name="楼栋管家")
    appoint(
        staff,
        Position.STEWARD,
        project=project,
        since=datetime.date(2026, 3, 1),
        until=datetime.date(2026, 3, 31),
    )
    held = {
        datetime.datetime(2026, 2, 28, 23, 59, tzinfo=SHANGHAI): False,
        datetime.datetime(2026, 3, 1, 0, 0, tzinfo=SHANGHAI): True,
        datetime.datetime(2026, 3, 31, 15, 59, tzinfo=datetime.UTC): True,
        datetime.datetime(2026, 3, 31, 16, 0, tzinfo=datetime.UTC): False,
    }
    for moment, expected in held.items():
        assert bool(who("steward", project_id=project.pk, at=moment)) is expected
        assert bool(positions_of(staff, at=moment)) is expected


def test_who_has_left_holds_nothing(project: Project, front_desk: Staff) -> None:
    front_desk.is_active = False
    front_desk.save()
    assert who("front_desk", project_id=project.pk) == []
    assert positions_of(front_desk) == []
    assert not holds(front_desk, "front_desk", project.pk)


def test_a_persons_posts_are_read_once_per_request(
    project: Project, front_desk: Staff, django_assert_num_queries
) -> None:
    person = Staff.objects.get(pk=front_desk.pk)
    with django_assert_num_queries(1):
        assert holds(person, "front_desk", project.pk)
        assert not holds(person, "site_manager", project.pk)
        assert [post.project for post in positions_of(person)] == [project]


def test_an_appointment_is_seen_at_once(project: Project, front_desk: Staff) -> None:
    assert not holds(front_desk, "complaint_team", project.pk)
    appoint(front_desk, Position.COMPLAINT_TEAM, project=project)
    assert holds(front_desk, "complaint_team", project.pk)


def test_a_word_that_is_no_position_is_refused(project: Project, front_desk: Staff) -> None:
    for word in ("janitor", "first_contact", ""):
        with pytest.raises(ValueError):
            who(word, project_id=project.pk)
        with pytest.raises(ValueError):
            holds(front_desk, word, project.pk)
    with pytest.raises(ValueError, match="department code"):
        who("department", project_id=project.pk)


def test_the_projects_somebody_works_for(
    project: Project, other_project: Project, front_desk: Staff, company_leader: Staff
) -> None:
    assert list(projects_of(front_desk)) == [project]
    assert list(projects_of(company_leader)) == [project, other_project]
    assert list(projects_of(front_desk, leaving_out=(Position.FRONT_DESK,))) == []


def test_a_departments_position_needs_its_department(project: Project) -> None:
    staff = Staff.objects.create_user("engineering-2", name="工程部技工二")
    with pytest.raises(ValidationError):
        appoint(staff, Position.DEPARTMENT_HEAD, project=project)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(
            staff=staff,
            position=Position.DEPARTMENT_HEAD,
            project=project,
            since=datetime.date(2026, 1, 1),
        )


def test_nobody_is_appointed_to_another_projects_department(
    other_project: Project, engineering: Department
) -> None:
    staff = Staff.objects.create_user("engineering-3", name="工程部技工三")
    with pytest.raises(ValidationError):
        appoint(staff, Position.DEPARTMENT_MEMBER, project=other_project, department=engineering)


def test_a_post_never_ends_before_it_begins(project: Project, front_desk: Staff) -> None:
    with pytest.raises(ValidationError):
        appoint(
            front_desk,
            Position.STEWARD,
            project=project,
            since=datetime.date(2026, 2, 2),
            until=datetime.date(2026, 2, 1),
        )
