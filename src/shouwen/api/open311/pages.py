"""Opening and closing the door, project by project, beside the keys."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from shouwen.channels.models import Open311Door
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.organization.models import Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


def doors(request: StaffRequest) -> list[tuple[Project, bool]]:
    """The projects whose door the person may open or close, and whether it is open."""
    projects = visible_to(request.user, Project).filter(is_active=True).order_by("code")
    opened = set(Open311Door.objects.values_list("project_id", flat=True))
    return [
        (each, each.pk in opened) for each in projects if may(request.user, "open_open311", each)
    ]


@require_POST
@staff_page("open_open311")
def switch(request: StaffRequest) -> HttpResponse:
    """Open a project's door, or close it; what came in by it stays."""
    code = request.POST.get("project", "")
    project = visible_to(request.user, Project).filter(is_active=True, code=code).first()
    if project is None or not may(request.user, "open_open311", project):
        raise Http404
    opening = request.POST.get("open") == "1"
    if opening:
        Open311Door.objects.get_or_create(project=project, defaults={"opened_at": timezone.now()})
    else:
        Open311Door.objects.filter(project=project).delete()
    audit.note(
        "open311_switched",
        actor_id=request.user.pk,
        subject_type="project",
        subject_id=project.pk,
        project_id=project.pk,
        open=opening,
    )
    return redirect("api:keys")
