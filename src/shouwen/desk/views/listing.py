"""The list of complaints: newest first, by number or by words."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime

from shouwen.complaints.models import Complaint
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import visible_to

PAGE = 50


def _after(found: QuerySet[Complaint], mark: str) -> QuerySet[Complaint]:
    """The rows behind a mark (`received_at` and key of the last row seen), newest first."""
    said, _sign, pk = mark.partition("_")
    at: datetime | None = parse_datetime(said)
    if at is None or at.tzinfo is None or not pk.isdigit():
        return found
    return found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=int(pk)))


@staff_page
def complaints(request: StaffRequest) -> HttpResponse:
    """What the person may see, newest first; a whole number leads straight to its complaint."""
    asked = request.GET.get("q", "").strip()[:100]
    found = visible_to(request.user, Complaint)
    if asked:
        whole = found.filter(number=asked.upper()).first()
        if whole is not None:
            return redirect("desk:complaint", whole.number)
        found = found.filter(
            Q(number__icontains=asked)
            | Q(subject__icontains=asked)
            | Q(content__icontains=asked)
            | Q(place__icontains=asked)
        )
    page = _after(found, request.GET.get("after", "").replace(" ", "+"))
    rows = list(
        page.select_related("home", "category__parent", "first_contact").order_by(
            "-received_at", "-pk"
        )[: PAGE + 1]
    )
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return render(
        request,
        "desk/complaints.html",
        {
            "here": "complaints",
            "q": asked,
            "complaints": rows[:PAGE],
            "after": f"{last.received_at.isoformat()}_{last.pk}" if last else "",
            "further": bool(request.GET.get("after")),
        },
    )
