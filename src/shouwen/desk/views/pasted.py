"""A chat pasted at intake: who spoke, for whoever takes it to choose from."""

from __future__ import annotations

import zoneinfo

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from shouwen.channels import pasted
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.intake import project_asked

LONGEST = 20_000


@require_POST
@staff_page("receive")
def read(request: StaffRequest) -> HttpResponse:
    """The speakers of what was pasted, each with their words and time. Nothing is kept.

    By POST: what somebody said has no place in an address or a log.
    """
    project = project_asked(request)
    if project is None:
        return HttpResponse(status=403)
    text, now = request.POST.get("pasted", "")[:LONGEST], timezone.now()
    zone = zoneinfo.ZoneInfo(project.timezone)
    with timezone.override(zone):
        found = pasted.speakers(text, now, zone)
        first = next((each.at for each in found if each.at is not None), None)
        context = {"speakers": found, "whole": text.strip(), "whole_at": pasted.recent(first, now)}
        return render(request, "desk/parts/pasted.html", context)
