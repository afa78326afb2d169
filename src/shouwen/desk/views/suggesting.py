"""What the words suggest, while they are written: the line under them, with the word it comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwen.complaints import incidents
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.own_words import in_use
from shouwen.complaints.suggesting import suggest
from shouwen.complaints.words import Severity
from shouwen.desk import words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import homes
from shouwen.organization.holders import works_for
from shouwen.organization.models import Project
from shouwen.organization.permissions import visible_to

MOST_REASONS = 3
_MATTER = re.compile(r"m[2-9]")


@dataclass(frozen=True)
class Line:
    """A suggestion as it is shown: what would be chosen, why, and what else might be meant."""

    category: str
    label: str
    severity: str
    severity_label: str
    needs_developer: bool
    because: str
    advice: str
    others: list[tuple[str, str]]


@dataclass(frozen=True)
class Alike:
    """An open incident that looks the same, and how many complaints belong to it."""

    incident: Incident
    many: int


def line(content: str, place: str) -> Line | None:
    """The suggestion for these words; None where they say nothing that is known."""
    found = suggest(content, place, in_use())
    if found.category is None:
        return None
    codes = (found.category, *found.others)
    labels = {
        each.code: str(each)
        for each in Category.objects.filter(code__in=codes).select_related("parent")
    }
    because = [words.quoted(word) for word, _rule in found.reasons[:MOST_REASONS]]
    return Line(
        category=found.category,
        label=labels[found.category],
        severity=found.severity or "",
        severity_label=str(Severity(found.severity).label) if found.severity else "",
        needs_developer=found.needs_developer,
        because=_("因为写了{words}").format(words=words.listed(because)),
        advice=found.advice,
        others=[(code, labels[code]) for code in found.others],
    )


def for_assessment(complaint: Complaint) -> Line | None:
    """The suggestion for a complaint that is being assessed; None where it would change nothing."""
    found = line(complaint.content or complaint.subject, complaint.place)
    if found is None:
        return None
    stands = complaint.category.code if complaint.category else ""
    same = found.category == stands and found.severity in ("", complaint.severity)
    developer = not found.needs_developer or complaint.needs_developer
    return None if same and developer else found


@require_POST
@staff_page("receive")
def suggestion(request: StaffRequest) -> HttpResponse:
    """The line for a matter that is being written down. By POST: its words belong in no address."""
    prefix = request.POST.get("of", "")
    before = f"{prefix}-" if _MATTER.fullmatch(prefix) else ""
    content = request.POST.get(f"{before}content", "")
    place = request.POST.get(f"{before}place", "")
    trial = "trial" in request.POST
    context = {
        "suggestion": line(content, place),
        "trial": trial,
        "said": bool(content.strip()),
        "alike": [] if trial else _alike(request, content, place),
        "before": before,
        "joins": request.POST.get(f"{before}incident", ""),
    }
    return render(request, "desk/parts/suggestion.html", context)


def _alike(request: StaffRequest, content: str, place: str) -> list[Alike]:
    """The open incidents that what is being written may be about, with how many told of them."""
    projects = visible_to(request.user, Project).filter(is_active=True)
    asked = request.POST.get("project", "")
    project = projects.filter(pk=asked).first() if asked.isdigit() else None
    project = project or next(iter(works_for(request.user)), None)
    if project is None:
        return []
    home = homes.find(project, request.POST.get("home_text", ""))
    where = (home.building, home.unit) if home else ("", "")
    found = incidents.look_alike(
        project, place=place, content=content, building=where[0], unit=where[1]
    )
    many = dict(
        Incident.objects.filter(pk__in=[each.pk for each in found])
        .annotate(many=Count("complaints"))
        .values_list("pk", "many")
    )
    return [Alike(each, many[each.pk]) for each in found]
