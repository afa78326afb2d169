"""What is printed on A4: the record (登记表) and a department's work order (派工单).

A confidential source is on neither, whoever prints them: paper is read by anybody.
"""

from __future__ import annotations

import zoneinfo
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from shouwen.complaints import lifecycle
from shouwen.complaints import record as records
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.desk import signature, telling
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.organization.permissions import may
from shouwen.records import audit, ledger
from shouwen.records.rendering import qr_svg

# What happened, as far as one page holds it; the whole is in the system, where the code leads.
MOST_ENTRIES = 14


def _sheet(request: StaffRequest, complaint: Complaint) -> dict[str, Any]:
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    at = lifecycle.stand(request.user, complaint, fold(entries))
    told = [
        each
        for each in telling.tell(entries)
        if each.kind not in ("warned", "breached", "noted", "attached", "received")
    ]
    address = reverse("desk:complaint", args=[complaint.number])
    source = not complaint.confidential and bool(may(request.user, "see_source", at))
    audit.note(
        "printed",
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        project_id=complaint.project_id,
        with_source=source,
    )
    return {
        "complaint": complaint,
        "works": list(complaint.works.select_related("department", "member").order_by("-lead")),
        "told": list(reversed(told[:MOST_ENTRIES])),
        "more": len(told) > MOST_ENTRIES,
        "source": source,
        "qr": qr_svg(request.build_absolute_uri(address)),
        "entries": entries,
    }


@require_safe
@staff_page("see_complaint")
def record(request: StaffRequest, number: str) -> HttpResponse:
    """The standard record on one page [A2][P1]."""
    complaint = complaint_for(request.user, number)
    with timezone.override(zoneinfo.ZoneInfo(complaint.project.timezone)):
        sheet = _sheet(request, complaint) | {"lacking": records.completeness(complaint)[1]}
        # Whose hand it is, a confidential source would be known by.
        sheet["signature"] = signature.of(complaint) if sheet["source"] else None
        return render(request, "desk/print_record.html", sheet)


@require_safe
@staff_page("see_complaint")
def work_order(request: StaffRequest, number: str, department: str) -> HttpResponse:
    """What one department has to do."""
    complaint = complaint_for(request.user, number)
    work = get_object_or_404(
        complaint.works.select_related("department", "member"), department__code=department
    )
    with timezone.override(zoneinfo.ZoneInfo(complaint.project.timezone)):
        sheet = _sheet(request, complaint)
        dispatched = [
            entry
            for entry in sheet["entries"]
            if entry.kind == "dispatched" and entry.facts.get("department") == department
        ]
        sheet |= {
            "work": work,
            "instructions": dispatched[-1].said.get("instructions") or "" if dispatched else "",
            "dispatched_at": dispatched[-1].occurred_at if dispatched else None,
        }
        return render(request, "desk/print_work_order.html", sheet)
