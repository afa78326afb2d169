"""Exports: asking for one where the list is, seeing how far it is, fetching the file."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from shouwen.clocks import heartbeat
from shouwen.desk import exporting, words
from shouwen.desk.lists import LISTS, list_named
from shouwen.desk.models import Export
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import visible_to
from shouwen.records import audit, enciphered

SHOWN = 50

TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Shown:
    """An export with what the page says of it."""

    export: Export

    @property
    def title(self) -> object:
        """The list that it is of."""
        return LISTS[self.export.list].title

    @property
    def progress(self) -> str:
        """How far it is."""
        export = self.export
        if export.state == Export.State.WAITING:
            return _("等待开始")
        if export.total is None:
            return _("正在导出：已写 {n} 行").format(n=f"{export.done:,}")
        return _("正在导出：{n} / {total} 行").format(
            n=f"{export.done:,}", total=f"{export.total:,}"
        )

    @property
    def size(self) -> str:
        """What the finished file holds, and until when it can be fetched."""
        export = self.export
        if export.finished_at is None or export.size is None:
            return ""
        until = words.until(export.finished_at + exporting.FILE_KEPT, timezone.now())
        rows = ngettext("{n} 行", "{n} 行", export.done).format(n=f"{export.done:,}")
        kept = _("{until}可下载").format(until=until)
        return f"{rows} · {filesizeformat(export.size)} · {kept}"


@require_http_methods(["GET", "POST"])
@staff_page("export")
def exports(request: StaffRequest) -> HttpResponse:
    """One's own exports, newest first (GET); another one (POST)."""
    if request.method == "POST":
        each = list_named(request.POST.get("list", ""))
        format = request.POST.get("format", "")
        if format not in Export.Format.values:
            raise Http404
        export = exporting.ask(
            request.user, name=each.name, query=request.POST.get("query", ""), format=format
        )
        return _answer(request, export)
    mine = visible_to(request.user, Export).order_by("-asked_at")[:SHOWN]
    context = {
        "here": "exports",
        "exports": [Shown(each) for each in mine if each.list in LISTS],
        "standing_still": _standing_still(),
    }
    return render(request, "desk/exports.html", context)


@require_GET
@staff_page("fetch_export")
def export(request: StaffRequest, pk: UUID) -> HttpResponse:
    """How far one is: a piece of the page that asked for it."""
    return _piece(request, _mine(request, pk))


@require_POST
@staff_page("fetch_export")
def cancel(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let one that is under way be."""
    exporting.cancel(_mine(request, pk))
    return _answer(request, _mine(request, pk))


@require_POST
@staff_page("fetch_export")
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Remove the file of one."""
    exporting.remove(_mine(request, pk))
    return _answer(request, _mine(request, pk))


@require_POST
@staff_page("fetch_export")
def again(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask for the same anew."""
    former = _mine(request, pk)
    list_named(former.list)
    new = exporting.again(former)
    if not _among_others(request):
        return _answer(request, new)
    # The new one stands first, the former where it was.
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("desk:exports")


@require_GET
@staff_page("fetch_export")
def download(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """The file, for whoever asked for it and still may."""
    found = _mine(request, pk)
    if not found.ready or found.list not in LISTS:
        raise Http404
    try:
        file = enciphered.opened(found.path)
    except FileNotFoundError:
        raise Http404 from None
    audit.note(
        "export_fetched",
        actor_id=request.user.pk,
        export=str(found.pk),
        list=found.list,
        format=found.format,
        rows=found.done,
    )
    response = FileResponse(
        file,
        as_attachment=True,
        filename=exporting.file_name(found),
        content_type=TYPES[found.path.suffix],
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _among_others(request: StaffRequest) -> bool:
    """Whether the page of all exports asks, not the list where one was asked for."""
    return bool(request.GET.get("page") or request.POST.get("page"))


def _mine(request: StaffRequest, pk: UUID) -> Export:
    return get_object_or_404(visible_to(request.user, Export), pk=pk)


def _answer(request: StaffRequest, export: Export) -> HttpResponse:
    return _piece(request, export) if request.htmx else redirect("desk:exports")


def _piece(request: StaffRequest, export: Export) -> HttpResponse:
    if export.list not in LISTS:
        raise Http404
    context = {
        "shown": Shown(export),
        "page": _among_others(request),
        "standing_still": export.under_way and _standing_still(),
    }
    return render(request, "desk/exports_one.html", context)


def _standing_still() -> bool:
    """Whether nothing works off the queue: the timekeeper's process does."""
    return heartbeat.health(timezone.now()).state == "stale"
