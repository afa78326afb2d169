"""The lists of the product: each with its page, its columns, and what it is narrowed by anyway.

All of them are shown by the same view and templates (`views/listing.py`, `templates/desk/list/`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.complaints import listing
from shouwen.complaints.listing import FILTERS, SORTS, Asked, Filter
from shouwen.desk.columns import COLUMNS
from shouwen.desk.models import ListColumns
from shouwen.organization.holders import works_for
from shouwen.organization.models import Staff

# The one column that every row needs: its words open the complaint.
ALWAYS = "subject"


class BuiltIn(NamedTuple):
    """What is often asked of a list, ready made."""

    title: Promise
    query: str


@dataclass(frozen=True)
class List:
    """A list of complaints with a page of its own.

    `page` is the name of its address; `columns` are shown until somebody chooses others; `within`
    is what it is narrowed by, whatever is asked; `sort` is its order until another is asked for.
    """

    name: str
    title: Promise
    page: str
    columns: tuple[str, ...]
    views: tuple[BuiltIn, ...] = ()
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "newest"

    def asked(self, query: Mapping[str, Any]) -> Asked:
        """What an address (or a kept query) asks of this list, without what it is narrowed by."""
        found = listing.asked(query)
        chosen = {name: given for name, given in found.chosen.items() if name not in self.within}
        given = query.get("sort")
        return replace(found, chosen=chosen, sort=found.sort if given in SORTS else self.sort)

    def whole(self, asked: Asked) -> Asked:
        """What was asked, within what the list is narrowed by: what is read."""
        return replace(asked, chosen={**asked.chosen, **self.within})

    def query(self, asked: Asked) -> str:
        """The query of the address that asks this of the list, always in the same form."""
        said = replace(asked, sort="newest").query()
        sort = "" if asked.sort == self.sort else urlencode({"sort": asked.sort})
        return "&".join(filter(None, (said, sort)))

    def address(self, asked: Asked | None = None, **further: str) -> str:
        """The address of the list where this is asked of it."""
        query = self.query(asked) if asked else ""
        query = "&".join(filter(None, (query, urlencode(further))))
        return reverse(self.page) + (f"?{query}" if query else "")

    @property
    def filters(self) -> list[Filter]:
        """What it can be narrowed by."""
        return [each for each in FILTERS.values() if each.name not in self.within]


LISTS: dict[str, List] = {
    each.name: each
    for each in (
        List(
            "complaints",
            _("投诉"),
            "desk:complaints",
            (
                *("subject", "number", "place", "received_at", "category"),
                *("severity", "status", "next_due"),
            ),
            (
                BuiltIn(_("全部"), ""),
                BuiltIn(_("未结案"), "is=open"),
                BuiltIn(_("我首问的未结案"), "is=open&first_contact=me"),
                BuiltIn(_("已超时"), "is=late&sort=due"),
                BuiltIn(_("今天到期"), "is=today&sort=due"),
                BuiltIn(_("被催办"), "is=urged"),
                BuiltIn(_("回访未果"), "is=unreached"),
                BuiltIn(_("不满意"), "is=dissatisfied"),
            ),
        ),
    )
}


def list_named(name: str) -> List:
    """The list of that name. Http404 where there is none."""
    if name not in LISTS:
        raise Http404
    return LISTS[name]


def columns_of(person: Staff, each: List) -> list[str]:
    """The columns that the person chose for the list, else its own; one query.

    Whoever works for several projects sees which.
    """
    kept = ListColumns.objects.filter(staff=person, list=each.name).first()
    chosen = known(kept.columns) if kept else []
    if chosen:
        return chosen
    own = list(each.columns)
    if len(works_for(person)) > 1 and "project" not in own:
        own.insert(1, "project")
    return own


def known(names: Sequence[Any]) -> list[str]:
    """Of these, the columns that there are, each once, with the one that is always shown."""
    found = list(dict.fromkeys(name for name in names if name in COLUMNS))
    return found if ALWAYS in found or not found else [ALWAYS, *found]


def query_of(text: str) -> QueryDict:
    """A kept query as an address would give it."""
    return QueryDict(text)
