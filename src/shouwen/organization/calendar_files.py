"""Shifts as iCalendar: a file, and private addresses that a telephone's calendar reads by itself.

Positions and times alone, never a customer. An address holds a token of which only the digest is
kept; it shows nothing any more once it is revoked, or whoever made it has left.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.models import CalendarAddress, Project, Shift, Staff
from shouwen.organization.permissions import may
from shouwen.organization.positions import Position
from shouwen.records import audit

BACK, AHEAD = timedelta(days=31), timedelta(days=370)


def upcoming(*, staff: Staff | None = None, project: Project | None = None) -> list[Shift]:
    """The shifts that a calendar gets: a month back and a year ahead."""
    now = timezone.now()
    found = Shift.objects.filter(ends_at__gt=now - BACK, starts_at__lt=now + AHEAD)
    if staff is not None:
        found = found.filter(staff=staff)
    if project is not None:
        found = found.filter(project=project)
    return list(found.select_related("project", "department", "staff"))


def calendar_of(shifts: Iterable[Shift], name: str, *, with_names: bool = False) -> bytes:
    """The shifts as an iCalendar (RFC 5545), in UTC; with the colleagues' names where asked."""
    from icalendar import Calendar, Event  # here, so that no start spends the time to load it

    calendar = Calendar()
    calendar.add("prodid", "-//Shouwen//Duty roster//ZH")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    for shift in shifts:
        event = Event()
        said = [str(Position(shift.position).label)]
        if shift.department:
            said.append(shift.department.name)
        if with_names:
            said.append(shift.staff.name)
        event.add("uid", f"shift-{shift.pk}@shouwen")
        event.add("dtstamp", timezone.now().astimezone(UTC))
        event.add("dtstart", shift.starts_at.astimezone(UTC))
        event.add("dtend", shift.ends_at.astimezone(UTC))
        event.add("summary", _("值班：{what}").format(what=" · ".join(said)))
        if shift.project:
            event.add("location", shift.project.name)
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def make_address(staff: Staff, project: Project | None = None) -> str:
    """Make a private address; answers its token, which is not kept and cannot be shown again."""
    token = secrets.token_urlsafe(32)
    made = CalendarAddress.objects.create(
        staff=staff, project=project, digest=_digest(token), made_at=timezone.now()
    )
    audit.note(
        "calendar_made",
        actor_id=staff.pk,
        subject_type="calendar",
        subject_id=made.pk,
        project_id=project.pk if project else None,
    )
    return token


def revoke(address: CalendarAddress, *, by: Staff, at: datetime | None = None) -> None:
    """From now on the address shows nothing."""
    address.revoked_at = at or timezone.now()
    address.save(update_fields=["revoked_at"])
    audit.note("calendar_revoked", actor_id=by.pk, subject_type="calendar", subject_id=address.pk)


def address_for(token: str) -> CalendarAddress | None:
    """The address of a token, if it still shows something."""
    found = (
        CalendarAddress.objects.filter(digest=_digest(token), revoked_at=None)
        .select_related("staff", "project")
        .first()
    )
    if found is None or not found.staff.is_active:
        return None
    if found.project is not None and not may(found.staff, "see_roster", found.project):
        return None
    return found


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
