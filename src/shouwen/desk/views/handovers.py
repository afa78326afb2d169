"""Hand-over sheets (交接班记录): drafted from the clocks, signed by both, listed, printed."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.desk import open_items
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.roster import project_for
from shouwen.organization import scheduling, signing
from shouwen.organization.holders import holds
from shouwen.organization.models import Handover, Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.organization.scheduling import Place

SHOWN = 50


def _mine(person: Staff, project: Project) -> list[Place]:
    """The places of the project whose shifts the person hands over and takes."""
    return [each for each in scheduling.people(project) if _holds(person, each)]


def _holds(person: Staff, place: Place) -> bool:
    code = place.department.code if place.department else None
    return holds(person, place.position, place.project.pk, code)


def sheet_for(request: StaffRequest, pk: UUID) -> Handover:
    """A sheet of a project that the person works for."""
    found = visible_to(request.user, Handover).select_related(
        "project", "department", "handed_by", "taken_by"
    )
    sheet = get_object_or_404(found, pk=pk)
    allowed = may(request.user, "see_roster", sheet.project)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    return sheet


@require_GET
@staff_page("see_roster")
def handovers(request: StaffRequest, code: str) -> HttpResponse:
    """The project's sheets, the newest first; those that wait for who takes over stand out."""
    project = project_for(request, code)
    found = visible_to(request.user, Handover).filter(project=project)
    context = {
        "here": "roster",
        "project": project,
        "rows": found.select_related("handed_by", "taken_by", "department")[:SHOWN],
        "may_sign": bool(may(request.user, "hand_over", project) and _mine(request.user, project)),
    }
    return render(request, "desk/roster/handovers.html", context)


@require_http_methods(["GET", "POST"])
@staff_page("hand_over")
def new(request: StaffRequest, code: str) -> HttpResponse:
    """What is open in one's position now, to be signed with what there is to say about it."""
    project = project_for(request, code, "hand_over")
    places = _mine(request.user, project)
    asked = request.POST.get("place") or request.GET.get("place", "")
    place = next((each for each in places if each.key == asked), places[0] if places else None)
    items = open_items.items(place) if place else []
    wrong: list[str] = []
    if request.method == "POST" and place is not None:
        try:
            sheet = signing.hand_over(
                place, items, remarks=request.POST.get("remarks", ""), by=request.user
            )
            return redirect("desk:handover", sheet.pk)
        except ValidationError as refused:
            wrong = refused.messages
    context = {
        "here": "roster",
        "project": project,
        "places": places,
        "place": place,
        "lines": open_items.told(items, timezone.now()),
        "remarks": request.POST.get("remarks", ""),
        "wrong": wrong,
    }
    return render(request, "desk/roster/handover_new.html", context, status=422 if wrong else 200)


@require_GET
@staff_page("see_roster")
def one(request: StaffRequest, pk: UUID) -> HttpResponse:
    """A sheet, and whether it still is what was signed."""
    return _one(request, sheet_for(request, pk))


def _one(request: StaffRequest, sheet: Handover, wrong: list[str] | None = None) -> HttpResponse:
    place = Place(sheet.project, sheet.position, sheet.department)
    person = request.user
    context = {
        "here": "roster",
        "project": sheet.project,
        "sheet": sheet,
        "place": place,
        "lines": open_items.told(sheet.items, sheet.handed_at),
        "agrees": signing.agrees(sheet),
        "digest": signing.digest(sheet),
        "may_take": not sheet.taken_by_id
        and sheet.handed_by_id != person.pk
        and bool(may(person, "hand_over", sheet.project))
        and _holds(person, place),
        "wrong": wrong or [],
    }
    printed = "print" in request.GET
    template = "desk/roster/handover_print.html" if printed else "desk/roster/handover.html"
    return render(request, template, context, status=422 if wrong else 200)


@require_POST
@staff_page("hand_over")
def take(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sign that one takes over: another one of the same position."""
    sheet = sheet_for(request, pk)
    if not may(request.user, "hand_over", sheet.project):
        raise PermissionDenied
    place = Place(sheet.project, sheet.position, sheet.department)
    try:
        if not _holds(request.user, place):
            raise ValidationError(_("由任这个岗位的同事接班签字"))
        signing.take_over(sheet, by=request.user)
    except ValidationError as refused:
        return _one(request, sheet, refused.messages)
    return redirect("desk:handover", sheet.pk)
