"""The duty roster (值班表): the calendar of a project, its gaps, its files and addresses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.desk import duty_calendar
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import calendar_files, isolation, scheduling
from shouwen.organization.holders import works_for
from shouwen.organization.models import CalendarAddress, Project
from shouwen.organization.permissions import may, visible_to

FORESEEN, FURTHEST = 14, 180
_ICAL = "text/calendar; charset=utf-8"


def project_for(request: StaffRequest, code: str, operation: str = "see_roster") -> Project:
    """A project whose roster the person may see, or change."""
    project = get_object_or_404(visible_to(request.user, Project), code=code)
    allowed = may(request.user, operation, project)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    return project


def _day(said: str) -> date | None:
    try:
        return parse_date(said)
    except ValueError:
        return None


@require_GET
@staff_page("see_roster")
def rosters(request: StaffRequest) -> HttpResponse:
    """The roster of the person's first project; a list where there are several."""
    projects = works_for(request.user)
    if len(projects) == 1:
        return redirect("desk:roster", projects[0].code)
    now = timezone.now()
    rows = [
        (each, len(duty_calendar.holes(each, now, now + timedelta(days=FORESEEN))))
        for each in projects
        if each.is_active
    ]
    return render(request, "desk/roster/all.html", {"here": "roster", "rows": rows})


@require_GET
@staff_page("see_roster")
def roster(request: StaffRequest, code: str) -> HttpResponse:
    """The calendar of a week or a month, and the gaps that are coming."""
    project = project_for(request, code)
    tz = scheduling.zone(project)
    today = timezone.localdate(timezone=tz)
    shown = _day(request.GET.get("day", "")) or today
    monthly = request.GET.get("view") == "month"
    if monthly:
        first = duty_calendar.monday(shown.replace(day=1))
        after = (shown.replace(day=28) + timedelta(days=4)).replace(day=1)
        number = (duty_calendar.monday(after - timedelta(days=1)) - first).days + 7
        before = (shown.replace(day=1) - timedelta(days=1)).replace(day=1)
    else:
        first, number = duty_calendar.monday(shown), 7
        before, after = first - timedelta(days=7), first + timedelta(days=7)
    with timezone.override(tz):
        edits = bool(may(request.user, "edit_roster", project))
        context = {
            "here": "roster",
            "project": project,
            "at": "rosters",
            "edits": edits,
            "monthly": monthly,
            "shown": shown,
            "first": first,
            "last": first + timedelta(days=number - 1),
            "before": before,
            "after": after,
            "today": today,
            "sheet": duty_calendar.sheet(
                project, request.user, first, number, month=shown.month if monthly else None
            ),
            **_gaps(request, project, edits=edits),
            "saved": request.GET.get("saved", ""),
            "wrong": "",
        }
        return render(request, "desk/roster/calendar.html", context)


def _gaps(request: StaffRequest, project: Project, *, edits: bool) -> dict[str, Any]:
    said = request.GET.get("ahead", "")
    ahead = min(max(int(said), 1), FURTHEST) if said.isdecimal() and len(said) < 5 else FORESEEN
    now = timezone.now()
    people = scheduling.people(project) if edits else None
    return {
        "ahead": ahead,
        "furthest": FURTHEST,
        "gaps": duty_calendar.holes(project, now, now + timedelta(days=ahead), people),
    }


@require_POST
@staff_page("edit_roster")
def fill(request: StaffRequest, code: str) -> HttpResponse:
    """Fill a gap with one person; a gap of several days by a shift for each day of it."""
    project = project_for(request, code, "edit_roster")
    place_key, who = request.POST.get("place", ""), request.POST.get("staff", "")
    now = timezone.now()
    found = next(
        (
            (hole, place, each)
            for place, staff in scheduling.people(project).items()
            if place.key == place_key
            for each in staff
            if str(each.pk) == who
            for hole in duty_calendar.holes(project, now, now + timedelta(days=FURTHEST))
            if hole.place == place_key and hole.until.isoformat() == request.POST.get("until")
        ),
        None,
    )
    address = reverse("desk:roster", args=[project.code])
    if found is None:
        return redirect(f"{address}?saved=gone")
    hole, place, staff = found
    start = max(hole.since, now)
    try:
        while start < hole.until:
            end = min(hole.until, start + timedelta(hours=24))
            scheduling.add(place, staff, start, end, by=request.user)
            start = end
    except ValidationError as wrong:
        context = {"here": "roster", "project": project, "wrong": wrong.messages}
        return render(request, "desk/roster/refused.html", context, status=422)
    return redirect(f"{address}?day={hole.day.isoformat()}&saved=1")


@require_GET
@staff_page("see_roster")
def file(request: StaffRequest, code: str) -> HttpResponse:
    """The project's roster as iCalendar, with the colleagues' names."""
    project = project_for(request, code)
    shifts = calendar_files.upcoming(project=project)
    name = _("{project} 值班表").format(project=project.name)
    return _ical(calendar_files.calendar_of(shifts, name, with_names=True), project.code)


@require_GET
@staff_page("keep_calendar")
def own_file(request: StaffRequest) -> HttpResponse:
    """One's own shifts as iCalendar."""
    shifts = calendar_files.upcoming(staff=request.user)
    return _ical(calendar_files.calendar_of(shifts, _("我的值班")), "shifts")


def _ical(said: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        said,
        content_type=_ICAL,
        headers={"Content-Disposition": f'attachment; filename="{name}.ics"'},
    )


@require_http_methods(["GET", "POST"])
@staff_page("keep_calendar")
def addresses(request: StaffRequest) -> HttpResponse:
    """One's private calendar addresses (GET); another one, shown once (POST)."""
    made, projects = "", works_for(request.user)
    if request.method == "POST":
        code = request.POST.get("project", "")
        project = next((each for each in projects if each.code == code), None)
        if code and project is None:
            raise PermissionDenied
        token = calendar_files.make_address(request.user, project)
        made = request.build_absolute_uri(reverse("desk:calendar-feed", args=[token]))
    context = {
        "here": "roster",
        "at": "addresses",
        "made": made,
        "kept": CalendarAddress.objects.filter(staff=request.user, revoked_at=None).select_related(
            "project"
        ),
        "choices": projects,
    }
    return render(request, "desk/roster/addresses.html", context)


@require_POST
@staff_page("keep_calendar")
def revoke(request: StaffRequest, pk: int) -> HttpResponse:
    """Revoke one of one's addresses."""
    address = get_object_or_404(CalendarAddress, pk=pk, staff=request.user, revoked_at=None)
    calendar_files.revoke(address, by=request.user)
    return redirect("desk:roster-addresses")


@require_GET
def feed(request: StaffRequest, token: str) -> HttpResponseBase:
    """What a telephone's calendar reads, without a session: whoever has the address."""
    address = calendar_files.address_for(token)
    if address is None:
        raise Http404
    with isolation.transaction_of(address.staff):
        if address.project is not None:
            shifts = calendar_files.upcoming(project=address.project)
            name = _("{project} 值班表").format(project=address.project.name)
        else:
            shifts, name = calendar_files.upcoming(staff=address.staff), _("我的值班")
        said = calendar_files.calendar_of(shifts, name)
    headers = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    return HttpResponse(said, content_type=_ICAL, headers=headers)
