"""Ringing whoever a matter goes up to: the number is shown on a click, and that is written down [R7]."""

from __future__ import annotations

import zoneinfo

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shouwen.complaints import lifecycle
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.desk.callees import UPWARD, callees
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.organization.permissions import may
from shouwen.records import audit, ledger


@require_POST
@staff_page("take_step")
def call(request: StaffRequest, number: str, name: str) -> HttpResponse:
    """The telephone of the leader on duty, for whoever may pass the matter up to them."""
    complaint = complaint_for(request.user, number)
    if name not in UPWARD:
        raise Http404
    with timezone.override(zoneinfo.ZoneInfo(complaint.project.timezone)):
        at = lifecycle.stand(request.user, complaint, fold(ledger.entries(SUBJECT, complaint.pk)))
        step = STEPS[name]
        if not may(request.user, f"step:{name}", at) or not step.open_at(at):
            return HttpResponse(status=403)
        wanted = request.POST.get("dial", "")
        callee = next((each for each in callees(name, at) if str(each.person.pk) == wanted), None)
        if callee is None or not callee.person.telephone:
            raise Http404
        audit.note(
            "staff_called",
            actor_id=request.user.pk,
            subject_type="staff",
            subject_id=callee.person.pk,
            project_id=complaint.project_id,
            source=request.META.get("REMOTE_ADDR") or None,
        )
        template = "desk/parts/dialled.html" if request.htmx else "desk/dialled.html"
        context = {"complaint": complaint, "step": step, "callee": callee}
        return render(request, template, context)
