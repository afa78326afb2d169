"""A repeating plan: which weekdays, from which day to which, who in turn; seen before it is made."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization import scheduling
from shouwen.organization.models import Shift, Staff
from shouwen.organization.scheduling import Place, span, zone
from shouwen.records import audit
from shouwen.regulation.durations import WorkingCalendar

LONGEST = timedelta(days=370)
MOST = 1_500


class Turn(StrEnum):
    """When the next person's turn comes."""

    ALL = "all"
    DAY = "day"
    WEEK = "week"


class Holidays(StrEnum):
    """What becomes of public holidays; WORKDAYS goes by the calendar, make-up workdays included."""

    KEPT = "kept"
    SKIPPED = "skipped"
    WORKDAYS = "workdays"


@dataclass(frozen=True)
class Plan:
    """What is to be repeated."""

    place: Place
    people: tuple[Staff, ...]
    first: date
    last: date
    weekdays: frozenset[int]
    begins: time
    ends: time
    turn: Turn = Turn.ALL
    holidays: Holidays = Holidays.KEPT


@dataclass(frozen=True)
class Planned:
    """One shift of a plan, and what stands in its way: "", past, there, post; or warns: overlap."""

    staff: Staff
    day: date
    starts_at: datetime
    ends_at: datetime
    problem: str = ""

    @property
    def made(self) -> bool:
        """Whether it will be made."""
        return self.problem in ("", "overlap")


def planned(plan: Plan, calendar: WorkingCalendar) -> list[Planned]:
    """Every shift that the plan means, in order, with what stands in its way; three queries.

    Raises ValidationError for a plan that means none or too many.
    """
    if not plan.people:
        raise ValidationError(_("请至少选择一个人"))
    if plan.last < plan.first:
        raise ValidationError(_("结束日期不能早于开始日期"))
    if plan.last - plan.first > LONGEST:
        raise ValidationError(_("一次最多排一年"))
    tz = zone(plan.place.project)
    found: list[tuple[Staff, date, datetime, datetime]] = []
    turns = 0
    for offset in range((plan.last - plan.first).days + 1):
        day = plan.first + timedelta(days=offset)
        if not _meant(plan, calendar, day):
            continue
        if plan.turn == Turn.ALL:
            who = plan.people
        else:
            week = (day - plan.first + timedelta(days=plan.first.weekday())).days // 7
            index = week if plan.turn == Turn.WEEK else turns
            who = (plan.people[index % len(plan.people)],)
        turns += 1
        found += [(staff, day, *span(day, plan.begins, plan.ends, tz)) for staff in who]
    if not found:
        raise ValidationError(_("这段时间里没有符合的日子"))
    if len(found) > MOST:
        raise ValidationError(_("一次最多 1500 个班次，请分几次"))
    others = list(
        Shift.objects.filter(
            staff__in=plan.people, starts_at__lt=found[-1][3], ends_at__gt=found[0][2]
        )
    )
    posts = {
        each.pk: each
        for each in Staff.objects.prefetch_related("posts").filter(
            pk__in=[each.pk for each in plan.people]
        )
    }
    now = timezone.now()
    return [
        Planned(staff, day, start, end, _problem(plan, posts[staff.pk], start, end, others, now))
        for staff, day, start, end in found
    ]


def make(plan: Plan, calendar: WorkingCalendar, *, by: Staff) -> int:
    """Make the shifts of a plan that can be; answers how many. Raises ValidationError for none."""
    shifts = [each for each in planned(plan, calendar) if each.made]
    if not shifts:
        raise ValidationError(_("没有可以新排的班次"))
    series = uuid.uuid4()
    with transaction.atomic():
        made = Shift.objects.bulk_create(
            (
                Shift(
                    project=plan.place.project,
                    position=plan.place.position,
                    department=plan.place.department,
                    staff=each.staff,
                    starts_at=each.starts_at,
                    ends_at=each.ends_at,
                    series=series,
                )
                for each in shifts
            ),
            batch_size=500,
        )
        audit.note(
            "roster_changed",
            actor_id=by.pk,
            project_id=plan.place.project.pk,
            what="series",
            number=len(made),
        )
    return len(made)


def _meant(plan: Plan, calendar: WorkingCalendar, day: date) -> bool:
    if plan.holidays == Holidays.WORKDAYS:
        return calendar.is_working_day(day)
    if plan.holidays == Holidays.SKIPPED and calendar.day(day).why.startswith("holiday:"):
        return False
    return day.weekday() in plan.weekdays


def _problem(
    plan: Plan,
    staff: Staff,
    start: datetime,
    end: datetime,
    others: list[Shift],
    now: datetime,
) -> str:
    if end <= now:
        return "past"
    if not scheduling.holds_then(staff, plan.place, start):
        return "post"
    across = [
        each
        for each in others
        if each.staff_id == staff.pk and each.starts_at < end and each.ends_at > start
    ]
    place = plan.place
    department = place.department.pk if place.department else None
    same = (place.project.pk, place.position, department, start)
    if any(
        (each.project_id, each.position, each.department_id, each.starts_at) == same
        for each in across
    ):
        return "there"
    return "overlap" if across else ""
