"""The list of contacts: what may be asked for, and page by page, as the list of complaints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import DateTimeField, F, Func, Q, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.complaints.contacts import rules
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.words import WAITING, ContactStatus, Nature
from shouwen.complaints.listing import is_mark, key_of, mark_of, projects_offered
from shouwen.complaints.words import Channel
from shouwen.organization.models import Department, Staff
from shouwen.organization.permissions import visible_to

__all__ = ["FILTERS", "SORTS", "Asked", "Found", "asked", "count", "find", "is_mark", "label"]

PAGE = 50

Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Filter:
    """Something that the list can be narrowed by; several values of one filter widen it."""

    name: str
    label: Promise
    choices: Callable[[Staff], Choices]
    condition: Callable[[str, Staff, datetime], Q | None]
    label_of: Callable[[str, Staff], str] | None = None


def _one_of(column: str, choices: Choices) -> Callable[[str, Staff, datetime], Q | None]:
    known = {value for value, _label in choices}
    return lambda value, person, now: Q(**{column: value}) if value in known else None


def _standing(value: str, person: Staff, now: datetime) -> Q | None:
    return {
        "open": Q(status__in=sorted(WAITING)),
        "late": Q(next_due_at__lt=now),
        "kept": Q(status=ContactStatus.KEPT),
        "ended": Q(status__in=[ContactStatus.SETTLED, ContactStatus.COMPLAINT]),
    }.get(value)


STANDINGS: Choices = (
    ("open", _("待答复的")),
    ("late", _("已超时")),
    ("kept", _("留存")),
    ("ended", pgettext_lazy("contact", "已办结")),
)


def _departments(person: Staff) -> Choices:
    found = visible_to(person, Department).order_by("code")
    return [(each.code, each.name) for each in found]


def _department_name(value: str, person: Staff) -> str:
    return dict(_departments(person)).get(value, "")


def _about(value: str, person: Staff, now: datetime) -> Q | None:
    if value == "me":
        return Q(about=person)
    return (
        Q(about_id=int(value)) if value.isascii() and value.isdigit() and len(value) < 19 else None
    )


def _staff_name(value: str, person: Staff) -> str:
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        return ""
    found = visible_to(person, Staff).filter(pk=value).first()
    return found.name if found else ""


FILTERS: dict[str, Filter] = {
    each.name: each
    for each in (
        Filter("is", _("情况"), lambda person: STANDINGS, _standing),
        Filter(
            "nature", _("性质"), lambda person: Nature.choices, _one_of("nature", Nature.choices)
        ),
        Filter(
            "project",
            _("项目"),
            projects_offered,
            lambda value, person, now: Q(project__code=value),
        ),
        Filter(
            "department",
            _("部门"),
            _departments,
            lambda value, person, now: Q(department=value),
            _department_name,
        ),
        Filter(
            "channel",
            _("渠道"),
            lambda person: Channel.choices,
            _one_of("channel", Channel.choices),
        ),
        Filter("praised", _("表扬谁"), lambda person: [("me", _("我"))], _about, _staff_name),
    )
}

#: The column of each order, and whether the greatest comes first.
SORTS: dict[str, tuple[Promise, str, bool]] = {
    "newest": (_("最新受理在前"), "received_at", True),
    "due": (_("最先到期在前"), "next_due_at", False),
}


@dataclass(frozen=True)
class Asked:
    """What the list is asked for: values by filter, and the order. Unknown names are left out."""

    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "newest"

    def query(self) -> str:
        """The query of the address that asks for this."""
        pairs = [(name, value) for name, values in self.chosen.items() for value in values]
        return urlencode(pairs if self.sort == "newest" else [*pairs, ("sort", self.sort)])

    def turned(self, name: str, value: str) -> Asked:
        """The same with one value more, or without it where it was asked for."""
        before = self.chosen.get(name, ())
        values = tuple(v for v in before if v != value) if value in before else (*before, value)
        chosen = {**self.chosen, name: values}
        return replace(self, chosen={n: chosen[n] for n in FILTERS if chosen.get(n)})


@dataclass(frozen=True)
class Found:
    """One page: its rows, and the marks of the pages after and before it ("" for none)."""

    rows: list[Contact]
    after: str = ""
    before: str = ""


def asked(query: Any) -> Asked:
    """What an address asks for (a QueryDict, or a mapping to lists of texts)."""
    values = query.getlist if hasattr(query, "getlist") else lambda name: query.get(name, [])
    chosen = {name: tuple(dict.fromkeys(filter(None, values(name)))) for name in FILTERS}
    sort = next(iter(values("sort")), "newest")
    return Asked(
        {name: given for name, given in chosen.items() if given},
        sort if sort in SORTS else "newest",
    )


def label(name: str, value: str, person: Staff) -> str:
    """A value of a filter in words."""
    each = FILTERS[name]
    known = dict(each.choices(person)).get(value)
    return str(known or (each.label_of(value, person) if each.label_of else "") or value)


def matching(person: Staff, asked: Asked, now: datetime) -> Q:
    """What was asked for as a condition; a value that means nothing finds nothing."""
    every = Q()
    for name, values in asked.chosen.items():
        some = Q(pk__in=[])
        for value in values:
            some |= FILTERS[name].condition(value, person, now) or Q(pk__in=[])
        every &= some
    return every


def find(
    person: Staff,
    asked: Asked,
    *,
    after: str = "",
    before: str = "",
    now: datetime | None = None,
    limit: int = PAGE,
) -> Found:
    """One page: behind the mark `after`, or the one that ends before the mark `before`."""
    _label, column, falling = SORTS[asked.sort]
    condition = matching(person, asked, now or timezone.now())
    start, end = key_of(after), key_of(before)
    back = end is not None
    mark = end or start
    keys = _keys(person, condition, column, falling != back, mark, limit + 1)
    more = len(keys) > limit
    keys = keys[:limit][::-1] if back else keys[:limit]
    related = Contact.objects.select_related("project", "home", "taken_by", "about", "complaint")
    rows = related.in_bulk([pk for _at, pk in keys])
    onwards, backwards = (bool(keys), more) if back else (more, start is not None)
    return Found(
        [rows[pk] for _at, pk in keys if pk in rows],
        after=mark_of(keys[-1]) if keys and onwards else "",
        before=(mark_of(keys[0]) if keys else after) if backwards else "",
    )


def _keys(
    person: Staff, condition: Q, column: str, falling: bool, mark: Any, limit: int
) -> list[tuple[datetime, int]]:
    """The first keys in that order, read share by share in the order of an index."""
    sign = "-" if falling else ""
    order = (f"{sign}{column}", f"{sign}pk")
    found: QuerySet[Contact] = Contact.objects.filter(condition)
    if column == "next_due_at":
        found = found.filter(next_due_at__isnull=False)
    if mark is not None:
        how = LessThan if falling else GreaterThan
        found = found.filter(how(_row(F(column), F("pk")), _row(*map(Value, mark))))
    shares = [
        found.filter(share).order_by(*order).values_list(column, "pk")[:limit]
        for share in rules.shares_of(person)
    ]
    if len(shares) == 1:
        return list(shares[0])
    return list(shares[0].union(*shares[1:]).order_by(*order)[:limit])


def _row(*columns: Any) -> Func:
    return Func(*columns, template="(%(expressions)s)", output_field=DateTimeField())


def count(person: Staff, asked: Asked, most: int) -> int:
    """How many there are, counted no further than `most`."""
    condition = matching(person, asked, timezone.now())
    return visible_to(person, Contact).filter(condition)[:most].count()
