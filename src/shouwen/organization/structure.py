"""Setting up the organization: departments and posts, checked, for every importer and page."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.holders import forget_positions
from shouwen.organization.models import Company, Department, Developer, Post, Project, Staff


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
