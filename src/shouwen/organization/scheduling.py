"""Writing the duty roster: shifts added, changed and removed, one by one or a series at a time.

Days and hours are the project's own; a shift that ends no later than it begins ends the day after.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.holders import NOT_LENT
from shouwen.organization.models import Department, Post, Project, Shift, ShiftTime, Staff, Swap
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.records import audit

#: The hours offered to a project that has not named its own.
USUAL = ((time(7), time(15)), (time(15), time(23)), (time(23), time(7)))


@dataclass(frozen=True)
class Place:
    """What a shift is for: a position of a project, of one department where it lies in one."""

    project: Project
    position: str
    department: Department | None = None

    @property
    def key(self) -> str:
        """How the place is written in forms and addresses."""
        return f"{self.position}/{self.department.code}" if self.department else self.position

    @property
    def name(self) -> str:
        """The place in words."""
        label = str(Position(self.position).label)
        return f"{label} · {self.department.name}" if self.department else label


def zone(project: Project | None) -> zoneinfo.ZoneInfo:
    """The project's time zone."""
    return zoneinfo.ZoneInfo(project.timezone if project else settings.TIME_ZONE)


def span(day: date, begins: time, ends: time, tz: zoneinfo.ZoneInfo) -> tuple[datetime, datetime]:
    """From when until when a shift of that day lasts; until the next day where it ends no later."""
    last = day if ends > begins else day + timedelta(days=1)
    return datetime.combine(day, begins, tz), datetime.combine(last, ends, tz)


def posts_for_duty(project: Project) -> QuerySet[Post]:
    """The posts that a roster of the project can be for, of active staff, now or later."""
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return (
        Post.objects.filter(Q(project=None) | Q(project=project), staff__is_active=True)
        .filter(Q(until=None) | Q(until__gte=today))
        .exclude(position__in=NOT_LENT)
        .select_related("staff", "department")
        .order_by("position", "department__code", "staff__username")
    )


def people(project: Project) -> dict[Place, list[Staff]]:
    """Whom each place of the project can be given to; in the order of the positions. One query."""
    found: dict[Place, list[Staff]] = {}
    for post in posts_for_duty(project):
        inside = post.department if post.position in IN_A_DEPARTMENT else None
        if inside is not None and inside.project_id not in (None, project.pk):
            continue
        staff = found.setdefault(Place(project, post.position, inside), [])
        if post.staff not in staff:
            staff.append(post.staff)
    order = [each.value for each in Position]
    return dict(
        sorted(found.items(), key=lambda each: (order.index(each[0].position), each[0].key))
    )


def holds_then(staff: Staff, place: Place, at: datetime) -> bool:
    """Whether somebody holds the post when a shift begins; reads their posts once."""
    day = timezone.localdate(at, timezone.get_default_timezone())
    return staff.is_active and any(
        post.position == place.position
        and post.project_id in (None, place.project.pk)
        and (place.department is None or post.department_id == place.department.pk)
        and post.since <= day
        and (post.until is None or day <= post.until)
        for post in staff.posts.all()
    )


def overlapping(
    staff: Staff, starts_at: datetime, ends_at: datetime, *, but: Shift | None = None
) -> QuerySet[Shift]:
    """Other shifts of the same person that lie across this time."""
    found = Shift.objects.filter(staff=staff, starts_at__lt=ends_at, ends_at__gt=starts_at)
    return found.exclude(pk=but.pk) if but and but.pk else found


def add(place: Place, staff: Staff, starts_at: datetime, ends_at: datetime, *, by: Staff) -> Shift:
    """Give somebody a shift.

    Raises ValidationError for who does not hold the post then, for a time that has passed, that is
    longer than a day, or that they have already in this position.
    """
    _check(place, staff, starts_at, ends_at)
    shift = Shift(
        project=place.project,
        position=place.position,
        department=place.department,
        staff=staff,
        starts_at=starts_at,
        ends_at=ends_at,
    )
    _save(shift)
    _note(by, place.project, "added", 1)
    return shift


def change(
    shift: Shift, staff: Staff, starts_at: datetime, ends_at: datetime, *, by: Staff
) -> Shift:
    """Give a shift to somebody else or other hours; what is asked about it is withdrawn.

    Raises ValidationError as `add` does, and for a shift that is over.
    """
    place = place_of(shift)
    _open(shift)
    _check(place, staff, starts_at, ends_at)
    with transaction.atomic():
        _withdraw([shift])
        shift.staff, shift.starts_at, shift.ends_at = staff, starts_at, ends_at
        _save(shift)
        _note(by, place.project, "changed", 1)
    return shift


def remove(shift: Shift, *, by: Staff) -> None:
    """Take a shift out of the roster. Raises ValidationError for one that is over."""
    _open(shift)
    project = shift.project
    shift.delete()
    _note(by, project, "removed", 1)


def of_series(series: UUID, since: datetime) -> QuerySet[Shift]:
    """The shifts of a repeating plan from that moment on that have not begun."""
    later = max(since, timezone.now())
    return Shift.objects.filter(series=series, starts_at__gte=later).order_by("starts_at")


def remove_series(series: UUID, since: datetime, *, by: Staff) -> int:
    """Remove what is left of a series from that moment on; answers how many shifts."""
    with transaction.atomic():
        left = of_series(series, since)
        first = left.select_related("project").first()
        if first is None:
            return 0
        number = left.count()
        left.delete()
        _note(by, first.project, "removed", number)
    return number


def change_series(
    series: UUID,
    since: datetime,
    *,
    begins: time,
    ends: time,
    staff: Staff | None = None,
    by: Staff,
) -> int:
    """Other hours, or one person for all (`staff`), for a series from that moment on.

    Answers how many shifts. Raises ValidationError, changing none, where one cannot be.
    """
    with transaction.atomic():
        left = list(of_series(series, since).select_related("project", "department", "staff"))
        for shift in left:
            tz = zone(shift.project)
            times = span(timezone.localdate(shift.starts_at, tz), begins, ends, tz)
            if staff is not None:
                shift.staff = staff
            _check(place_of(shift), shift.staff, *times)
            shift.starts_at, shift.ends_at = times
            _save(shift)
        if left:
            _withdraw(left)
            _note(by, left[0].project, "changed", len(left))
    return len(left)


def place_of(shift: Shift) -> Place:
    """What a shift is for. Raises ValidationError for one of the whole company."""
    if shift.project is None:
        raise ValidationError(_("全公司的班次不在项目的值班表里修改"))
    return Place(shift.project, shift.position, shift.department)


def times_of(project: Project) -> list[ShiftTime]:
    """The hours that shifts of the project have: its own, else the usual three."""
    own = list(project.shift_times.all())
    if own:
        return own
    names = (_("早班"), _("中班"), _("晚班"))
    return [
        ShiftTime(project=project, name=name, begins=begins, ends=ends)
        for name, (begins, ends) in zip(names, USUAL, strict=True)
    ]


def name_times(project: Project, name: str, begins: time, ends: time, *, by: Staff) -> ShiftTime:
    """Name a pair of hours. The first of a project's own takes the place of the usual three.

    Raises ValidationError for a name that is taken or missing.
    """
    made = ShiftTime(project=project, name=name.strip(), begins=begins, ends=ends)
    made.full_clean()
    made.save()
    _note(by, project, "times", 1)
    return made


def _check(place: Place, staff: Staff, starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= timezone.now():
        raise ValidationError(_("这个时间已经过去"))
    if not timedelta(0) < ends_at - starts_at <= timedelta(hours=25):
        raise ValidationError(_("一个班次最长 24 小时"))
    if not holds_then(staff, place, starts_at):
        words = _("{name}那天不任{place}，请先任命")
        raise ValidationError(words.format(name=staff.name, place=place.name))


def _open(shift: Shift) -> None:
    if shift.ends_at <= timezone.now():
        raise ValidationError(_("已结束的班次留作记录，不能改动"))


def _save(shift: Shift) -> None:
    try:
        with transaction.atomic():
            shift.save()
    except IntegrityError:
        raise ValidationError(_("这个人同一时间已有这个岗位的班次")) from None


def _withdraw(shifts: Iterable[Shift]) -> None:
    """What was asked about a shift that is another one now is no longer asked."""
    asked = Q(shift__in=list(shifts)) | Q(against__in=list(shifts))
    Swap.objects.filter(asked, state=Swap.State.ASKED).update(
        state=Swap.State.WITHDRAWN, answered_at=timezone.now()
    )


def _note(by: Staff, project: Project | None, what: str, number: int) -> None:
    audit.note(
        "roster_changed",
        actor_id=by.pk,
        project_id=project.pk if project else None,
        what=what,
        number=number,
    )
