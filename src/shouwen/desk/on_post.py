"""Who is on duty now in the person's project, and when nobody will be (现在谁在岗) [A5]."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from shouwen.desk import words
from shouwen.organization import on_duty
from shouwen.organization.holders import DEPARTMENT, Asked, positions_of
from shouwen.organization.models import Department, Project, Staff
from shouwen.organization.on_duty import Resolution
from shouwen.organization.positions import Position

ON_POST = (
    Position.FRONT_DESK,
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.COMPANY_LEADER,
    Position.DEVELOPER_SERVICE,
)
FORESEEN = timedelta(days=14)


@dataclass(frozen=True)
class Place:
    """A position or department of my project, who answers for it now, and what to know about it."""

    name: str
    staff: str
    note: str = ""


def project_of(person: Staff) -> Project | None:
    """The project whose duty the person's desk shows: that of their first post in one."""
    return next((post.project for post in positions_of(person) if post.project), None)


def places(person: Staff, now: datetime) -> list[Place]:
    """Who answers for what complaints pass through, in the person's project."""
    project = project_of(person)
    if project is None:
        return []
    departments = list(Department.objects.filter(project=project, is_active=True).order_by("name"))
    asked = {
        str(position.label): Asked(position.value, project.pk)
        for position in ON_POST
        if position != Position.DEVELOPER_SERVICE or project.developer_id
    }
    asked |= {each.name: Asked(DEPARTMENT, project.pk, each.code) for each in departments}
    found = on_duty.resolve_each(asked.values(), now)
    return [_place(name, each, found[each]) for name, each in asked.items()]


def _place(name: str, asked: Asked, found: Resolution) -> Place:
    notes = []
    if found.position != asked.word:
        why = "gap" if any(each.code == "gap" for each in found.reasons) else "nobody"
        notes.append(_("无人值班") if why == "gap" else _("无人任职"))
    if any(each.code == "stand_in" for each in found.reasons):
        notes.append(_("代理"))
    return Place(name, _some([each.name for each in found.persons]), words.listed(notes))


def _some(names: list[str]) -> str:
    if len(names) > 2:
        return _("{names} 等 {count} 人").format(names=names[0], count=len(names))
    return words.listed(names)


def next_gap(person: Staff, now: datetime) -> str:
    """The next time at which a roster of the project has nobody, in words; "" where there is none."""
    project = project_of(person)
    if project is None:
        return ""
    found = on_duty.gaps(project, now, now + FORESEEN)
    if not found:
        return ""
    gap = found[0]
    name = on_duty.position_name(gap.position)
    if gap.position == DEPARTMENT:
        name = Department.objects.get(code=gap.department).name
    said = {
        "place": name,
        "since": words.moment(gap.since, now),
        "until": words.moment(gap.until, now),
        "head": _some([each.name for each in gap.falls_to.persons]),
    }
    if gap.since <= now:
        return _("{place}现在无人值班，到 {until} 由{head}负责").format(**said)
    return _("{place} {since} 到 {until} 无人值班，由{head}负责").format(**said)
