"""A step for all open complaints of an incident: one form, and an entry of its own for each."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.complaints import lifecycle, together
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.refusals import InvalidData
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import At, Step
from shouwen.desk.forms import StepForm
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.bulk import Result, form_for, nothing_shared, said_for
from shouwen.desk.views.incidents import incident_for
from shouwen.desk.views.worklist import standing_of

MOST = 200  # complaints of one request


@require_http_methods(["GET", "POST"])
@staff_page("take_step")
def step(request: StaffRequest, number: str, step: str) -> HttpResponse:
    """The form of a step for all complaints of the incident (GET); taking it for each (POST)."""
    incident = incident_for(request.user, number)
    if not together.is_taken_together(step):
        raise Http404
    asked = STEPS[step]
    complaints = together.complaints_of(incident, request.user)
    standing = standing_of(request.user, complaints)
    able = [at for at in standing.values() if asked in lifecycle.possible_at(at)]
    with timezone.override(zoneinfo.ZoneInfo(incident.project.timezone)):
        if request.method == "POST":
            return _take(request, incident, asked, complaints, able or list(standing.values()))
        if not able:
            sentence = _("这件同因事项里的投诉现在都不能办这一步，可能刚被别人办过了。")
            return _shown(request, incident, asked, {"sentence": sentence}, status=409)
        return _form_shown(request, incident, asked, complaints, form_for(asked, able), len(able))


def _shown(
    request: StaffRequest, incident: Incident, asked: Step, context: dict[str, Any], status: int
) -> HttpResponse:
    context |= {"incident": incident, "step": asked, "here": "incidents"}
    part = "desk/incidents/step_form.html"
    if "results" in context:
        part = "desk/list/bulk_results.html"
    if "sentence" in context:
        part = "desk/parts/refused.html"
    template = part if request.htmx else "desk/incidents/step.html"
    return render(request, template, context | {"part": part}, status=status)


def _form_shown(
    request: StaffRequest,
    incident: Incident,
    asked: Step,
    complaints: Sequence[Complaint],
    form: StepForm,
    able: int | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "tokens": [f"{each.number}@{each.version}" for each in complaints],
        "unable": len(complaints) - able if able is not None else 0,
        "nothing_shared": nothing_shared(form),
    }
    return _shown(request, incident, asked, context, status)


def _take(
    request: StaffRequest,
    incident: Incident,
    asked: Step,
    complaints: Sequence[Complaint],
    ats: Sequence[At],
) -> HttpResponse:
    if not ats:
        sentence = _("这件同因事项里没有未结案的投诉。")
        return _shown(request, incident, asked, {"sentence": sentence}, status=409)
    form = form_for(asked, ats, request.POST)
    if not form.is_valid():
        return _form_shown(request, incident, asked, complaints, form, status=422)
    if form.offer is not None and form.offer.unseen:
        form.asks = True
        return _form_shown(request, incident, asked, complaints, form, status=422)
    versions = _versions(request)
    # Those that were shown: whoever joined meanwhile is not spoken for unseen.
    chosen = [each for each in complaints if each.number in versions]
    results = together.take(
        incident,
        asked.name,
        person=request.user,
        data=said_for(asked, form),
        occurred_at=form.cleaned_data["occurred_at"],
        key=(form.cleaned_data["key"] or "")[:60] or str(uuid.uuid4()),
        among=chosen,
        versions=versions,
    )
    invalid = [each.refused for each in results if isinstance(each.refused, InvalidData)]
    if invalid and len(invalid) == len(results) and "further" not in request.POST:
        # What was typed fits none of them: it is mended in the form, nothing was written.
        form.refuse(invalid[0].errors)
        return _form_shown(request, incident, asked, complaints, form, status=422)
    told = [
        Result(each.complaint.number, each.complaint.subject, each.done, each.words)
        for each in results
    ]
    gone = sorted(set(versions) - {each.number for each in chosen})
    told += [Result(number, "", False, _("没有这件投诉，或您无权查看。")) for number in gone]
    context = {"results": told, "done": sum(each.done for each in told)}
    return _shown(request, incident, asked, context, status=200)


def _versions(request: StaffRequest) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for token in list(dict.fromkeys(request.POST.getlist("at")))[:MOST]:
        number, _sign, version = token.partition("@")
        found[number[:32]] = int(version) if version.isdigit() else None
    return found
