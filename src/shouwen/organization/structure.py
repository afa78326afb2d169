"""Setting up the organization: departments and posts, checked, for every importer and page."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.holders import forget_positions
from shouwen.organization.homes import Address
from shouwen.organization.models import (
    Company,
    Department,
    Developer,
    Home,
    Post,
    Project,
    Staff,
)
from shouwen.records import audit

#: So many homes are made at once at most: no estate has more.
MOST_HOMES = 20_000


def open_project(
    company: Company, code: str, name: str, *, developer: Developer | None = None
) -> Project:
    """Take a project into the company's care. Raises ValidationError for a code not fit or taken."""
    project = Project(company=company, code=code, name=name, developer=developer)
    project.full_clean()
    project.save()
    return project


def add_department(code: str, name: str, *, project: Project | None = None) -> Department:
    """Found a department, of one project or company-wide. Raises ValidationError."""
    department = Department(project=project, code=code, name=name)
    department.full_clean()
    department.save()
    return department


def appoint(
    staff: Staff,
    position: str,
    *,
    project: Project | None = None,
    department: Department | None = None,
    since: datetime.date | None = None,
    until: datetime.date | None = None,
) -> Post:
    """Give somebody a position from `since` (default: today) to `until`, both days included.

    A department's project is the post's, where it has one. Raises ValidationError where the
    position needs a department, the department is another project's, or the days are reversed.
    """
    if department is not None and department.project is not None:
        if project is not None and project != department.project:
            raise ValidationError({"department": _("这个部门属于别的项目")})
        project = department.project
    post = Post(
        staff=staff,
        position=position,
        project=project,
        department=department,
        since=since or timezone.localdate(),
        until=until,
    )
    post.full_clean()
    post.save()
    forget_positions(staff)
    return post


def rooms_of(
    buildings: Iterable[str], units: Iterable[str], floors: Iterable[str], doors: int
) -> list[Address]:
    """The homes of buildings with these units, floors and so many doors on each floor.

    Rooms are numbered floor and door: 802 is the second door on the eighth floor. Without units
    the rooms lie in the building itself. Raises ValidationError for more than 20,000.
    """
    parts = [list(buildings), list(units) or [""], list(floors)]
    if len(parts[0]) * len(parts[1]) * len(parts[2]) * doors > MOST_HOMES:
        raise ValidationError(_("一次最多 20000 户，请分几次新增"))
    return [
        Address(building, unit, f"{floor}{door:02}")
        for building in parts[0]
        for unit in parts[1]
        for floor in parts[2]
        for door in range(1, doors + 1)
    ]


def missing(project: Project, addresses: Iterable[Address]) -> list[Address]:
    """Those of the addresses that the project has no home of yet; one query."""
    there = set(Home.objects.filter(project=project).values_list("building", "unit", "room"))
    return [each for each in addresses if (each.building, each.unit, each.room) not in there]


def build(project: Project, addresses: Iterable[Address], *, by: Staff) -> int:
    """Make the homes that there are not yet; answers how many."""
    new = missing(project, dict.fromkeys(addresses))
    Home.objects.bulk_create(
        (
            Home(
                project=project,
                building=each.building,
                unit=each.unit,
                room=each.room,
                label=each.label,
            )
            for each in new
        ),
        ignore_conflicts=True,
        batch_size=2_000,
    )
    if new:
        audit.note("homes_added", actor_id=by.pk, project_id=project.pk, number=len(new))
    return len(new)


def has_complaints(project: Project) -> bool:
    """Whether complaints are numbered with the project's code, which is fixed from then on."""
    return project.complaints.exists()
