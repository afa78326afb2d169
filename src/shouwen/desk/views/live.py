"""The cheap question that keeps a page live: has anything on it changed?"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import Complaint
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views import worklist
from shouwen.organization.permissions import visible_to


@require_safe
@staff_page("see_desk")
def live(request: StaffRequest) -> HttpResponse:
    """204, with word of a change where what the page showed (its token) no longer holds."""
    of, shown = request.GET.get("of", ""), request.GET.get("token", "")
    if of == "worklist":
        current = worklist.token(request.user, timezone.now())
    else:
        models: tuple[type[Any], ...] = (Complaint, Contact)
        found = (
            visible_to(request.user, each).filter(number=of).values_list("version", flat=True)
            for each in models
        )
        version = next((each[0] for each in found if each), None)
        if version is None:
            raise Http404
        current = str(version)
    response = HttpResponse(status=204)
    if current != shown:
        response.headers["HX-Trigger"] = "desk:changed"
    return response
