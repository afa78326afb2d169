"""The audit page: who signed in, who saw or took away what, who changed settings."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.desk import auditing, exporting
from shouwen.desk.auditing import Asked
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.exports import TYPES
from shouwen.organization.models import Project
from shouwen.organization.permissions import may
from shouwen.records import audit
from shouwen.records.rendering import Csv, Sheet, Workbook


def _projects(request: StaffRequest) -> list[Project]:
    """The projects whose log the person reads."""
    every = Project.objects.order_by("code")
    return [each for each in every if may(request.user, "see_audit", each)]


@require_safe
@staff_page("see_audit")
def log(request: StaffRequest) -> HttpResponse:
    """The notes, newest first, a page at a time; never counted."""
    asked = Asked.read(request.GET)
    return _page(request, asked, request.GET.get("after", ""))


def _page(
    request: StaffRequest, asked: Asked, after: str = "", *, refused: str = ""
) -> HttpResponse:
    rows = list(auditing.behind(auditing.found(request.user, asked), after)[: auditing.PAGE + 1])
    page = rows[: auditing.PAGE]
    context = {
        "here": "settings",
        "asked": asked,
        "narrowed": asked.narrowed(),
        "lines": auditing.lines(request.user, page),
        "after": asked.query(after=auditing.mark(page[-1])) if len(rows) > len(page) else "",
        "further": bool(after),
        "kinds": [
            (kind, label, [each for each in _actions() if audit.KIND_OF[each[0]] == kind])
            for kind, label in audit.KINDS.items()
        ],
        "audited": _projects(request),
        "refused": refused,
    }
    return render(request, "desk/settings/audit.html", context, status=422 if refused else 200)


def _actions() -> list[tuple[str, str]]:
    return [(action, str(label)) for action, label in audit.ACTIONS.items()]


@require_POST
@staff_page("see_audit")
def export(request: StaffRequest) -> HttpResponseBase:
    """The notes that are shown as a file, CSV or XLSX; written down as every export."""
    asked, format = Asked.read(request.POST), request.POST.get("format", "")
    if format not in ("csv", "xlsx"):
        raise Http404
    if _too_many(request, asked):
        most = f"{auditing.MOST_EXPORTED:,}"
        return _page(
            request, asked, refused=_("超过 {n} 行，请缩小日期范围再导出。").format(n=most)
        )
    with tempfile.TemporaryDirectory(dir=exporting.folder()) as place:
        path = Path(place) / f"audit.{format}"
        rows = _write(request, asked, path)
        # Open, it can be read to its end although its name is gone.
        file = path.open("rb")
    audit.note(
        "audit_exported",
        actor_id=request.user.pk,
        format=format,
        rows=rows,
        narrowed=sorted(asked.narrowed()),
    )
    name = f"{_('审计记录')}_{timezone.localtime():%Y-%m-%d_%H%M}.{format}"
    response = FileResponse(
        file, as_attachment=True, filename=name, content_type=TYPES[f".{format}"]
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _too_many(request: StaffRequest, asked: Asked) -> bool:
    rows = auditing.found(request.user, asked)
    return rows[auditing.MOST_EXPORTED : auditing.MOST_EXPORTED + 1].exists()


def _write(request: StaffRequest, asked: Asked, path: Path) -> int:
    """Write the rows; returns how many there were."""
    head = [
        _("时间"),
        _("操作人"),
        _("用户名"),
        _("操作"),
        _("对象"),
        _("项目"),
        _("内容"),
        _("来源地址"),
    ]
    book: Workbook | Csv
    rows: Sheet | Csv
    if path.suffix == ".csv":
        book = rows = Csv(path)
        rows.row(head)
    else:
        book = Workbook(path)
        rows = Sheet(book, _("审计记录"), head)
    number = 0
    for piece in auditing.every(request.user, asked):
        for each in piece:
            cells: list[Any] = [each.row.at, each.who, each.username, each.action, each.subject]
            rows.row([*cells, each.project, each.facts, each.row.source])
            number += 1
    if isinstance(rows, Sheet):
        rows.foot("")
    book.close()
    return number
