"""Import in the browser: a file is uploaded, mapped by looking, tried, brought in, mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.channels import bringing, rules
from shouwen.channels.encodings import UnreadableFile
from shouwen.channels.importing import Counts
from shouwen.channels.labels import label_of
from shouwen.channels.looking import opened
from shouwen.channels.mapping import File
from shouwen.channels.models import ImportFile, ImportRun
from shouwen.channels.problems import in_general
from shouwen.clocks import heartbeat
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import may, visible_to

SHOWN = 30
#: Rejected rows that are shown, and their columns beside ours.
ROWS_SHOWN = 10
COLUMNS_SHOWN = 6

_TYPES = {
    ImportFile.Kind.CSV: "text/csv; charset=utf-8",
    ImportFile.Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Reason:
    """Why rows were rejected, and how many."""

    words: str
    rows: int


@dataclass(frozen=True)
class Shown:
    """A run with what its page says of it."""

    run: ImportRun

    @cached_property
    def counts(self) -> Counts:
        """What became of the rows."""
        return Counts(**self.run.counts)

    @property
    def progress(self) -> str:
        """How far it is."""
        if self.run.state == ImportRun.State.WAITING:
            return _("等待开始")
        words = _("正在试运行：已看 {n} 行") if self.run.dry_run else _("正在导入：已读 {n} 行")
        return words.format(n=f"{self.counts.rows:,}")

    @property
    def brought(self) -> str:
        """What was, or would be, brought in."""
        words = _("可以导入 {n} 件") if self.run.dry_run else _("已导入 {n} 件")
        return words.format(n=f"{self.counts.imported:,}")

    @property
    def details(self) -> str:
        """Of these the open ones, what was there already, what was left out."""
        counts = self.counts
        parts = (
            (_("历史（已结）{n} 件"), counts.closed),
            (_("未结 {n} 件，从导入时起计时"), counts.still_open),
            (_("此前已有 {n} 件"), counts.present),
            (_("按对照略过 {n} 行"), counts.skipped),
        )
        return _("；").join(part.format(n=f"{number:,}") for part, number in parts if number)

    @property
    def rejected(self) -> str:
        """How many rows were rejected."""
        rows = self.counts.rejected
        words = ngettext("{n} 行不能导入", "{n} 行不能导入", rows)
        return words.format(n=f"{rows:,}") if rows else ""

    @cached_property
    def reasons(self) -> list[Reason]:
        """Why, the most frequent first."""
        found = []
        for key, rows in sorted(self.run.reasons.items(), key=lambda each: -each[1]):
            field, _sign, code = key.partition("|")
            reason = in_general(code)
            words = _("{field}：{reason}") if field else "{reason}"
            found.append(Reason(words.format(field=label_of(field), reason=reason), rows))
        return found

    @cached_property
    def first_rejected(self) -> tuple[Sequence[str], list[list[tuple[str, object]]]]:
        """The head and the first lines of the file of rejected rows; empty where there is none."""
        try:
            with opened(self.run.rejected_path, File()) as table:
                head = table.columns[:COLUMNS_SHOWN]
                rows = islice(table.rows, ROWS_SHOWN)
                return head, [list(zip(head, row.given, strict=False)) for row in rows]
        except UnreadableFile:
            return [], []


@require_http_methods(["GET", "POST"])
@staff_page("import_complaints")
def imports(request: StaffRequest) -> HttpResponse:
    """The files of one's projects (GET); another one (POST)."""
    projects = list(rules.projects(request.user))
    if request.method == "POST":
        project = next(
            (each for each in projects if each.code == request.POST.get("project")), None
        )
        upload = request.FILES.get("file")
        if project is None or upload is None:
            return _all(request, projects, _("请选择文件和项目。"))
        try:
            file = bringing.take_in(upload, person=request.user, project=project)
        except UnreadableFile as reason:
            return _all(request, projects, str(reason))
        return redirect("desk:import-mapping", file.pk)
    return _all(request, projects)


def _all(request: StaffRequest, projects: Sequence[object], refused: str = "") -> HttpResponse:
    files = visible_to(request.user, ImportFile).select_related("project", "staff")
    found = list(files.order_by("-uploaded_at")[:SHOWN])
    newest: dict[UUID, ImportRun] = {}
    runs = ImportRun.objects.filter(file__in=found).order_by("file", "-asked_at").distinct("file")
    for run in runs.select_related("file"):
        newest[run.file_id] = run
    context = {
        "here": "imports",
        "choices": projects,
        "chosen": request.POST.get("project", ""),
        "files": [(file, Shown(newest[file.pk]) if file.pk in newest else None) for file in found],
        "refused": refused,
        "days": bringing.FILES_KEPT.days,
    }
    return render(request, "desk/imports/all.html", context, status=422 if refused else 200)


@require_GET
@staff_page("import_complaints")
def one(request: StaffRequest, pk: UUID) -> HttpResponse:
    """One file: how far it is, what became of its rows, what can be done next."""
    file = file_for(request, pk)
    return _one(request, file)


@require_GET
@staff_page("import_complaints")
def progress(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far its newest run is: a piece of the page."""
    return render(request, "desk/imports/run.html", _context(file_for(request, pk)))


@require_POST
@staff_page("import_complaints")
def begin(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Try the file (`dry_run`), or bring it in; also goes on where a run was stopped."""
    file = file_for(request, pk)
    if file.removed_at is not None or not file.mapping:
        raise Http404
    bringing.ask(file, request.user, dry_run="dry_run" in request.POST)
    return _answer(request, file)


@require_POST
@staff_page("import_complaints")
def stop(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Stop what is under way; what is in stays in."""
    file = file_for(request, pk)
    run = file.runs.order_by("-asked_at").first()
    if run is not None:
        bringing.stop(run)
    return _answer(request, file)


@require_POST
@staff_page("import_complaints")
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Remove the uploaded file and its rejected rows."""
    file = file_for(request, pk)
    if file.runs.filter(state__in=ImportRun.UNDER_WAY).exists():
        return _one(request, file, _("还在进行中，请先停止。"))
    bringing.remove(file)
    return redirect("desk:imports")


@require_GET
@staff_page("import_complaints")
def rejected(request: StaffRequest, pk: UUID, run: UUID) -> HttpResponseBase:
    """The rejected rows as a file, to be mended."""
    file = file_for(request, pk)
    found = get_object_or_404(file.runs, pk=run)
    try:
        stream = bringing.rejected(found)
    except FileNotFoundError:
        raise Http404 from None
    stem = file.name.rpartition(".")[0] or file.name
    response = FileResponse(
        stream,
        as_attachment=True,
        filename=_("{name}_未导入.{kind}").format(name=stem, kind=file.kind),
        content_type=_TYPES[ImportFile.Kind(file.kind)],
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@staff_page("import_complaints")
def mended(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The rejected rows, mended: another file by the same mapping, tried at once."""
    file = file_for(request, pk)
    upload = request.FILES.get("file")
    if upload is None or not file.mapping:
        return _one(request, file, _("请选择改好的文件。"))
    try:
        further = bringing.take_in(
            upload, person=request.user, project=file.project, continues=file
        )
    except UnreadableFile as reason:
        return _one(request, file, str(reason))
    bringing.ask(further, request.user, dry_run=True)
    return redirect("desk:import", further.pk)


def file_for(request: StaffRequest, pk: UUID) -> ImportFile:
    """A file of one's projects, for whoever may still import into its project."""
    files = visible_to(request.user, ImportFile).select_related("project", "staff", "continues")
    file = get_object_or_404(files, pk=pk)
    if not may(request.user, "import_complaints", file.project):
        raise PermissionDenied
    return file


def _answer(request: StaffRequest, file: ImportFile) -> HttpResponse:
    if request.htmx:
        return render(request, "desk/imports/run.html", _context(file))
    return redirect("desk:import", file.pk)


def _one(request: StaffRequest, file: ImportFile, refused: str = "") -> HttpResponse:
    context = _context(file) | {"here": "imports", "refused": refused}
    return render(request, "desk/imports/one.html", context, status=422 if refused else 200)


def _context(file: ImportFile) -> dict[str, object]:
    runs = list(file.runs.select_related("staff").order_by("-asked_at")[:SHOWN])
    for run in runs:
        run.file = file
    shown = [Shown(run) for run in runs]
    newest = shown[0] if shown else None
    return {
        "file": file,
        "shown": newest,
        "earlier": shown[1:],
        "mended": list(file.mended.order_by("uploaded_at")),
        "standing_still": (
            newest is not None
            and newest.run.under_way
            and heartbeat.health(timezone.now()).state == "stale"
        ),
    }
