"""Waves proposed as one incident: the strip on my desk, accepting and rejecting."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.complaints import incidents, waves
from shouwen.complaints.models import Category, Complaint, Incident, RejectedWave
from shouwen.complaints.refusals import Refused
from shouwen.complaints.waves import Wave
from shouwen.desk import words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.holders import works_for
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to

MOST = 200  # complaints of one answer


@dataclass(frozen=True)
class Proposal:
    """A wave as it is shown: what it would become, why, and its complaints."""

    project: Project
    wave: Wave
    title: str
    because: str
    complaints: list[Complaint]
    incident: Incident | None = None


def proposed_to(person: Staff) -> list[Proposal]:
    """What is proposed in the projects whose incidents the person keeps."""
    now = timezone.now()
    found = [
        (project, wave)
        for project in works_for(person)
        if project.is_active and may(person, "edit_incident", project)
        for wave in waves.proposals(project, person=person, now=now)
    ]
    if not found:
        return []
    pks = {report.pk for _project, wave in found for report in wave.new}
    rows = visible_to(person, Complaint).select_related("home", "category__parent").in_bulk(pks)
    open_ones = Incident.objects.in_bulk({w.incident_id for _p, w in found if w.incident_id})
    categories = {
        each.code: each
        for each in Category.objects.filter(code__in={wave.cause for _project, wave in found})
    }
    proposals = []
    for project, wave in found:
        complaints = [rows[each.pk] for each in wave.new if each.pk in rows]
        category = categories.get(wave.cause)
        proposals.append(
            Proposal(
                project=project,
                wave=wave,
                title=incidents.proposed_title(wave.spot.place, category, complaints),
                because=_("，").join(wave.reasons),
                complaints=complaints,
                incident=open_ones.get(wave.incident_id) if wave.incident_id else None,
            )
        )
    return proposals


@require_safe
@staff_page("edit_incident")
def strip(request: StaffRequest) -> HttpResponse:
    """What is proposed, for the top of my desk; read after the page, which does not wait for it."""
    return render(request, "desk/incidents/strip.html", {"proposals": proposed_to(request.user)})


@require_POST
@staff_page("edit_incident")
def answer(request: StaffRequest) -> HttpResponse:
    """Accepting a wave as one incident, or rejecting it for good.

    What is posted are the complaints that were shown, so that nothing joins that nobody saw.
    """
    person = request.user
    numbers = [number[:32] for number in request.POST.getlist("at")[:MOST]]
    complaints = list(
        visible_to(person, Complaint)
        .filter(number__in=numbers)
        .select_related("project", "category__parent", "first_contact")
        .order_by("received_at", "pk")
    )
    if not complaints:  # none was posted, or none is there any more
        return redirect("desk:incidents")
    project = complaints[0].project
    if not may(person, "edit_incident", project):
        return HttpResponse(status=403)
    complaints = [each for each in complaints if each.project_id == project.pk]
    if "reject" in request.POST:
        RejectedWave.objects.create(
            project=project,
            spot=request.POST.get("spot", "")[:120],
            cause=request.POST.get("cause", "")[:40],
            complaints=[each.pk for each in complaints],
            rejected_at=timezone.now(),
            rejected_by=person,
        )
        return redirect("desk:incidents")
    try:
        made = _accepted(request, project, complaints)
    except Refused as refused:
        context = {"sentence": words.listed(_why(refused)), "here": "incidents"}
        return render(request, "desk/incidents/refused.html", context, status=409)
    return redirect("desk:incident", made.number)


def _why(refused: Refused) -> list[str]:
    errors = getattr(refused, "errors", None)
    return [said for all_ in errors.values() for said in all_] if errors else [refused.words]


@transaction.atomic
def _accepted(request: StaffRequest, project: Project, complaints: list[Complaint]) -> Incident:
    """One incident with all of them: the open one that they are more of, else a new one."""
    number = request.POST.get("incident", "")
    found = visible_to(request.user, Incident).filter(number=number, project=project).first()
    if found is not None:
        for complaint in sorted(complaints, key=lambda each: each.pk):
            incidents.join(found, complaint, person=request.user)
        return found
    cause = request.POST.get("cause", "")
    return incidents.begin(
        project,
        person=request.user,
        title=request.POST.get("title", ""),
        place=request.POST.get("place", ""),
        category=Category.objects.filter(code=cause).first(),
        # Who joined another one meanwhile stays there.
        complaints=[each for each in complaints if each.incident_id is None],
    )
