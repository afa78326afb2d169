"""Settings: the pages by which the organization, its duty roster and its rules are kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.sections import sections_for


@require_safe
@staff_page("see_settings")
def settings(request: StaffRequest) -> HttpResponse:
    """All kinds of settings that the person may enter."""
    context = {"here": "settings", "sections": sections_for(request.user)}
    return render(request, "desk/settings/index.html", context)
