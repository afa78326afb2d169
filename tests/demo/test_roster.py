"""The demo company keeps a roster: somebody is on duty at any hour, and a gap is there to be seen."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest
from django.utils import timezone

from shouwen.demo import company, roster
from shouwen.organization.models import Project, Shift
from shouwen.organization.on_duty import gaps, resolve

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def moment(db: None) -> Iterator[datetime.datetime]:
    company.found()
    moment = timezone.now()
    roster.draw_up(moment)
    yield moment


def test_at_any_hour_somebody_is_at_the_front_desk_of_the_first_project(
    moment: datetime.datetime,
) -> None:
    project = Project.objects.get(code="JX")
    for hour in range(0, 24 * 13, 5):
        found = resolve("front_desk", project_id=project.pk, at=moment + hour * HOUR)
        assert {each.code for each in found.reasons} == {"shift"}
    assert not any(
        gap.position == "front_desk" for gap in gaps(project, moment, moment + 300 * HOUR)
    )


def test_whoever_looks_at_the_demo_when_it_is_made_is_on_duty(moment: datetime.datetime) -> None:
    now = Shift.objects.filter(starts_at__lte=moment, ends_at__gt=moment)
    assert now.count() == len(roster.TURNS)


def test_a_small_project_has_its_gaps_at_night_and_its_head_answers(
    moment: datetime.datetime,
) -> None:
    project = Project.objects.get(code="YH")
    found = gaps(project, moment + 24 * HOUR, moment + 72 * HOUR)
    assert {gap.position for gap in found} == {"front_desk"}
    assert {each.username for gap in found for each in gap.falls_to.persons} == {"yh-centre-head"}
