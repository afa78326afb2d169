"""Watching a complaint, and watching it no longer."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.notices import watching


@require_POST
@staff_page("watch")
def watch(request: StaffRequest, number: str) -> HttpResponse:
    """Begin or end; the page of the complaint then shows who watches."""
    found = complaint_for(request.user, number)
    if request.POST.get("on") == "0":
        watching.unwatch(request.user, found)
    else:
        watching.watch(request.user, found)
    return redirect("desk:complaint", found.number)
