"""Swaps (换班): asking, one's page of those that wait, agreeing, declining, taking back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import swapping
from shouwen.organization.models import Shift, Swap
from shouwen.organization.permissions import may, visible_to

SHOWN = 40
OFFERED = 60


@require_GET
@staff_page("ask_swap")
def swaps(request: StaffRequest) -> HttpResponse:
    """What waits for one's word, what one asked, and one's next shifts."""
    return _swaps(request)


def _swaps(request: StaffRequest, wrong: list[str] | None = None) -> HttpResponse:
    person = request.user
    found = visible_to(person, Swap).select_related(
        "asked_by",
        "asked_of",
        "shift__project",
        "shift__department",
        "against__project",
        "against__department",
    )
    rows = [
        (each, bool(may(person, "answer_swap", each)), each.asked_by_id == person.pk)
        for each in found[:SHOWN]
    ]
    mine = Shift.objects.filter(staff=person, ends_at__gt=timezone.now())
    context = {
        "here": "roster",
        "waiting": [each for each in rows if each[0].state == Swap.State.ASKED],
        "answered": [each for each in rows if each[0].state != Swap.State.ASKED],
        "at": "swaps",
        "mine": mine.select_related("project", "department")[:SHOWN],
        "wrong": wrong or [],
    }
    return render(request, "desk/roster/swaps.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@staff_page("ask_swap")
def ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask a colleague to take one of one's shifts, for one of theirs or for none."""
    found = visible_to(request.user, Shift).select_related("project", "department", "staff")
    shift = get_object_or_404(found.exclude(project=None), pk=pk)
    allowed = may(request.user, "ask_swap", shift)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    colleagues = swapping.colleagues(shift)
    offered = list(
        Shift.objects.filter(
            staff__in=colleagues,
            position=shift.position,
            project=shift.project,
            starts_at__gt=timezone.now(),
        ).select_related("staff", "department")[:OFFERED]
    )
    wrong: list[str] = []
    if request.method == "POST":
        of = next((each for each in colleagues if str(each.pk) == request.POST.get("of")), None)
        said = request.POST.get("against", "")
        against = next((each for each in offered if str(each.pk) == said), None)
        try:
            if against is not None:
                of = against.staff
            if of is None:
                raise ValidationError(_("请选择同事"))
            swapping.ask(
                shift, of, against=against, reason=request.POST.get("reason", ""), by=request.user
            )
            return redirect("desk:roster-swaps")
        except ValidationError as refused:
            wrong = refused.messages
    context = {
        "here": "roster",
        "shift": shift,
        "colleagues": colleagues,
        "offered": offered,
        "wrong": wrong,
    }
    return render(request, "desk/roster/ask.html", context, status=422 if wrong else 200)


@require_POST
@staff_page("answer_swap")
def answer(request: StaffRequest, pk: int) -> HttpResponse:
    """Agree or decline; whoever keeps the roster decides as well."""
    swap = get_object_or_404(visible_to(request.user, Swap).select_related("shift"), pk=pk)
    allowed = may(request.user, "answer_swap", swap)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    act = swapping.agree if request.POST.get("answer") == "agree" else swapping.decline
    try:
        act(swap, by=request.user)
    except ValidationError as refused:
        return _swaps(request, refused.messages)
    return redirect("desk:roster-swaps")


@require_POST
@staff_page("ask_swap")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take back what one asked."""
    swap = get_object_or_404(Swap, pk=pk, asked_by=request.user)
    try:
        swapping.withdraw(swap, by=request.user)
    except ValidationError as refused:
        return _swaps(request, refused.messages)
    return redirect("desk:roster-swaps")
