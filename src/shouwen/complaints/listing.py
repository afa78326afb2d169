"""Lists of complaints: what may be asked for, in which order, page by page.

Everything a list is asked for is in its address, so that it can be kept, shared and exported.
Personal data never is: a telephone number is asked for by its sealed form (`search.seal`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.complaints import rules, search
from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.walking import Key, Walk
from shouwen.complaints.words import ENDED, Channel, Severity, Status
from shouwen.organization.isolation import projects_ever
from shouwen.organization.models import Department, Home, Project, Staff
from shouwen.organization.permissions import visible_to

PAGE = 50
LONGEST_WORDS = 100

Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True)
class Filter:
    """Something that a list can be narrowed by; several values of one filter widen it.

    `choices` gives the values with their labels for this person, where they can be chosen from;
    `condition` is what one value means. `label_of` names a value that is not among the choices.
    """

    name: str
    label: Promise
    condition: Callable[[str, Staff, datetime], Q | None]
    choices: Callable[[Staff], Choices] | None = None
    widget: str = "choices"  # choices, date, text, flag
    label_of: Callable[[str, Staff], str] | None = None


class Sort(NamedTuple):
    """An order of a list: the column it goes by, and whether the greatest comes first."""

    name: str
    label: Promise
    column: str
    falling: bool


SORTS: dict[str, Sort] = {
    sort.name: sort
    for sort in (
        Sort("newest", _("最新受理在前"), "received_at", True),
        Sort("oldest", _("最早受理在前"), "received_at", False),
        Sort("due", _("最先到期在前"), "next_due_at", False),
    )
}


@dataclass(frozen=True)
class Chip:
    """One value that a list is narrowed by, as the page shows it."""

    filter: Filter
    value: str
    label: str


@dataclass(frozen=True)
class Asked:
    """What a list is asked for: words, values by filter, order. Unknown names are left out."""

    words: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = "newest"

    def query(self) -> str:
        """The query of the address that asks for this; a telephone number is sealed in it."""
        pairs: list[tuple[str, str]] = []
        if self.words:
            sealed = search.is_personal(self.words)
            pairs.append(("s", search.seal(self.words)) if sealed else ("q", self.words))
        pairs += [(name, value) for name, values in self.chosen.items() for value in values]
        if self.sort != "newest":
            pairs.append(("sort", self.sort))
        return urlencode(pairs)


@dataclass(frozen=True)
class Found:
    """One page: its rows, and the marks of the pages after and before it ("" for none)."""

    rows: list[Complaint]
    after: str = ""
    before: str = ""


# -- what may be asked for


def _one_of(column: str, values: Iterable[str]) -> Callable[[str, Staff, datetime], Q | None]:
    known = frozenset(values)
    return lambda value, person, now: Q(**{column: value}) if value in known else None


def projects_offered(person: Staff) -> Choices:
    """The projects that lists can be narrowed to."""
    return [(each.code, each.name) for each in visible_to(person, Project).order_by("code")]


def _departments(person: Staff) -> Choices:
    found = visible_to(person, Department).select_related("project").order_by("code")
    return [
        (each.code, f"{each.name} · {each.project.name}" if each.project else each.name)
        for each in found
    ]


def _categories(person: Staff) -> Choices:
    found = Category.objects.select_related("parent").order_by("order", "code")
    return [(each.code, str(each)) for each in found]


def _project(value: str, person: Staff, now: datetime) -> Q | None:
    # By id, which the planner knows something about.
    found = Project.objects.filter(code=value).values_list("pk", flat=True).first()
    seen = projects_ever(person)
    return Q(project=found) if found and (seen is None or found in seen) else None


def _category(value: str, person: Staff, now: datetime) -> Q | None:
    """The category itself and those below it."""
    either = Q(code=value) | Q(parent__code=value)
    found = list(Category.objects.filter(either).values_list("pk", flat=True))
    return Q(category__in=found) if found else None


def _home(value: str, person: Staff, now: datetime) -> Q | None:
    """Never a confidential source from whom it is kept."""
    if not _is_id(value):
        return None
    return Q(home=int(value)) & rules.source_known_to(person)


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 19


def _first_contact(value: str, person: Staff, now: datetime) -> Q | None:
    if value == "me":
        return Q(first_contact=person)
    return Q(first_contact_id=int(value)) if _is_id(value) else None


def _staff_name(value: str, person: Staff) -> str:
    found = visible_to(person, Staff).filter(pk=value).first() if _is_id(value) else None
    return found.name if found else ""


def _home_label(value: str, person: Staff) -> str:
    found = visible_to(person, Home).filter(pk=value).first() if _is_id(value) else None
    return found.label if found else ""


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None


def _since(value: str, person: Staff, now: datetime) -> Q | None:
    day = _day(value)
    if day is None:
        return None
    return Q(received_at__gte=timezone.make_aware(datetime.combine(day, time.min)))


def _until(value: str, person: Staff, now: datetime) -> Q | None:
    """The day itself counts."""
    day = _day(value)
    if day is None:
        return None
    end = datetime.combine(day + timedelta(days=1), time.min)
    return Q(received_at__lt=timezone.make_aware(end))


def _standing(value: str, person: Staff, now: datetime) -> Q | None:
    tonight = timezone.localtime(now).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) + timedelta(days=1)
    ended = sorted(ENDED)
    return {
        "open": ~Q(status__in=ended),
        "ended": Q(status__in=ended),
        "late": Q(next_due_at__lt=now),
        # Working days end at midnight: 今天 24:00 is today's.
        "today": Q(next_due_at__gte=now, next_due_at__lte=tonight),
        "urged": Q(urged__gt=0),
        # Not those reached at last. That they are open is said once more for the index's sake.
        "unreached": Q(visit_attempts__gt=0, status__in=[Status.FINISHED, Status.VERIFIED])
        & ~Q(status__in=ended),
        "dissatisfied": Q(satisfaction__lte=2),
        "developer": Q(needs_developer=True),
        "imported": Q(imported=True),
        "incomplete": Q(completeness__lt=100) & ~Q(status__in=ended),
    }.get(value)


STANDINGS = (
    ("open", _("未结案")),
    ("ended", _("已了结")),
    ("late", _("已超时")),
    ("today", _("今天到期")),
    ("urged", _("被催办")),
    ("unreached", _("回访未果")),
    ("dissatisfied", _("不满意")),
    ("developer", _("需开发商")),
    ("incomplete", _("记录不全")),
    ("imported", _("历史导入")),
)

FILTERS: dict[str, Filter] = {
    each.name: each
    for each in (
        Filter("is", _("情况"), _standing, lambda person: STANDINGS),
        Filter(
            "project",
            _("项目"),
            _project,
            projects_offered,
        ),
        Filter(
            "status",
            _("进展"),
            _one_of("status", Status.values),
            lambda person: Status.choices,
        ),
        Filter(
            "severity",
            _("紧急程度"),
            _one_of("severity", Severity.values),
            lambda person: Severity.choices,
        ),
        Filter("category", _("分类"), _category, _categories),
        Filter(
            "channel",
            _("渠道"),
            _one_of("channel", Channel.values),
            lambda person: Channel.choices,
        ),
        Filter(
            "department",
            _("部门"),
            lambda value, person, now: Q(departments__contains=[value]),
            _departments,
        ),
        Filter(
            "first_contact",
            _("首问责任人"),
            _first_contact,
            lambda person: [("me", _("我"))],
            label_of=_staff_name,
        ),
        Filter("since", _("受理自"), _since, widget="date"),
        Filter("until", _("受理至"), _until, widget="date"),
        Filter("home", _("房屋"), _home, widget="hidden", label_of=_home_label),
    )
}


def asked(query: Mapping[str, Any]) -> Asked:
    """What an address asks for: a QueryDict or a mapping to lists of texts."""
    values = query.getlist if hasattr(query, "getlist") else lambda name: query.get(name, [])
    chosen = {
        name: tuple(dict.fromkeys(value for value in values(name) if value)) for name in FILTERS
    }
    sort = next(iter(values("sort")), "newest")
    sealed = next(iter(values("s")), "")
    words = (search.unseal(sealed) if sealed else None) or next(iter(values("q")), "")
    return Asked(
        words=words.strip()[:LONGEST_WORDS],
        chosen={name: given for name, given in chosen.items() if given},
        sort=sort if sort in SORTS else "newest",
    )


def chips(asked: Asked, person: Staff) -> list[Chip]:
    """Everything that the list is narrowed by, in the order of the filters, in words."""
    found = []
    for name, values in asked.chosen.items():
        each = FILTERS[name]
        known = dict(each.choices(person)) if each.choices else {}
        for value in values:
            label = known.get(value) or (each.label_of(value, person) if each.label_of else "")
            found.append(Chip(each, value, str(label or value)))
    return found


def condition(asked: Asked, person: Staff, now: datetime) -> Q:
    """What the chosen values mean; a value that means nothing finds nothing."""
    every = Q()
    for name, values in asked.chosen.items():
        some = Q(pk__in=[])
        for value in values:
            some |= FILTERS[name].condition(value, person, now) or Q(pk__in=[])
        every &= some
    return every


# -- reading


def matching(person: Staff, asked: Asked, now: datetime) -> QuerySet[Complaint]:
    """The complaints that the person may see and that are asked for, in no order."""
    found = visible_to(person, Complaint).filter(condition(asked, person, now))
    return search.restrict(found, person, asked.words)


def find(
    person: Staff,
    asked: Asked,
    *,
    after: str = "",
    before: str = "",
    now: datetime | None = None,
    limit: int = PAGE,
    without: Sequence[str] = (),
) -> Found:
    """One page of the list: behind the mark `after`, or the one that ends before the mark `before`.

    A mark that is none begins at the start. The rows come without the columns named in `without`,
    which are read where somebody asks for them after all.
    """
    sought = search.wanted(person, asked.words)
    ahead = _walk(person, asked, now or timezone.now())
    back = replace(ahead, falling=not ahead.falling)
    start, end = key_of(after), key_of(before)
    if end is not None:
        keys = back.behind(end).first(limit + 1, sought)
        further = (bool(keys), len(keys) > limit)
        keys = keys[:limit][::-1]
    else:
        keys = (ahead.behind(start) if start else ahead).first(limit + 1, sought)
        further = (len(keys) > limit, start is not None)
        keys = keys[:limit]
    related = Complaint.objects.select_related(
        "home", "project", "category__parent", "first_contact"
    )
    rows = related.defer(*without).in_bulk([pk for _value, pk in keys])
    onwards, backwards = further
    return Found(
        [rows[pk] for _value, pk in keys if pk in rows],
        after=mark_of(keys[-1]) if keys and onwards else "",
        before=(mark_of(keys[0]) if keys else after) if backwards else "",
    )


def every(
    person: Staff, asked: Asked, *, now: datetime | None = None, chunk: int = 500
) -> Iterator[list[Complaint]]:
    """All pages of the list one after the other, for exports."""
    after = ""
    while True:
        page = find(person, asked, after=after, now=now, limit=chunk)
        if page.rows:
            yield page.rows
        if not page.after:
            return
        after = page.after


def count(person: Staff, asked: Asked, most: int = 10_000) -> int:
    """How many there are, counted no further than `most`."""
    walk = _walk(person, asked, timezone.now())
    return walk.count(most, search.wanted(person, asked.words))


def _walk(person: Staff, asked: Asked, now: datetime) -> Walk:
    sort = SORTS[asked.sort]
    return Walk(
        person,
        condition(asked, person, now),
        sort.column,
        sort.falling,
        categories=asked.chosen.get("category", ()),
    )


def is_mark(text: str) -> bool:
    """Whether the text is the mark of a page, as `find` takes it."""
    return key_of(text) is not None


def mark_of(key: Key) -> str:
    """The mark of the page that begins or ends there, as addresses carry it."""
    value, pk = key
    return f"{value.isoformat()}_{pk}"


def key_of(mark: str) -> Key | None:
    """Where a mark stands; None for what is none."""
    said, _sign, pk = mark.replace(" ", "+").partition("_")
    try:
        at = parse_datetime(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return None
    return at, int(pk)
