"""The company tree: areas, projects, developers, outside contractors; a new project."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from shouwen.complaints import categories
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import (
    AreaForm,
    CompanyForm,
    ContractorForm,
    DeveloperForm,
    ProjectForm,
)
from shouwen.organization.models import Area, Company, Contractor, Developer, Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


@dataclass(frozen=True)
class Branch:
    """An area of the tree with how deep it lies, and its projects."""

    area: Area | None
    depth: int
    projects: list[Project]


def _branches(projects: list[Project], areas: list[Area]) -> list[Branch]:
    """The tree from the top, each area before those under it; projects without an area last."""
    found: list[Branch] = []

    def under(parent_id: int | None, depth: int) -> None:
        for area in areas:
            if area.parent_id == parent_id:
                own = [each for each in projects if each.area_id == area.pk]
                found.append(Branch(area, depth, own))
                under(area.pk, depth + 1)

    under(None, 0)
    loose = [each for each in projects if each.area_id is None]
    if loose:
        found.append(Branch(None, 0, loose))
    return found


@require_http_methods(["GET"])
@staff_page("edit_organization")
def tree(request: StaffRequest) -> HttpResponse:
    """The whole company, as far as the person keeps it."""
    whole = bool(may(request.user, "edit_company"))
    found = visible_to(request.user, Project).select_related("developer").order_by("code")
    projects = [each for each in found if may(request.user, "edit_organization", each)]
    context = {
        "here": "settings",
        "whole": whole,
        "company": Company.objects.first(),
        "branches": _branches(projects, list(Area.objects.all()) if whole else []),
        "developers": list(Developer.objects.order_by("name")) if whole else [],
        "contractors": list(Contractor.objects.all()) if whole else [],
    }
    return render(request, "desk/settings/organization.html", context)


#: What is kept on a page of its own by one small form.
_KEPT: dict[str, tuple[type[forms.ModelForm], type]] = {
    "company": (CompanyForm, Company),
    "area": (AreaForm, Area),
    "developer": (DeveloperForm, Developer),
    "contractor": (ContractorForm, Contractor),
    "project": (ProjectForm, Project),
}


@require_http_methods(["GET", "POST"])
@staff_page("edit_company")
def new(request: StaffRequest, kind: str) -> HttpResponse:
    """A further area, developer, contractor or project; before all, the company."""
    company = Company.objects.exists()
    if kind == "company" and company:
        raise Http404
    if kind != "company" and not company:
        return redirect("desk:organization-new", "company")
    return _edit(request, kind, None)


@require_http_methods(["GET", "POST"])
@staff_page("edit_company")
def change(request: StaffRequest, kind: str, pk: int) -> HttpResponse:
    """Change the company's name, an area, a developer or a contractor."""
    return _edit(request, kind, pk)


def _edit(request: StaffRequest, kind: str, pk: int | None) -> HttpResponse:
    if kind not in _KEPT or (pk is not None and kind == "project"):
        raise Http404
    form_class, model = _KEPT[kind]
    instance = get_object_or_404(model, pk=pk) if pk else model()
    if pk is None and kind not in ("company", "developer"):
        instance.company = Company.objects.get()
    form = form_class(request.POST or None, instance=instance)
    if pk and kind == "area":
        form.fields["parent"].queryset = Area.objects.exclude(pk=pk)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        if pk is None and kind == "company":
            categories.ship()  # a company begins with the shipped ones
        audit.note(
            "project_changed" if kind == "project" else "company_changed",
            actor_id=request.user.pk,
            subject_type=kind,
            subject_id=saved.pk,
            project_id=saved.pk if kind == "project" else None,
            new=pk is None,
        )
        if kind == "project":
            return redirect("desk:project", saved.code)
        return redirect("desk:organization")
    context = {"here": "settings", "form": form, "kind": kind, "new": pk is None}
    status = 422 if form.errors else 200
    return render(request, "desk/settings/organization_form.html", context, status=status)
