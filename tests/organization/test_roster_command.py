"""`shouwen roster`: who answers at a moment and why, for people and for programs."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from shouwen.organization.models import Project, Shift, Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint

OPENED = datetime.date(2026, 1, 1)


@pytest.fixture
def centre_head(project: Project) -> Staff:
    staff = Staff.objects.create_user("centre-head", name="客户中心负责人")
    appoint(staff, Position.CENTRE_HEAD, project=project, since=OPENED)
    return staff


def on_duty_by_day(project: Project, clerk: Staff, day: datetime.date) -> None:
    eight = datetime.time(8)
    start = timezone.make_aware(datetime.datetime.combine(day, eight))
    Shift.objects.create(
        project=project,
        position=Position.FRONT_DESK,
        staff=clerk,
        starts_at=start,
        ends_at=start + datetime.timedelta(hours=12),
    )


def printed(*arguments: str) -> str:
    out = io.StringIO()
    call_command("roster", *arguments, stdout=out)
    return out.getvalue()


def document(*arguments: str) -> Any:
    return json.loads(printed(*arguments, "--json"))


def test_who_answers_is_told_with_the_chain_of_reasons(
    project: Project, front_desk: Staff, centre_head: Staff
) -> None:
    on_duty_by_day(project, front_desk, datetime.date(2026, 3, 2))
    asked = ("who", "--position", "front_desk", "--project", "JX", "--at")
    day = document(*asked, "2026-03-02T09:00")
    assert day["at"] == "2026-03-02T09:00:00+08:00"
    assert [each["username"] for each in day["answers"]["persons"]] == ["front-desk-1"]
    night = document(*asked, "2026-03-03T03:00")["answers"]
    assert [each["username"] for each in night["persons"]] == ["centre-head"]
    assert night["position"] == "centre_head"
    assert [each["code"] for each in night["reasons"]] == ["gap", "head", "post"]
    assert night["reasons"][-1]["person"] == {"username": "centre-head", "name": "客户中心负责人"}
    assert "客户中心前台这个时间无人值班" in printed(*asked, "2026-03-03T03:00")


def test_gaps_are_told_before_they_come(
    project: Project, front_desk: Staff, centre_head: Staff
) -> None:
    today = timezone.localdate()
    for day in (1, 2):
        on_duty_by_day(project, front_desk, today + datetime.timedelta(days=day))
    told = document("gaps", "--project", "JX", "--days", "2")["gaps"]
    assert {each["position"] for each in told} == {"front_desk"}
    assert {each["answers"]["persons"][0]["username"] for each in told} == {"centre-head"}
    assert len(told) >= 2
    assert "客户中心负责人" in printed("gaps", "--project", "JX")


@pytest.mark.parametrize(
    "arguments",
    [
        ("who", "--position", "janitor", "--project", "JX"),
        ("who", "--position", "department", "--project", "JX"),
        ("who", "--position", "department", "--project", "JX", "--department", "none"),
        ("who", "--position", "front_desk", "--project", "NO"),
        ("who", "--position", "front_desk", "--project", "JX", "--at", "night"),
        ("who", "--position", "front_desk", "--project", "JX", "--at", "2026-13-40T09:00"),
        ("gaps", "--project", "NO"),
    ],
)
def test_what_it_does_not_know_it_says(project: Project, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        printed(*arguments)
