"""One home, one file (一户一档): its people, matters, promises, appointments and visits."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.complaints import lifecycle, promises, reading
from shouwen.complaints.models import Complaint
from shouwen.complaints.promises import Outcome, Promise
from shouwen.complaints.state import fold
from shouwen.complaints.words import ENDED
from shouwen.desk import telling, weeks, words
from shouwen.desk.brief import fact, said_with
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import homes
from shouwen.organization.customers import mask
from shouwen.organization.holders import positions_of, projects_of
from shouwen.organization.models import Customer, Home, Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.organization.personal import CUSTOMER
from shouwen.organization.positions import WITHOUT_CUSTOMERS
from shouwen.records import audit
from shouwen.records.models import Entry

PAGE = 50
MOST_PEOPLE = 50
MOST_FOUND = 12
QUARTER = timedelta(weeks=weeks.WEEKS)
MOST_COUNTED = 500

_VISITS = ("visited", "visit_attempted")
_TONES = {Outcome.KEPT: "kept", Outcome.BROKEN: "late"}
_SIGNS = {Outcome.KEPT: "✓", Outcome.BROKEN: "✕"}


# -- finding a home


def projects_with_homes(person: Staff) -> list[Project]:
    """The projects whose homes the person may see."""
    found = projects_of(person, leaving_out=WITHOUT_CUSTOMERS).filter(is_active=True)
    return list(found.order_by("code"))


def sees_homes(person: Staff, project_id: int) -> bool:
    """Whether somebody's post in the project has to do with its homes; as `visible_to`, no query."""
    return any(
        post.position not in WITHOUT_CUSTOMERS and post.project_id in (None, project_id)
        for post in positions_of(person)
    )


@require_http_methods(["GET", "POST"])
@staff_page("see_home", closed="desk/homes.html")
def find(request: StaffRequest) -> HttpResponse:
    """Finding a home by what is typed: 3-1-802. By POST: a home has no place in an address."""
    projects = projects_with_homes(request.user)
    if not projects:  # none in care
        return render(request, "desk/homes.html", {"here": "homes", "closed": True}, status=403)
    asked = request.POST.get("project", "")
    project = next((each for each in projects if str(each.pk) == asked), projects[0])
    text = request.POST.get("home", "").strip()[:80]
    seen = visible_to(request.user, Home)
    found = list(homes.suggest(project, text)[: MOST_FOUND + 1]) if text else []
    if text and not request.htmx:
        one = homes.find(project, text) or (found[0] if len(found) == 1 else None)
        if one is not None and seen.filter(pk=one.pk).exists():
            return redirect("desk:home", one.pk)
    context = {
        "here": "homes",
        "projects_of_homes": projects,
        "project": project,
        "text": text,
        "found": found[:MOST_FOUND],
        "more": len(found) > MOST_FOUND,
        "customers_open": bool(may(request.user, "see_customer")),
    }
    template = "desk/parts/homes_found.html" if request.htmx else "desk/homes.html"
    return render(request, template, context)


# -- the file of one home


@dataclass(frozen=True)
class Person:
    """A customer of the home, with the telephone as everybody may see it."""

    customer: Customer
    telephone: str


@dataclass(frozen=True)
class Matter:
    """A complaint of the home, and what became of it."""

    complaint: Complaint
    clock: Any
    duty: str
    late: bool


@dataclass(frozen=True)
class Kept:
    """A promise as the page shows it."""

    promise: Promise
    complaint: Complaint
    what: str
    who: str
    tone: str
    sign: str


@dataclass(frozen=True)
class Visited:
    """A visit, or one that reached nobody."""

    entry: Entry
    complaint: Complaint
    who: str
    result: str
    satisfaction: str
    words: str
    reached: bool


class File:
    """Everything about one home that somebody may see; a fixed number of queries."""

    def __init__(self, person: Staff, home: Home, mark: str, now: datetime) -> None:
        self.now = now
        self.home = home
        self._person = person
        seen = visible_to(person, Complaint).filter(home=home.pk)
        page = list(
            _behind(seen, mark)
            .select_related("project", "category__parent")
            .order_by("-received_at", "-pk")[: PAGE + 1]
        )
        self.after = _mark(page[PAGE - 1]) if len(page) > PAGE else ""
        ids = [each.pk for each in page[:PAGE]]
        self._ledgers = reading.ledgers(ids)
        self._clocks = reading.clocks(ids)
        self.complaints = [each for each in page[:PAGE] if self._source_seen(each)]
        self._names = telling.Names(
            [entry for ledger in self._ledgers.values() for entry in ledger]
        )
        self._recent = self._moments(seen)

    def _source_seen(self, complaint: Complaint) -> bool:
        """Whether it may stand under this home: a confidential one would give away its source."""
        if not complaint.confidential:
            return True
        state = fold(self._ledgers[complaint.pk])
        return bool(
            may(
                self._person,
                "see_source",
                lifecycle.stand(self._person, complaint, state, now=self.now),
            )
        )

    def _moments(self, seen: QuerySet[Complaint]) -> list[datetime]:
        """When complaints came in within a quarter, without what may not stand here."""
        since = self.now - QUARTER
        open_ones = {each.pk for each in self.complaints}
        found = seen.filter(received_at__gte=since).order_by("-received_at")
        rows = found.values_list("pk", "received_at", "confidential")[:MOST_COUNTED]
        return [at for pk, at, confidential in rows if not confidential or pk in open_ones]

    def people(self) -> list[Person]:
        """Who belongs to the home, as far as the person may see customers."""
        found = visible_to(self._person, Customer).filter(home=self.home.pk)
        return [
            Person(each, mask(each.telephone) if each.telephone else "")
            for each in found.order_by("since", "pk")[:MOST_PEOPLE]
        ]

    def matters(self) -> list[Matter]:
        """The complaints, newest first, each with the clock that says what is next."""
        found = []
        for complaint in self.complaints:
            running = [row for row in self._clocks[complaint.pk] if row.state == row.State.RUNNING]
            clock = promises.pressing(running)
            late = clock is not None and clock.due_at < self.now
            duty = self._names.duty(clock) if clock is not None else ""
            found.append(Matter(complaint, clock, duty, late))
        return found

    def promises(self) -> list[Kept]:
        """What was promised in these complaints: open ones first, soonest first; then the latest."""
        found = []
        for complaint in self.complaints:
            ledger, clocks = self._ledgers[complaint.pk], self._clocks[complaint.pk]
            for promise in promises.of(ledger, clocks, self.now):
                found.append(self._kept(promise, complaint))
        found.sort(key=lambda each: each.promise.due_at)
        still = [each for each in found if each.promise.outcome == Outcome.OPEN]
        over = [each for each in found if each.promise.outcome != Outcome.OPEN]
        return still + over[::-1]

    def _kept(self, promise: Promise, complaint: Complaint) -> Kept:
        code = promise.department
        who = self._names.departments.get(code, code) or _("客户中心")
        return Kept(
            promise,
            complaint,
            said_with(promise.entry),
            who,
            "late" if promise.late else _TONES.get(promise.outcome, "quiet"),
            "" if promise.late else _SIGNS.get(promise.outcome, ""),
        )

    def visits(self) -> list[Visited]:
        """Visits and attempts, newest first."""
        found = [
            self._visited(entry, complaint)
            for complaint in self.complaints
            for entry in self._ledgers[complaint.pk]
            if entry.kind in _VISITS
        ]
        return sorted(found, key=lambda each: each.entry.occurred_at, reverse=True)

    def _visited(self, entry: Entry, complaint: Complaint) -> Visited:
        reached = entry.kind == "visited"
        return Visited(
            entry,
            complaint,
            self._names.person(entry.actor_id),
            fact(entry, "outcome" if reached else "result", self._names),
            fact(entry, "satisfaction", self._names),
            said_with(entry),
            reached,
        )

    def bars(self) -> list[weeks.Bar]:
        """How often, week by week."""
        return weeks.bars(self._recent, self.now)

    def sentence(self, kept: list[Kept]) -> str:
        """What matters about this home now."""
        number = len(self._recent)
        parts = [ngettext("近 13 周 {n} 件", "近 13 周 {n} 件", number).format(n=number)]
        running = sum(each.status not in ENDED for each in self.complaints)
        if running:
            parts.append(ngettext("{n} 件未结", "{n} 件未结", running).format(n=running))
        late = sum(each.promise.late for each in kept)
        broken = sum(each.promise.outcome == Outcome.BROKEN for each in kept)
        if late:
            parts.append(ngettext("{n} 项承诺已过时间", "{n} 项承诺已过时间", late).format(n=late))
        elif broken:
            parts.append(
                ngettext("{n} 项承诺没有兑现", "{n} 项承诺没有兑现", broken).format(n=broken)
            )
        sentence = _("，").join(parts)
        following = min(
            (
                each.promise.due_at
                for each in kept
                if each.promise.outcome == Outcome.OPEN and not each.promise.late
            ),
            default=None,
        )
        if following is None:
            return _("{sentence}。").format(sentence=sentence)
        return _("{sentence}；下一项承诺 {due}。").format(
            sentence=sentence, due=words.until(following, self.now)
        )


def _mark(row: Complaint) -> str:
    return f"{row.received_at.isoformat()}_{row.pk}"


def _behind(found: QuerySet[Complaint], mark: str) -> QuerySet[Complaint]:
    said, _sign, pk = mark.replace(" ", "+").partition("_")
    try:
        at = parse_datetime(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not pk.isdigit():
        return found
    return found.filter(Q(received_at__lt=at) | Q(received_at=at, pk__lt=int(pk)))


def home_for(person: Staff, pk: int) -> Home:
    """The home of that key. Http404 where the person may not see it."""
    found = visible_to(person, Home).select_related("project").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_safe
@staff_page("see_home")
def home(request: StaffRequest, pk: int) -> HttpResponse:
    """The file of one home."""
    found = home_for(request.user, pk)
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        now = timezone.now()
        file = File(request.user, found, request.GET.get("after", ""), now)
        kept = file.promises()
        context = {
            "here": "homes",
            "home": found,
            "file": file,
            "sentence": file.sentence(kept),
            "people": file.people(),
            "customers_open": bool(may(request.user, "see_customer")),
            "matters": file.matters(),
            "promises": kept,
            "visits": file.visits(),
            "bars": file.bars(),
            "further": bool(request.GET.get("after")),
        }
        return render(request, "desk/home.html", context)


@require_POST
@staff_page("see_home")
def telephone(request: StaffRequest, pk: int, customer: int) -> HttpResponse:
    """The whole telephone number of somebody of the home, asked for by a click and written down."""
    found = home_for(request.user, pk)
    who = get_object_or_404(visible_to(request.user, Customer), pk=customer, home=found)
    audit.note(
        "telephone_seen",
        actor_id=request.user.pk,
        subject_type=CUSTOMER,
        subject_id=who.pk,
        project_id=who.project_id,
    )
    return render(request, "desk/parts/telephone.html", {"complaint": who})
