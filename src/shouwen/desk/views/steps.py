"""A step's form, opened where one is; its effect before the click; and taking it."""

from __future__ import annotations

import json
import zoneinfo
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Changed, InvalidData, Refused
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.emergency import reports_of
from shouwen.complaints.steps.table import At, Step
from shouwen.complaints.words import Severity
from shouwen.desk import masking, telling, words
from shouwen.desk.callees import callees
from shouwen.desk.effects import effects
from shouwen.desk.forms import StepForm, filled, form_class
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for, page_steps
from shouwen.desk.views.suggesting import for_assessment
from shouwen.desk.views.worklist import URGENT
from shouwen.notices.reports import keeping as filing
from shouwen.organization.permissions import may
from shouwen.records import ledger


def _step(name: str) -> Step:
    step = STEPS.get(name)
    if step is None or step.name in ("receive", "attach"):
        raise Http404
    return step


def _standing(request: StaffRequest, complaint: Complaint) -> At:
    return lifecycle.stand(
        request.user, complaint, fold(ledger.entries(SUBJECT, complaint.pk)), now=timezone.now()
    )


def _form(step: Step, at: At, data: Any = None) -> StepForm:
    made = form_class(step, at)
    form = made(data, initial=filled(step, at, made), auto_id=f"{step.name}-%s")
    form.offer = masking.offer(step, data or {})
    return form


@require_http_methods(["GET", "POST"])
@staff_page("take_step")
def step(request: StaffRequest, number: str, name: str) -> HttpResponse:
    """The form of a step (GET); taking it (POST)."""
    complaint = complaint_for(request.user, number)
    asked = _step(name)
    with timezone.override(zoneinfo.ZoneInfo(complaint.project.timezone)):
        at = _standing(request, complaint)
        if request.method == "POST":
            return _take(request, asked, at, complaint)
        if not page_steps([asked]):
            raise Http404  # taken back where the note stands
        if asked not in lifecycle.possible(request.user, complaint, at.state):
            return _refused(request, _("这一步现在不能办，可能刚被别人办过了。"))
        return _show(request, asked, complaint, _form(asked, at), at=at)


def _show(
    request: StaffRequest,
    step: Step,
    complaint: Complaint,
    form: StepForm,
    *,
    at: At,
    changed: list[telling.Told] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "step": step,
        "complaint": complaint,
        "form": form,
        "changed": changed,
        "urgent": bool(URGENT.intersection(step.answers)) and complaint.severity == "emergency",
        "callees": callees(step.name, at),
        "report_levels": reports_of(at) if step.name == "file_report" else [],
        "suggestion": for_assessment(complaint) if step.name == "assess" else None,
    }
    if not request.htmx:
        return render(request, "desk/step.html", context, status=status)
    return render(request, "desk/parts/step_form.html", context, status=status)


def _refused(request: StaffRequest, sentence: str, status: int = 409) -> HttpResponse:
    return render(request, "desk/parts/refused.html", {"sentence": sentence}, status=status)


def _refused_aloud(request: StaffRequest, sentence: str) -> HttpResponse:
    """Told beside the page, where a step has no form to show it in."""
    if not request.htmx:
        return _refused(request, sentence)
    headers = {"HX-Trigger": json.dumps({"desk:refused": {"message": sentence}})}
    return HttpResponse(status=204, headers=headers)


def _take(request: StaffRequest, step: Step, at: At, complaint: Complaint) -> HttpResponse:
    form = _form(step, at, request.POST)
    if not form.is_valid():
        return _show(request, step, complaint, form, at=at, status=422)
    offer = masking.offer(step, request.POST)
    if offer.unseen and at.state.severity != Severity.EMERGENCY:  # its minutes are not held up
        form.asks = True
        return _show(request, step, complaint, form, at=at, status=422)
    said = form.said()
    if offer.ticked:
        said = masking.without_numbers(step, said)
    try:
        outcome = _taken(request, step, complaint, form, said)
    except InvalidData as refused:
        if not page_steps([step]):  # it has no form of its own to show them in
            return _refused_aloud(
                request, " ".join(words for all_ in refused.errors.values() for words in all_)
            )
        form.refuse(refused.errors)
        return _show(request, step, complaint, form, at=at, status=422)
    except Changed as refused:
        ledger_entries = refused.entries
        for entry, said in zip(ledger_entries, _said(ledger_entries), strict=True):
            entry.said = said
        form.carry(max(entry.number for entry in ledger_entries))
        told = telling.tell(ledger_entries)
        return _show(request, step, complaint, form, at=at, changed=told, status=409)
    except Refused as refused:
        if not page_steps([step]):
            return _refused_aloud(request, refused.words)
        return _refused(request, refused.words)
    return _done(request, step, outcome)


def _taken(
    request: StaffRequest, step: Step, complaint: Complaint, form: StepForm, said: dict[str, Any]
) -> lifecycle.Outcome:
    when = form.cleaned_data["occurred_at"]
    if step.name == "file_report":  # it is filed as a document, whichever page it is written on
        return filing.from_form(complaint, said, person=request.user, occurred_at=when)
    return lifecycle.take(
        step.name,
        person=request.user,
        complaint=complaint,
        data=said,
        occurred_at=when,
        expected_version=form.cleaned_data["version"],
        key=form.cleaned_data["key"] or None,
    )


def _said(entries: list[Any]) -> list[dict[str, str | None]]:
    read = ledger.read(entries)
    return [read[entry.pk] for entry in entries]


def _done(request: StaffRequest, step: Step, outcome: lifecycle.Outcome) -> HttpResponse:
    if not request.htmx:
        return redirect("desk:complaint", outcome.complaint.number)
    message = _("已记下：{verb} · {number}").format(verb=step.verb, number=outcome.complaint.number)
    if outcome.others:
        message += " · " + words.listed(other.number for other in outcome.others)
    told: dict[str, Any] = {"message": message}
    if step.name == "note":
        address = reverse("desk:step", args=[outcome.complaint.number, "retract"])
        told["undo"] = {"address": address, "entry": outcome.entries[0].number}
    if step.name == "join_incident":
        address = reverse("desk:step", args=[outcome.complaint.number, "leave_incident"])
        told["undo"] = {"address": address, "entry": outcome.entries[-1].number}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"desk:done": told})})


@require_POST
@staff_page("take_step")
def preview(request: StaffRequest, number: str, name: str) -> HttpResponse:
    """Which clocks the step as filled in would start, stop and move; nothing is written."""
    complaint = complaint_for(request.user, number)
    asked = _step(name)
    with timezone.override(zoneinfo.ZoneInfo(complaint.project.timezone)):
        at = _standing(request, complaint)
        allowed = may(request.user, f"step:{asked.name}", at)
        if not allowed:
            return _refused(request, str(allowed.rule))
        form = _form(asked, at, request.POST)
        form.full_clean()
        said = _enough(asked, form.said())
        try:
            changes = lifecycle.preview(
                asked.name,
                person=request.user,
                complaint=complaint,
                data=said,
                occurred_at=form.cleaned_data.get("occurred_at"),
            )
        except Refused:
            return render(
                request,
                "desk/parts/effects.html",
                {
                    "effects": [],
                    "nothing": _("填好必填项后，这里显示哪些时限会开始、停止。"),
                    "offers": [form.offer],
                },
            )
        return render(
            request,
            "desk/parts/effects.html",
            {
                "effects": effects(
                    changes,
                    request.user,
                    complaint.project_id,
                    department=said.get("department", ""),
                ),
                "nothing": _("这一步不影响任何时限。"),
                "offers": [form.offer],
            },
        )


def _enough(step: Step, said: dict[str, Any]) -> dict[str, Any]:
    """What was filled in so far, with a word in place of free text still to be written.

    No clock depends on free text, so the effect can be told before it is written.
    """
    for name, how in step.data.shown().items():
        if how.kept != "fact" and step.data.model_fields[name].is_required():
            said.setdefault(name, "…")
    return said
