"""The demo company's duty roster: ninety days back, two weeks ahead."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from shouwen.demo.stories.telling import LOCAL
from shouwen.organization.models import Department, Project, Shift, Staff
from shouwen.organization.positions import Position

BACK, AHEAD = 90, 14
#: From the hour, for so many hours.
DAY, NIGHT, ROUND_THE_CLOCK = (8, 12), (20, 12), (8, 24)


class Turn(NamedTuple):
    """Whose turn it is each day, in which position of which project, from when for how long."""

    project: str
    position: Position
    username: str
    hours: tuple[int, int]
    department: str = ""


TURNS = (
    Turn("JX", Position.FRONT_DESK, "front-desk-1", DAY),
    Turn("JX", Position.FRONT_DESK, "front-desk-2", DAY),
    Turn("JX", Position.FRONT_DESK, "front-desk-night", NIGHT),
    Turn("JX", Position.DEPARTMENT_MEMBER, "engineering-1", DAY, "jx-engineering"),
    Turn("JX", Position.DEPARTMENT_MEMBER, "engineering-duty", NIGHT, "jx-engineering"),
    Turn("JX", Position.DEPARTMENT_MEMBER, "order-gate", ROUND_THE_CLOCK, "jx-order"),
    Turn("JX", Position.SITE_MANAGER, "site-manager", ROUND_THE_CLOCK),
    # One clerk alone: at night nobody is at the front desk, and the centre's head answers.
    Turn("YH", Position.FRONT_DESK, "yh-front-desk-1", DAY),
    Turn("YH", Position.SITE_MANAGER, "yh-site-manager", ROUND_THE_CLOCK),
    Turn("HJ", Position.FRONT_DESK, "hj-front-desk-1", DAY),
    Turn("HJ", Position.FRONT_DESK, "hj-front-desk-2", NIGHT),
    Turn("HJ", Position.DEPARTMENT_MEMBER, "hj-order-garage", ROUND_THE_CLOCK, "hj-order"),
    Turn("HJ", Position.SITE_MANAGER, "hj-site-manager", ROUND_THE_CLOCK),
)


def draw_up(moment: datetime) -> None:
    """Write the roster round that moment, in one statement.

    In the shift that is under way then everybody of the roster has a turn, so that whoever looks at
    the demo finds every desk at work, whatever the hour.
    """
    projects = {each.code: each for each in Project.objects.all()}
    staff = {each.username: each for each in Staff.objects.all()}
    departments = {each.code: each for each in Department.objects.all()}
    midnight = moment.astimezone(LOCAL).replace(hour=0, minute=0, second=0, microsecond=0)
    shifts = []
    for turn in TURNS:
        here = (projects[turn.project], staff[turn.username], departments.get(turn.department))
        spans = [_span(midnight + timedelta(days=day), *turn.hours) for day in range(-BACK, AHEAD)]
        if not any(start <= moment < end for start, end in spans):
            spans.append(_under_way(midnight, moment))
        shifts += [_shift(turn, *here, start, end) for start, end in spans]
    Shift.objects.bulk_create(shifts, batch_size=2_000)


def _span(day: datetime, hour: int, hours: int) -> tuple[datetime, datetime]:
    start = day + timedelta(hours=hour)
    return start, start + timedelta(hours=hours)


def _under_way(midnight: datetime, moment: datetime) -> tuple[datetime, datetime]:
    spans = [
        _span(midnight + timedelta(days=day), *hours) for day in (-1, 0) for hours in (DAY, NIGHT)
    ]
    return next(span for span in spans if span[0] <= moment < span[1])


def _shift(
    turn: Turn,
    project: Project,
    staff: Staff,
    department: Department | None,
    start: datetime,
    end: datetime,
) -> Shift:
    return Shift(
        project=project,
        position=turn.position,
        department=department,
        staff=staff,
        starts_at=start,
        ends_at=end,
    )
