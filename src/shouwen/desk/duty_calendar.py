"""The roster of a project as a calendar: days, what is on each, where nobody is on duty."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.clocks import calendars
from shouwen.organization import on_duty
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Department, Project, Shift, Staff
from shouwen.organization.on_duty import Gap
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.organization.scheduling import Place, zone

WEEKDAYS = (
    gettext_lazy("周一"),
    gettext_lazy("周二"),
    gettext_lazy("周三"),
    gettext_lazy("周四"),
    gettext_lazy("周五"),
    gettext_lazy("周六"),
    gettext_lazy("周日"),
)


@dataclass
class Piece:
    """Something on a day: a shift, or a time without anybody."""

    place: str
    hours: str
    name: str = ""
    shift: Shift | None = None
    gap: Hole | None = None
    mine: bool = False
    over: bool = False


@dataclass
class DayCell:
    """A day of the calendar."""

    day: date
    weekday: str
    today: bool
    note: str = ""
    free: bool = False
    worked: bool = False
    outside: bool = False
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Row:
    """A position or department, and its pieces day by day."""

    name: str
    cells: list[tuple[DayCell, list[Piece]]]


@dataclass(frozen=True)
class Hole:
    """A time without anybody on duty, in words, and how the forms name the place."""

    name: str
    when: str
    falls_to: str
    since: datetime
    until: datetime
    place: str
    day: date
    people: tuple[Staff, ...] = ()


@dataclass
class Sheet:
    """The calendar of a week or of a month's weeks."""

    days: list[DayCell]
    rows: list[Row]

    @property
    def weeks(self) -> list[list[DayCell]]:
        """The days by weeks."""
        return [self.days[at : at + 7] for at in range(0, len(self.days), 7)]


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def days_of(first: date, number: int, tz: ZoneInfo, month: int | None = None) -> list[DayCell]:
    """The days with what the working calendar says of them: holidays, make-up workdays (调休)."""
    calendar = calendars.current()
    today = timezone.localdate(timezone=tz)
    found = []
    for offset in range(number):
        day = first + timedelta(days=offset)
        known = calendar.day(day)
        holiday = known.why.startswith("holiday:")
        worked = known.why == "make_up_working_day"
        note = known.why.partition(":")[2] if holiday else _("调休上班") if worked else ""
        found.append(
            DayCell(
                day,
                str(WEEKDAYS[day.weekday()]),
                day == today,
                note,
                not known.working,
                worked,
                month is not None and day.month != month,
            )
        )
    return found


def sheet(
    project: Project, person: Staff, first: date, number: int, *, month: int | None = None
) -> Sheet:
    """The calendar of so many days; gaps from now on. Eight queries."""
    tz = zone(project)
    days = days_of(first, number, tz, month)
    since = datetime.combine(first, datetime.min.time(), tz)
    until = datetime.combine(first + timedelta(days=number), datetime.min.time(), tz)
    shifts = (
        Shift.objects.filter(project=project, starts_at__gte=since, starts_at__lt=until)
        .select_related("staff", "department", "project")
        .order_by("starts_at", "ends_at", "staff__username")
    )
    now = timezone.now()
    rows: dict[tuple[int, str], dict[date, list[Piece]]] = {}
    for shift in shifts:
        key = _row(shift.position, shift.department)
        on = timezone.localdate(shift.starts_at, tz)
        rows.setdefault(key, {}).setdefault(on, []).append(
            Piece(
                key[1],
                hours(shift.starts_at, shift.ends_at, tz),
                shift.staff.name,
                shift,
                mine=shift.staff_id == person.pk,
                over=shift.ends_at <= now,
            )
        )
    for hole in holes(project, max(now, since), until) if until > now else ():
        key = _order(hole.place), hole.name
        start = hole.since
        while start < hole.until:
            on = timezone.localdate(start, tz)
            end = min(hole.until, datetime.combine(on + timedelta(days=1), datetime.min.time(), tz))
            rows.setdefault(key, {}).setdefault(on, []).append(
                Piece(hole.name, hours(start, end, tz), gap=hole)
            )
            start = end
    made = [
        Row(key[1], [(cell, by_day.get(cell.day, [])) for cell in days])
        for key, by_day in sorted(rows.items())
    ]
    for row in made:
        for cell, pieces in row.cells:
            cell.pieces += pieces
    return Sheet(days, made)


def holes(
    project: Project,
    since: datetime,
    until: datetime,
    people: dict[Place, list[Staff]] | None = None,
) -> list[Hole]:
    """The gaps in words; with `people`, who of the place could fill each, the idle first."""
    found = on_duty.gaps(project, since, until)
    names = dict(Department.objects.values_list("code", "name")) if found else {}
    idle = _busy(found) if people and found else []
    return [_hole(project, gap, names, people or {}, idle) for gap in found]


def _busy(found: list[Gap]) -> list[tuple[int, datetime, datetime]]:
    first, last = min(gap.since for gap in found), max(gap.until for gap in found)
    shifts = Shift.objects.filter(ends_at__gt=first, starts_at__lt=last)
    return list(shifts.values_list("staff_id", "starts_at", "ends_at"))


def _hole(
    project: Project,
    gap: Gap,
    names: dict[str, str],
    people: dict[Place, list[Staff]],
    busy: list[tuple[int, datetime, datetime]],
) -> Hole:
    inside = gap.position == DEPARTMENT
    name = names[gap.department] if inside else str(Position(gap.position).label)
    position = Position.DEPARTMENT_MEMBER.value if inside else gap.position
    key = f"{position}/{gap.department}" if inside else position
    tz = zone(project)
    working = {who for who, start, end in busy if start < gap.until and end > gap.since}
    fit = next((staff for place, staff in people.items() if place.key == key), [])
    heads = [each.name for each in gap.falls_to.persons]
    return Hole(
        name,
        spoken(gap.since, gap.until, tz),
        _("、").join(heads[:2])
        + (_(" 等 {count} 人").format(count=len(heads)) if heads[2:] else ""),
        gap.since,
        gap.until,
        key,
        timezone.localdate(gap.since, tz),
        tuple(sorted(fit, key=lambda each: each.pk in working)),
    )


def hours(start: datetime, end: datetime, tz: ZoneInfo) -> str:
    """08:00–20:00; a whole day reads so."""
    begins, ends = start.astimezone(tz), end.astimezone(tz)
    if end - start >= timedelta(hours=24):
        return (
            _("24 小时")
            if begins.hour == 0
            else _("{hour} 起 24 小时").format(hour=f"{begins:%H:%M}")
        )
    last = "24:00" if (ends.hour, ends.minute) == (0, 0) else f"{ends:%H:%M}"
    return f"{begins:%H:%M}–{last}"


def spoken(start: datetime, end: datetime, tz: ZoneInfo) -> str:
    """11-28 周六 20:00 – 11-29 周日 08:00"""
    begins, ends = start.astimezone(tz), end.astimezone(tz)
    first = f"{begins:%m-%d} {WEEKDAYS[begins.weekday()]} {begins:%H:%M}"
    if begins.date() == ends.date():
        return f"{first} – {ends:%H:%M}"
    return f"{first} – {ends:%m-%d} {WEEKDAYS[ends.weekday()]} {ends:%H:%M}"


def _row(position: str, department: Department | None) -> tuple[int, str]:
    if position in IN_A_DEPARTMENT and department:
        return _order(position), department.name
    return _order(position), str(Position(position).label)


def _order(place: str) -> int:
    position = place.partition("/")[0]
    if position in IN_A_DEPARTMENT:
        position = Position.DEPARTMENT_MEMBER.value
    return [each.value for each in Position].index(position)
