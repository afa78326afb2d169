"""Staff, homes, customers and duty from a workbook: template, upload, trial, import, wrong rows."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.organization_forms import positions_to_give, projects_to_give
from shouwen.organization import bringing_in, sheets
from shouwen.organization.holders import NOT_LENT
from shouwen.organization.models import Customer, Department, Upload
from shouwen.organization.permissions import may
from shouwen.organization.positions import Position
from shouwen.organization.shift_files import whose

SHOWN = 20
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Counted:
    """What became of the rows of a sheet."""

    label: Any
    new: int
    changed: int
    same: int
    wrong: int


def upload_for(request: StaffRequest, pk: UUID) -> Upload:
    """A workbook of one's own."""
    upload = get_object_or_404(Upload, pk=pk)
    if not may(request.user, "import_organization", upload):
        raise Http404
    return upload


@require_http_methods(["GET", "POST"])
@staff_page("import_organization")
def imports(request: StaffRequest) -> HttpResponse:
    """One's workbooks (GET); another one, tried at once (POST)."""
    refused = ""
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            refused = _("请选择文件。")
        else:
            try:
                upload = bringing_in.take_in(file, request.user)
                return redirect("desk:organization-import", upload.pk)
            except sheets.UnreadableWorkbook as reason:
                refused = str(reason)
    context = {
        "here": "settings",
        "refused": refused,
        "uploads": Upload.objects.filter(staff=request.user)[:SHOWN],
        "staff_too": bool(may(request.user, "import_staff")),
        "homes_too": bool(may(request.user, "import_homes")),
    }
    status = 422 if refused else 200
    return render(request, "desk/settings/imports.html", context, status=status)


@require_http_methods(["GET"])
@staff_page("import_organization")
def template(request: StaffRequest) -> HttpResponseBase:
    """The empty workbook, with the positions, projects and departments to choose from."""
    person = request.user
    staff, duty = may(person, "import_staff"), may(person, "edit_roster")
    projects = projects_to_give(person) if staff else whose(person)
    departments = Department.objects.filter(is_active=True).order_by("code")
    lists = {
        "position": [label for _word, label in positions_to_give(person, [p.pk for p in projects])]
        if staff
        else [str(each.label) for each in Position if each not in NOT_LENT],
        "project": [each.code for each in projects],
        "department": list(departments.values_list("code", flat=True)),
        "relation": [str(label) for label in Customer.Relation.labels],
    }
    words = ["staff"] if staff else []
    words += ["homes", "customers"] if may(person, "import_homes") else []
    words += ["shifts"] if duty else []
    name = _("员工房屋客户值班模板") if staff else _("值班模板")
    return FileResponse(
        io.BytesIO(sheets.template(lists, words)),
        as_attachment=True,
        filename=f"{name}.xlsx",
        content_type=_XLSX,
    )


def _context(upload: Upload) -> dict[str, Any]:
    counted = [
        Counted(kind.label, *(upload.counts[kind.word][str(each)] for each in sheets.Outcome))
        for kind in sheets.SHEETS
        if kind.word in upload.counts
    ]
    wrong = [
        (sheets.KINDS[each["sheet"]].label, each["line"], each["why"]) for each in upload.wrong
    ]
    return {
        "here": "settings",
        "upload": upload,
        "counted": counted,
        "wrong": wrong,
        "number_wrong": sum(each.wrong for each in counted),
        "number_right": sum(each.new + each.changed for each in counted),
        "wrong_file": upload.removed_at is None and upload.wrong_path.exists(),
    }


@require_http_methods(["GET"])
@staff_page("import_organization")
def one(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One workbook: how far it is, what became of its rows; asked again while it is under way."""
    context = _context(upload_for(request, pk))
    piece = "desk/settings/import_run.html"
    return render(request, piece if request.htmx else "desk/settings/import_one.html", context)


@require_POST
@staff_page("import_organization")
def begin(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Bring it in."""
    upload = upload_for(request, pk)
    bringing_in.ask(upload)
    return redirect("desk:organization-import", pk)


@require_POST
@staff_page("import_organization")
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Remove the workbook without bringing it in."""
    upload = upload_for(request, pk)
    if not upload.under_way:
        bringing_in.remove(upload)
    return redirect("desk:organization-imports")


@require_http_methods(["GET"])
@staff_page("import_organization")
def wrong(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """The wrong rows as a workbook, to be mended and uploaded again."""
    upload = upload_for(request, pk)
    try:
        stream = upload.wrong_path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = _("{name}_要改的行.xlsx").format(name=upload.name.rpartition(".")[0] or upload.name)
    return FileResponse(stream, as_attachment=True, filename=name, content_type=_XLSX)
