"""The lists: what is asked for stands in the address, each row in the columns one has chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST, require_safe

from shouwen.complaints import listing
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.listing import FILTERS, SORTS, Asked, Chip, Filter
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.search import is_personal
from shouwen.desk import lists, marking
from shouwen.desk.columns import COLUMNS, Column, cells, prepare
from shouwen.desk.lists import List
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.rows import Row, written
from shouwen.desk.views.saved_views import views_menu
from shouwen.organization.customers import mask
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to
from shouwen.records.models import ErasableFact

PAGE = listing.PAGE
MOST_COUNTED = 10_000

# What no column shows, and only a search looks into.
_UNSHOWN = ("content", "wish", "happened", "reach_when", "name", "telephone", "email")

# Filters with one value worth choosing (首问责任人：我).
_ALONE = frozenset({"first_contact"})


@dataclass(frozen=True)
class Taken:
    """A chip: something that the list is narrowed by, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class Choice:
    """A value that may be chosen in the menu of filters."""

    value: str
    label: str
    chosen: bool
    below: bool = False


@dataclass(frozen=True)
class Offered:
    """A filter in the menu, with its choices."""

    filter: Filter
    choices: list[Choice]
    value: str = ""

    @property
    def taken(self) -> int:
        """How many of its values are chosen."""
        return sum(choice.chosen for choice in self.choices) + bool(self.value)


@dataclass(frozen=True)
class Turned:
    """A column in the menu of columns."""

    column: Column
    on: bool
    always: bool


@require_safe
@staff_page("see_complaint")
def complaints(request: StaffRequest) -> HttpResponseBase:
    """The complaints that the person may see; a whole number leads straight to its complaint."""
    return list_page(request, lists.LISTS["complaints"])


def list_page(
    request: StaffRequest,
    each: List,
    template: str = "desk/complaints.html",
    further: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """A page of a list; `further` is what the template of this list needs beside."""
    now = timezone.now()
    asked = each.asked(request.GET)
    if "q" in request.GET and (leads := _leads(request.user, asked.words)):
        return redirect(leads)
    if "q" in request.GET and is_personal(asked.words):
        return redirect(each.address(asked))
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    found = listing.find(
        request.user,
        each.whole(asked),
        after=after,
        before=before,
        now=now,
        limit=PAGE,
        without=() if asked.words else _UNSHOWN,
    )
    names = lists.columns_of(request.user, each)
    rows = _rows(request.user, found.rows, names, asked)
    whole = not (after or before or found.after or found.before)
    context: dict[str, Any] = {
        "here": each.name,
        "list": each,
        "asked": asked,
        "q": "" if is_personal(asked.words) else asked.words,
        "query": each.query(asked),
        "address": each.address(asked),
        "chips": taken(each, asked, request.user),
        "cleared": each.address(was=each.query(asked)),
        "was": _was(request, each),
        "menu": offered(each, asked, request.user),
        "kept": _kept(each, asked),
        "sorts": [(sort, each.address(replace(asked, sort=sort.name))) for sort in SORTS.values()],
        "columns": [COLUMNS[name] for name in names],
        "turned": _turned(names),
        "rows": written(rows),
        "older": each.address(asked, after=found.after) if found.after else "",
        "newer": each.address(asked, before=found.before) if found.before else "",
        "elsewhere": bool(after or before),
        "total": counted(len(found.rows)) if whole else "",
        "notice": request.session.pop("list_notice", None),
        **views_menu(request.user, each, asked),
    }
    return render(request, template, context | (further or {}))


@require_POST
@staff_page("see_complaint")
def search(request: StaffRequest) -> HttpResponseBase:
    """What was typed into the search of the header, as an address without personal words."""
    each = lists.LISTS["complaints"]
    said = request.POST.get("q", "").strip()[:100]
    return redirect(_leads(request.user, said) or each.address(Asked(words=said)))


def _leads(person: Staff, said: str) -> str:
    """Where these words lead other than to a search: to the complaint or contact of that number."""
    if not said:
        return ""
    whole = visible_to(person, Complaint).filter(number=said.upper()).first()
    if whole is not None:
        return reverse("desk:complaint", args=[whole.number])
    contact = visible_to(person, Contact).filter(number=said.upper()).first()
    return reverse("desk:contact", args=[contact.number]) if contact is not None else ""


@require_GET
@staff_page("see_complaint")
def count(request: StaffRequest, name: str) -> HttpResponse:
    """How many rows the list has; asked for when the page is there, so that none waits for it."""
    each = lists.list_named(name)
    found = listing.count(request.user, each.whole(each.asked(request.GET)), MOST_COUNTED + 1)
    return HttpResponse(counted(found))


def counted(number: int) -> str:
    """共 312 件"""
    if number > MOST_COUNTED:
        return _("超过 {n} 件").format(n=f"{MOST_COUNTED:,}")
    return ngettext("共 {n} 件", "共 {n} 件", number).format(n=f"{number:,}")


# -- what the list is narrowed by


def taken(each: List, asked: Asked, person: Staff) -> list[Taken]:
    """The chips of what was asked for, each with the address that leaves it out."""
    found = []
    if asked.words:
        # Whoever opens the address need not read whose telephone was asked for.
        shown = mask(asked.words) if is_personal(asked.words) else asked.words
        found.append(Taken(_("搜索"), shown, each.address(replace(asked, words=""))))
    for chip in listing.chips(asked, person):
        found.append(Taken(str(chip.filter.label), chip.label, _without(each, asked, chip)))
    return found


def _without(each: List, asked: Asked, chip: Chip) -> str:
    chosen = dict(asked.chosen)
    left = tuple(value for value in chosen.pop(chip.filter.name) if value != chip.value)
    if left:
        chosen[chip.filter.name] = left
    return each.address(replace(asked, chosen={n: chosen[n] for n in FILTERS if n in chosen}))


def _was(request: StaffRequest, each: List) -> str:
    """The address of what was cleared a moment ago, to take it back."""
    was = request.GET.get("was", "")
    return each.address(each.asked(lists.query_of(was))) if was else ""


def offered(each: List, asked: Asked, person: Staff) -> list[Offered]:
    """The filters with their choices, as the menu shows them."""
    found = []
    for narrowing in each.filters:
        chosen = asked.chosen.get(narrowing.name, ())
        if narrowing.widget == "date":
            found.append(Offered(narrowing, [], next(iter(chosen), "")))
        elif narrowing.choices is not None:
            choices = _choices(narrowing, chosen, person)
            # What could not be otherwise narrows nothing, unless it is chosen already.
            if len(choices) > 1 or narrowing.name in _ALONE or chosen:
                found.append(Offered(narrowing, choices))
    return found


def _choices(narrowing: Filter, chosen: Sequence[str], person: Staff) -> list[Choice]:
    assert narrowing.choices is not None
    known = [(value, str(label)) for value, label in narrowing.choices(person)]
    others = [value for value in chosen if value not in dict(known)]
    named = [
        (value, (narrowing.label_of(value, person) if narrowing.label_of else "") or value)
        for value in others
    ]
    return [
        Choice(value, label.rpartition(" › ")[2], value in chosen, below=" › " in label)
        for value, label in [*known, *named]
    ]


def _kept(each: List, asked: Asked) -> list[tuple[str, str]]:
    """What the menu of filters does not show and must not lose: names and values."""
    shown = {
        narrowing.name
        for narrowing in each.filters
        if narrowing.choices or narrowing.widget == "date"
    }
    return [(name, value) for name, value in parse_qsl(each.query(asked)) if name not in shown]


# -- the rows


def _turned(names: Sequence[str]) -> list[Turned]:
    rest = [name for name in COLUMNS if name not in names]
    return [
        Turned(COLUMNS[name], on=name in names, always=name == lists.ALWAYS)
        for name in [*names, *rest]
    ]


def _rows(
    person: Staff, found: Sequence[Complaint], names: Sequence[str], asked: Asked
) -> list[Row]:
    prepared = prepare(found, names, person)
    terms = asked.words.split()
    said = _said_elsewhere(found, terms)
    return [
        Row(row, cells(row, names, prepared), marking.marked(row.subject, terms), said.get(row.pk))
        for row in found
    ]


def _said_elsewhere(found: Sequence[Complaint], terms: Sequence[str]) -> dict[int, SafeString]:
    """A piece of the words where the search found a row, if not in what the row shows anyway.

    The customer's own words first; else the ledger, never its personal words.
    """
    excerpts: dict[int, SafeString] = {}
    unexplained: list[int] = []
    for row in found if terms else ():
        if marking.places(f"{row.subject} {row.number} {row.place}", terms):
            continue
        piece = marking.excerpt(row.content, terms)
        if piece is not None:
            excerpts[row.pk] = piece
        else:
            unexplained.append(row.pk)
    if unexplained:
        texts = ErasableFact.objects.filter(
            entry__subject_type=SUBJECT, entry__subject_id__in=unexplained, text__isnull=False
        )
        for pk, text in texts.order_by("entry__number", "pk").values_list(
            "entry__subject_id", "text"
        ):
            piece = marking.excerpt(text or "", terms) if pk not in excerpts else None
            if piece is not None:
                excerpts[pk] = piece
    return excerpts
