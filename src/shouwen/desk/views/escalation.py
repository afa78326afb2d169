"""Escalation policies: who is called after whom, previewed by the roster; and rehearsing them."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.complaints.words import Severity
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.notices import planning, policies, rehearsing
from shouwen.notices.answering import name_of
from shouwen.notices.policies import Step, Wrong
from shouwen.notices.policy import Policy, Rehearsal
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit

SEVERITIES = (Severity.EMERGENCY, Severity.MAJOR)
#: Empty lines below the steps there are, for more of them.
SPARE = 2


@dataclass(frozen=True)
class Line:
    """One line of the form."""

    minutes: str
    position: str
    whole: bool


def _projects(person: Staff) -> QuerySet[Project]:
    ids = [
        each.pk
        for each in visible_to(person, Project).filter(is_active=True)
        if may(person, "edit_escalation", each)
    ]
    return Project.objects.filter(pk__in=ids).order_by("code")


def _project(person: Staff, code: str) -> Project:
    found = visible_to(person, Project).filter(code=code).first()
    if found is None or not may(person, "edit_escalation", found):
        raise Http404
    return found


@require_safe
@staff_page("edit_escalation")
def projects(request: StaffRequest) -> HttpResponse:
    """The projects whose policies one keeps; straight to it where there is one alone."""
    found = list(_projects(request.user))
    if len(found) == 1:
        return redirect("desk:escalation-project", code=found[0].code)
    return render(request, "desk/settings/escalation_projects.html", {"kept": found})


@require_http_methods(["GET", "POST"])
@staff_page("edit_escalation")
def policies_page(request: StaffRequest, code: str) -> HttpResponse:
    """One project's policy for one severity, with what would happen if nobody answered."""
    project = _project(request.user, code)
    severity = _severity(request.POST or request.GET)
    with timezone.override(zoneinfo.ZoneInfo(project.timezone)):
        error, lines, minutes = "", None, ""
        if request.method == "POST":
            if "forget" in request.POST:
                policies.forget(project, severity)
                return _back(request, project, severity)
            lines, minutes = _typed(request.POST), request.POST.get("act_within", "")
            try:
                policies.keep(project, severity, _steps(lines), _seconds(minutes))
                return _back(request, project, severity)
            except Wrong as wrong:
                error = str(wrong)
        return _page(request, project, severity, lines, minutes, error)


def _back(request: StaffRequest, project: Project, severity: str) -> HttpResponse:
    audit.note(
        "project_changed", actor_id=request.user.pk, project_id=project.pk, escalation=severity
    )
    return redirect(f"{request.path}?severity={severity}&kept=1")


def _page(
    request: StaffRequest,
    project: Project,
    severity: str,
    lines: list[Line] | None,
    minutes: str,
    error: str,
) -> HttpResponse:
    steps, act_within = policies.steps_for(project.pk, severity)
    at = _at(request.GET.get("at", ""))
    rehearsal = (
        visible_to(request.user, Rehearsal)
        .filter(project=project)
        .select_related("started_by")
        .order_by("-started_at")
        .first()
    )
    context: dict[str, Any] = {
        "here": "settings",
        "project": project,
        "severity": severity,
        "severities": [(each.value, each.label) for each in SEVERITIES],
        "lines": lines or [*_lines(steps), *[Line("", "", False)] * SPARE],
        "positions": [(str(each), name_of(str(each))) for each in policies.POSITIONS],
        "act_within": minutes or f"{act_within / 60:g}",
        "error": error,
        "kept": request.GET.get("kept"),
        "own": Policy.objects.filter(project=project, severity=severity).exists(),
        "at": timezone.localtime(at),
        "walk": _walk(planning.plan(project, severity, at)),
        "rehearsal": rehearsal,
        "answers": [(each, name_of(each.position)) for each in rehearsing.answers(rehearsal)]
        if rehearsal
        else [],
        "missed": [name_of(each.position) for each in rehearsing.missed(rehearsal)]
        if rehearsal
        else [],
        "finished": rehearsal is not None and rehearsing.finished(rehearsal),
        "tonight": rehearsing.tonight(project),
    }
    return render(request, "desk/settings/escalation.html", context, status=422 if error else 200)


@require_POST
@staff_page("edit_escalation")
def preview(request: StaffRequest, code: str) -> HttpResponse:
    """The walk of what is being typed, or what is wrong with it; nothing is kept."""
    project = _project(request.user, code)
    severity = _severity(request.POST)
    with timezone.override(zoneinfo.ZoneInfo(project.timezone)):
        context: dict[str, Any] = {"at": timezone.localtime()}
        try:
            steps = policies.checked(_steps(_typed(request.POST)))
            _seconds(request.POST.get("act_within", ""))
            at = _at(request.POST.get("at", ""))
            context |= {
                "walk": _walk(planning.plan(project, severity, at, steps=steps)),
                "at": timezone.localtime(at),
            }
        except Wrong as wrong:
            context["error"] = str(wrong)
        return render(request, "desk/parts/walk.html", context)


@require_POST
@staff_page("rehearse")
def rehearse(request: StaffRequest, code: str) -> HttpResponse:
    """Begin a rehearsal of tonight; the page then shows who answers."""
    project = _project(request.user, code)
    severity = _severity(request.POST)
    rehearsing.start(project, severity, by=request.user)
    audit.note("rehearsed", actor_id=request.user.pk, project_id=project.pk, severity=severity)
    return redirect("desk:escalation-project", code=project.code)


def _severity(said: QueryDict) -> str:
    given = said.get("severity", "")
    return given if given in {str(each) for each in SEVERITIES} else str(Severity.EMERGENCY)


def _at(text: str) -> Any:
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        found = None
    if found is None:
        return timezone.now()
    return found if found.tzinfo else timezone.make_aware(found)


def _lines(steps: list[Step]) -> list[Line]:
    return [Line(f"{step.after / 60:g}", step.position, step.whole) for step in steps]


def _typed(posted: QueryDict) -> list[Line]:
    columns = (posted.getlist("minutes"), posted.getlist("position"), posted.getlist("whole"))
    return [
        Line(minutes.strip(), position, whole == "1")
        for minutes, position, whole in zip(*columns, strict=False)
    ]


def _steps(lines: list[Line]) -> list[dict[str, Any]]:
    """What the lines say; those without a position are left out. Raises Wrong."""
    return [
        {"position": line.position, "whole": line.whole, "after": _seconds(line.minutes)}
        for line in lines
        if line.position
    ]


def _seconds(minutes: str) -> int:
    try:
        return round(float(minutes) * 60)
    except (ValueError, OverflowError):
        raise Wrong(policies.minutes_wanted()) from None


@dataclass(frozen=True)
class Stop:
    """One level of the walk, in words."""

    level: planning.Level
    position: str
    found_at: str


def _walk(levels: list[planning.Level]) -> list[Stop]:
    return [Stop(level, name_of(level.position), name_of(level.found_at)) for level in levels]
