"""One project: its data, its departments, its buildings and homes."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, ProtectedError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import DepartmentForm, HomeForm, HomesForm, ProjectForm
from shouwen.organization import homes as homes_written
from shouwen.organization import structure
from shouwen.organization.homes import Address
from shouwen.organization.models import Department, Home, Post, Project
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit

MOST_SHOWN = 600
_EXAMPLES = 6


def project_for(request: StaffRequest, code: str) -> Project:
    """The project, for whoever keeps it."""
    project = get_object_or_404(visible_to(request.user, Project), code=code)
    if not may(request.user, "edit_organization", project):
        raise PermissionDenied
    return project


@require_http_methods(["GET", "POST"])
@staff_page("edit_organization")
def project(request: StaffRequest, code: str) -> HttpResponse:
    """A project's data and what belongs to it."""
    found = project_for(request, code)
    form = ProjectForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.note("project_changed", actor_id=request.user.pk, project_id=found.pk)
        return redirect(f"{reverse('desk:project', args=[found.code])}?saved=1")
    if form.errors:
        found = Project.objects.get(pk=found.pk)  # what was typed is not yet so
    departments = found.departments.prefetch_related("contractors")
    if may(request.user, "edit_company"):
        departments = departments | Department.objects.filter(project=None).prefetch_related(
            "contractors"
        )
    context = {
        "here": "settings",
        "project": found,
        "form": form,
        "departments": departments.order_by("-is_active", "code"),
        "homes": found.homes.count(),
        "customers": found.customers.count(),
        "appointed": Post.objects.filter(project=found, until=None)
        .values("staff")
        .distinct()
        .count(),
        "saved": "saved" in request.GET,
    }
    status = 422 if form.errors else 200
    return render(request, "desk/settings/project.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("edit_organization")
def new_department(request: StaffRequest, code: str) -> HttpResponse:
    """A further department of the project, or of the whole company."""
    found = project_for(request, code)
    shared = "shared" in request.POST and bool(may(request.user, "edit_company"))
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = form.save(commit=False)
        made.project = None if shared else found
        made.save()
        _note(request, made)
        return redirect("desk:project", found.code)
    return _department_page(request, found, form)


@require_http_methods(["GET", "POST"])
@staff_page("edit_organization")
def department(request: StaffRequest, code: str, department: str) -> HttpResponse:
    """A department: its name, its contractors, whether it is in use."""
    found = project_for(request, code)
    kept = get_object_or_404(Department, code=department)
    if kept.project_id not in (None, found.pk):
        raise Http404
    if kept.project_id is None and not may(request.user, "edit_company"):
        raise PermissionDenied
    form = DepartmentForm(request.POST or None, instance=kept)
    if request.method == "POST" and form.is_valid():
        form.save()
        _note(request, kept)
        return redirect("desk:project", found.code)
    return _department_page(request, found, form)


def _note(request: StaffRequest, kept: Department) -> None:
    audit.note(
        "company_changed" if kept.project_id is None else "project_changed",
        actor_id=request.user.pk,
        subject_type="department",
        subject_id=kept.pk,
        project_id=kept.project_id,
    )


def _department_page(request: StaffRequest, found: Project, form: DepartmentForm) -> HttpResponse:
    context = {
        "here": "settings",
        "project": found,
        "form": form,
        "department": form.instance if form.instance.pk else None,
        "may_share": not form.instance.pk and bool(may(request.user, "edit_company")),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/settings/department.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_page("edit_organization")
def homes(request: StaffRequest, code: str) -> HttpResponse:
    """Buildings and homes of a project; a range or one more, first shown, then made."""
    found = project_for(request, code)
    act = request.POST.get("act", "")
    many = HomesForm(request.POST if act in ("preview", "build") else None, prefix="many")
    one = HomeForm(request.POST if act == "one" else None, prefix="one")
    planned: list[Address] | None = None
    new: list[Address] = []
    if many.is_bound and many.is_valid():
        try:
            planned = many.addresses()
            new = structure.missing(found, planned)
        except ValidationError as wrong:
            many.add_error(None, wrong)
        # What was typed after the preview is shown before it is made.
        if act == "build" and request.POST.get("new") == str(len(new)) and planned is not None:
            return _made(found, structure.build(found, planned, by=request.user))
    if one.is_bound and one.is_valid():
        address = homes_written.of_parts(**one.cleaned_data)
        if address is None:
            one.add_error("room", _("写法认不出，请写成 3、1、802 这样"))
        elif number := structure.build(found, [address], by=request.user):
            return _made(found, number, address.building)
        else:
            one.add_error("room", _("已经有这一户"))
    building = request.GET.get("building", "")
    counted = found.homes.values("building").annotate(number=Count("pk")).order_by()
    context = {
        "here": "settings",
        "project": found,
        "many": many,
        "one": one,
        "planned": planned,
        "new": len(new),
        "there": len(planned or ()) - len(new),
        "examples": [each.label for each in new[:_EXAMPLES]],
        "last": new[-1].label if len(new) > _EXAMPLES else "",
        "buildings": sorted(counted, key=lambda each: _in_order(each["building"])),
        "total": sum(each["number"] for each in counted),
        "building": building,
        "rooms": _rooms(found, building) if building else [],
        "made": request.GET.get("made", ""),
        "kept": request.GET.get("kept", ""),
    }
    status = 422 if many.errors or one.errors else 200
    return render(request, "desk/settings/homes.html", context, status=status)


def _rooms(found: Project, building: str) -> list[Home]:
    """The homes of a building in the order of unit, floor and door."""
    rooms = found.homes.filter(building=building)[:MOST_SHOWN]
    return sorted(rooms, key=lambda each: (_in_order(each.unit), _in_order(each.room)))


def _in_order(building: str) -> tuple[bool, int, str]:
    return (not building.isdigit(), int(building) if building.isdigit() else 0, building)


def _made(found: Project, number: int, building: str = "") -> HttpResponse:
    address = reverse("desk:project-homes", args=[found.code])
    return redirect(f"{address}?made={number}" + (f"&building={building}" if building else ""))


@require_http_methods(["POST"])
@staff_page("edit_organization")
def remove_home(request: StaffRequest, code: str, pk: int) -> HttpResponse:
    """Remove a home that was entered by mistake; one that anything refers to stays."""
    found = project_for(request, code)
    home = get_object_or_404(Home, pk=pk, project=found)
    address = reverse("desk:project-homes", args=[found.code])
    try:
        home.delete()
    except ProtectedError:
        return redirect(f"{address}?building={home.building}&kept=1")
    audit.note("project_changed", actor_id=request.user.pk, project_id=found.pk, homes_removed=1)
    return redirect(f"{address}?building={home.building}")
