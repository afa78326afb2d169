"""What people keep of a list: views under a name, for themselves or a project, and columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shouwen.complaints.listing import Asked
from shouwen.complaints.search import is_personal
from shouwen.desk import lists
from shouwen.desk.lists import List
from shouwen.desk.models import ListColumns, SavedView
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit

LONGEST = SavedView._meta.get_field("name").max_length or 40
MOST = 50  # views that somebody may keep of one list


@dataclass(frozen=True)
class Tab:
    """A view that is offered above the list; `here`: the list shows just that."""

    title: str
    href: str
    here: bool


@dataclass(frozen=True)
class Kept:
    """A saved view in the menu; `open`: this person may change it."""

    view: SavedView
    href: str
    here: bool
    open: bool


def views_menu(person: Staff, each: List, asked: Asked) -> dict[str, Any]:
    """The views of a list for this person: ready-made ones, own ones, those of the projects."""
    here = _narrowed(asked)
    tabs = []
    for built in each.views:
        meant = each.asked(lists.query_of(built.query))
        tabs.append(Tab(str(built.title), each.address(meant), _narrowed(meant) == here))
    saved = list(
        visible_to(person, SavedView).filter(list=each.name).select_related("project", "staff")
    )
    kept = [_kept(view, each, here, person) for view in saved]
    return {
        "tabs": tabs,
        "own_views": [view for view in kept if view.view.staff_id == person.pk],
        "shared_views": [view for view in kept if view.view.staff_id != person.pk],
        "view_here": next((view for view in kept if view.here), None),
        "savable": bool(here) and not is_personal(asked.words) and not any(t.here for t in tabs),
    }


def _narrowed(asked: Asked) -> str:
    """What a list is narrowed by, in whatever order."""
    return replace(asked, sort="newest").query()


def _kept(view: SavedView, each: List, here: str, person: Staff) -> Kept:
    meant = each.asked(lists.query_of(view.query))
    return Kept(
        view, each.address(meant), _narrowed(meant) == here, bool(may(person, "change_view", view))
    )


@require_POST
@staff_page("keep_views")
def save(request: StaffRequest, name: str) -> HttpResponseBase:
    """Keep what is asked for under a name."""
    each = lists.list_named(name)
    asked = each.asked(lists.query_of(request.POST.get("query", "")))
    if is_personal(asked.words):
        asked = replace(asked, words="")
    view = SavedView(staff=request.user, list=each.name, query=each.query(asked))
    view.name = _title(request)
    problem = _problem(view, request, first=True) or _written(view)
    if not problem:
        _note(request, "view_shared", view)
    _say(request, problem or _("已保存：{name}").format(name=view.name))
    return redirect(each.address(asked))


@require_POST
@staff_page("change_view")
def change(request: StaffRequest, name: str, pk: int) -> HttpResponseBase:
    """Give a view another name, or share it with a project or no longer."""
    each = lists.list_named(name)
    view = _found(request, each, pk)
    if not may(request.user, "change_view", view):
        return HttpResponse(status=403)
    before = (view.name, view.project_id)
    view.name = _title(request)
    problem = _problem(view, request) or _written(view)
    if not problem:
        _note_change(request, view, *before)
    _say(request, problem or _("已保存：{name}").format(name=view.name))
    return _back(request, each)


@require_POST
@staff_page("change_view")
def delete(request: StaffRequest, name: str, pk: int) -> HttpResponseBase:
    """Take a view away; it can be brought back until something else is said."""
    each = lists.list_named(name)
    view = _found(request, each, pk)
    if not may(request.user, "change_view", view):
        return HttpResponse(status=403)
    request.session["view_deleted"] = {
        "staff_id": view.staff_id,
        "project_id": view.project_id,
        "list": view.list,
        "name": view.name,
        "query": view.query,
    }
    _note(request, "view_removed", view)
    view.delete()
    _say(request, _("已删除：{name}").format(name=view.name), undo=True)
    return _back(request, each)


@require_POST
@staff_page("keep_views")
def bring_back(request: StaffRequest, name: str) -> HttpResponseBase:
    """Undo taking a view away."""
    each = lists.list_named(name)
    kept = request.session.pop("view_deleted", None)
    if kept is not None:
        view = SavedView(**kept)
        problem = _written(view)
        if not problem:
            _note(request, "view_shared", view)
        _say(request, problem or _("已恢复：{name}").format(name=view.name))
    return _back(request, each)


@require_POST
@staff_page("keep_views")
def columns(request: StaffRequest, name: str) -> HttpResponseBase:
    """Keep which columns the list shows to this person, in which order; or its own again."""
    each = lists.list_named(name)
    chosen = lists.known(request.POST.getlist("column"))
    mine = ListColumns.objects.filter(staff=request.user, list=each.name)
    if "reset" in request.POST or not chosen:
        mine.delete()
    else:
        chosen = _moved(chosen, request.POST.get("up", ""), -1)
        chosen = _moved(chosen, request.POST.get("down", ""), +1)
        ListColumns.objects.update_or_create(
            staff=request.user, list=each.name, defaults={"columns": chosen}
        )
    return _back(request, each)


def _moved(names: list[str], name: str, by: int) -> list[str]:
    if name not in names:
        return names
    at = names.index(name)
    to = min(len(names) - 1, max(0, at + by))
    names[at], names[to] = names[to], names[at]
    return names


def _found(request: StaffRequest, each: List, pk: int) -> SavedView:
    return get_object_or_404(visible_to(request.user, SavedView), pk=pk, list=each.name)


def _title(request: StaffRequest) -> str:
    return " ".join(request.POST.get("name", "").split())[:LONGEST]


def _problem(view: SavedView, request: StaffRequest, *, first: bool = False) -> str:
    """Why it cannot be kept as it is, in words; sets the project it is shared with."""
    if not view.name:
        return _("没有保存：请写一个名称")
    if first and SavedView.objects.filter(staff=view.staff, list=view.list).count() >= MOST:
        return _("没有保存：最多保存 {n} 个，请先删除不用的").format(n=MOST)
    code = request.POST.get("project", "")
    shared = Project.objects.filter(code=code).first() if code else None
    if code and (shared is None or not may(request.user, "share_view", shared)):
        return _("没有保存：只能共享给您工作的项目")
    view.project = shared
    return ""


def _written(view: SavedView) -> str:
    """Write it; the sentence that says why not, where there is one of that name."""
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        return _("没有保存：已有同名的常用筛选，请换一个名称")
    return ""


def _note(request: StaffRequest, action: str, view: SavedView, **facts: Any) -> None:
    """Write down what happens to a view that others see too; one's own is nobody else's matter."""
    if view.project_id is not None:
        audit.note(
            action,
            actor_id=request.user.pk,
            subject_type="view",
            subject_id=view.pk,
            project_id=view.project_id,
            list=view.list,
            **facts,
        )


def _note_change(request: StaffRequest, view: SavedView, name: str, project_id: int | None) -> None:
    if project_id == view.project_id:
        if name != view.name:
            _note(request, "view_changed", view, fields=["name"])
        return
    # For those with whom it was shared it is gone.
    _note(request, "view_removed", SavedView(pk=view.pk, list=view.list, project_id=project_id))
    _note(request, "view_shared", view)


def _say(request: StaffRequest, text: str, *, undo: bool = False) -> None:
    request.session["list_notice"] = {"text": text, "undo": undo}


def _back(request: StaffRequest, each: List) -> HttpResponseBase:
    """To the list as it was, whatever the form says beside."""
    return redirect(each.address(each.asked(lists.query_of(request.POST.get("query", "")))))
