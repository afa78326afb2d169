"""A duty roster from a sheet (值班): a row for each shift, beside the staff of the same workbook."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.holders import NOT_LENT
from shouwen.organization.models import Department, Post, Project, Shift, Staff
from shouwen.organization.permissions import may
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.organization.scheduling import span, zone
from shouwen.organization.sheets import Line, Outcome, Told, day, words_of
from shouwen.organization.staff_files import StaffList
from shouwen.records import audit

_Key = tuple[str, str, int, int | None, datetime]


def hour(said: str) -> time:
    """A time of day as people and spreadsheets write it: 8:00, 20:00:00, 24:00. Raises ValueError."""
    parts = [int(part) for part in said.replace("：", ":").split(":")]
    if len(parts) not in (2, 3):
        raise ValueError(said)
    return time(parts[0] % 24 if parts[0] == 24 else parts[0], parts[1])


class ShiftList:
    """Takes the rows of the sheet; brought in again, it changes nothing."""

    def __init__(self, staff: StaffList) -> None:
        self.staff, self.by = staff, staff.by
        self.now = timezone.now()
        self.kept: dict[_Key, Shift] = {}
        for each in (
            Shift.objects.filter(ends_at__gt=self.now).exclude(project=None).select_related("staff")
        ):
            self.kept[self._key(each.staff.username, each)] = each
        self.new: list[Shift] = []
        self.changed: dict[int, Shift] = {}

    @staticmethod
    def _key(username: str, shift: Shift) -> _Key:
        assert shift.project_id is not None
        return username, shift.position, shift.project_id, shift.department_id, shift.starts_at

    def look(self, line: Line) -> Told:
        """What a row amounts to; a right one is kept to be written."""
        cells, reasons = line.cells, list[str]()
        project = self.staff.projects.get(cells.get("project", "").upper())
        if project is None:
            reasons.append(_("没有这个项目代号"))
        elif not (allowed := may(self.by, "edit_roster", project)):
            reasons.append(str(allowed.rule))
        position = words_of(Position).get(cells.get("position", "").casefold())
        if position is None or position in NOT_LENT:
            position = None
            reasons.append(_("没有这个岗位，请从列表中选"))
        department = self._department(position, cells.get("department", ""), project, reasons)
        username = cells.get("username", "")
        account = self.staff.accounts.get(username)
        if account is None or not account.staff.is_active:
            account = None
            reasons.append(_("没有这个用户名，或已离职"))
        times = self._times(line, project, reasons)
        if reasons or not (project and position and account and times):
            return Told(Outcome.WRONG, reasons)
        shift = Shift(
            project=project,
            position=position,
            department=department,
            starts_at=times[0],
            ends_at=times[1],
        )
        if not any(_holds(post, shift) for post in [*account.posts, *account.given]):
            return Told(Outcome.WRONG, [_("这个人那天不任这个岗位")])
        shift.staff = account.staff
        return Told(self._keep(self._key(username, shift), shift))

    def _keep(self, key: _Key, shift: Shift) -> Outcome:
        there = self.kept.get(key)
        if there is None:
            self.kept[key] = shift
            self.new.append(shift)
            return Outcome.NEW
        if there.ends_at == shift.ends_at:
            return Outcome.SAME
        there.ends_at = shift.ends_at
        if there.pk:
            self.changed[there.pk] = there
        return Outcome.CHANGED

    def _department(
        self, position: str | None, code: str, project: Project | None, reasons: list[str]
    ) -> Department | None:
        if position not in IN_A_DEPARTMENT:
            return None
        department = self.staff.departments.get(code)
        if department is None:
            reasons.append(_("没有这个部门代号") if code else _("这个岗位要填部门代号"))
        elif project and department.project_id not in (None, project.pk):
            reasons.append(_("这个部门属于别的项目"))
        return department

    def _times(
        self, line: Line, project: Project | None, reasons: list[str]
    ) -> tuple[datetime, datetime] | None:
        cells = line.cells
        said: date | None = None
        try:
            said = day(cells["day"]) if cells.get("day") else None
        except ValueError:
            said = None
        if said is None:
            reasons.append(_("日期写法不对，请写成 2026-11-01 这样"))
        try:
            begins, ends = hour(cells.get("begins", "")), hour(cells.get("ends", ""))
        except ValueError:
            reasons.append(_("上班和下班写成 08:00 这样"))
            return None
        if said is None or project is None:
            return None
        times = span(said, begins, ends, zone(project))
        if times[1] <= self.now:
            reasons.append(_("这个班次已经过去"))
            return None
        return times

    def write(self) -> None:
        """Write what was right; inside the caller's transaction, after the staff."""
        for shift in self.new:
            shift.staff_id = shift.staff.pk
        Shift.objects.bulk_create(self.new, batch_size=1_000)
        Shift.objects.bulk_update(self.changed.values(), ["ends_at"], batch_size=1_000)
        projects: dict[int | None, int] = {}
        for shift in [*self.new, *self.changed.values()]:
            projects[shift.project_id] = projects.get(shift.project_id, 0) + 1
        for project_id, number in projects.items():
            audit.note(
                "roster_changed",
                actor_id=self.by.pk,
                project_id=project_id,
                what="imported",
                number=number,
            )


def _holds(post: Post, shift: Shift) -> bool:
    on = timezone.localdate(shift.starts_at, timezone.get_default_timezone())
    return (
        post.position == shift.position
        and post.project_id in (None, shift.project_id)
        and (shift.department_id is None or post.department_id == shift.department_id)
        and post.since <= on
        and (post.until is None or on <= post.until)
    )


def whose(by: Staff) -> list[Project]:
    """The projects whose roster somebody keeps."""
    return [each for each in Project.objects.order_by("code") if may(by, "edit_roster", each)]
