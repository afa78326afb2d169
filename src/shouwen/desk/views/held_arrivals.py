"""What the portal held back: looked at by the front desk, let in or discarded with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.channels import held
from shouwen.channels.arriving import NobodyAnswers
from shouwen.channels.models import HeldArrival
from shouwen.complaints.refusals import Refused
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.customers import mask
from shouwen.organization.permissions import may, visible_to
from shouwen.records.models import Attachment

MOST = 50


@dataclass(frozen=True)
class Row:
    """One of them as the desk reads it; the telephone masked."""

    held: HeldArrival
    content: str
    place: str
    name: str
    telephone: str
    photographs: int


def _rows(found: list[HeldArrival]) -> list[Row]:
    counted: dict[int, int] = {}
    files = Attachment.objects.filter(
        subject_type=held.SUBJECT, subject_id__in=[each.pk for each in found], erased_at=None
    )
    for subject_id in files.values_list("subject_id", flat=True):
        counted[subject_id] = counted.get(subject_id, 0) + 1
    rows = []
    for each in found:
        said = held.matter_of(each)
        rows.append(
            Row(
                each,
                str(said.get("content", "")),
                str(said.get("place", "")),
                str(said.get("name", "")),
                mask(str(said.get("telephone", ""))),
                counted.get(each.pk, 0),
            )
        )
    return rows


@require_safe
@staff_page("decide_arrivals")
def waiting(request: StaffRequest) -> HttpResponse:
    """Those that wait, the oldest first: it has waited longest."""
    return _page(request)


def _page(request: StaffRequest, refused: str = "") -> HttpResponse:
    found = visible_to(request.user, HeldArrival).filter(state=HeldArrival.State.WAITING)
    rows = list(found.select_related("project").order_by("arrived_at", "pk")[: MOST + 1])
    context = {
        "here": "held",
        "rows": _rows(rows[:MOST]),
        "more": len(rows) > MOST,
        "refused": refused,
        "most": MOST,
    }
    return render(request, "desk/held_arrivals.html", context, status=422 if refused else 200)


def _one(request: StaffRequest, pk: int) -> HeldArrival:
    found = get_object_or_404(visible_to(request.user, HeldArrival), pk=pk)
    if not may(request.user, "decide_arrivals", found):
        raise PermissionDenied
    return found


@require_POST
@staff_page("decide_arrivals")
def release(request: StaffRequest, pk: int) -> HttpResponse:
    """Let it in, as of when it arrived."""
    found = _one(request, pk)
    try:
        complaint = held.release(found, by=request.user)
    except held.Decided:
        return _page(request, _("同事已经处理了这一件。"))
    except NobodyAnswers:
        return _page(request, _("没有人任职，无法受理。请告诉系统管理员。"))
    except Refused as wrong:
        return _page(request, wrong.words)
    return redirect("desk:complaint", complaint.number)


@require_POST
@staff_page("decide_arrivals")
def discard(request: StaffRequest, pk: int) -> HttpResponse:
    """Do not let it in, and say why."""
    found = _one(request, pk)
    try:
        held.discard(found, by=request.user, reason=request.POST.get("reason", ""))
    except held.Decided:
        return _page(request, _("同事已经处理了这一件。"))
    except ValueError:
        return _page(request, _("不受理要写明原因。"))
    return redirect("desk:held-arrivals")
