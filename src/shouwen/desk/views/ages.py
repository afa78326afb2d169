"""Open complaints by age: the oldest first, why they are open, and when the customer hears next."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shouwen.clocks.models import ClockRow
from shouwen.complaints import ages, promises, reading
from shouwen.complaints.ages import BANDS, Band
from shouwen.complaints.models import Complaint
from shouwen.desk import telling, words
from shouwen.desk.brief import Hands, told
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.morning import chosen
from shouwen.organization.models import Project

PAGE = 50


def label(band: Band) -> str:
    """30 天以上, 15–30 天, 不到 3 天"""
    if band.below is None:
        return _("{days} 天以上").format(days=band.days)
    if not band.days:
        return _("不到 {days} 天").format(days=band.below)
    return _("{days}–{below} 天").format(days=band.days, below=band.below)


@dataclass(frozen=True)
class Row:
    """One open complaint: how old, in whose hands, why, and when the customer hears next."""

    complaint: Complaint
    age: str
    hands: str
    reason: str
    reason_at: datetime
    reply: ClockRow | None
    reply_said: str
    band: str  # said above the first row of a band


@dataclass(frozen=True)
class Chip:
    """A band to choose: how many it holds, and its address."""

    label: str
    count: str
    address: str
    chosen: bool


def _rows(complaints: list[Complaint], now: datetime) -> Iterator[Row]:
    ids = [complaint.pk for complaint in complaints]
    ledgers = reading.ledgers(ids)
    clocks = reading.clocks(ids, running=True)
    names = telling.Names([entry for ledger in ledgers.values() for entry in ledger])
    hands = Hands([row for found in clocks.values() for row in found], ids, names)
    before: Band | None = None
    for complaint in complaints:
        band = ages.band_of(complaint, now)
        running = clocks[complaint.pk]
        last = promises.reason(ledgers[complaint.pk])
        reply = promises.next_reply(running)
        yield Row(
            complaint,
            words.span(now - complaint.received_at),
            hands.of_complaint(complaint.pk, promises.pressing(running)),
            told(last, names),
            last.occurred_at,
            reply,
            names.duty(reply) if reply is not None else "",
            label(band) if band != before else "",
        )
        before = band


def _mark(row: Complaint) -> str:
    return f"{row.received_at.isoformat()}_{row.pk}"


def _behind(found: QuerySet[Complaint], mark: str) -> QuerySet[Complaint]:
    said, _sign, pk = mark.partition("_")
    try:
        at = parse_datetime(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not pk.isdigit():
        return found
    return found.filter(Q(received_at__gt=at) | Q(received_at=at, pk__gt=int(pk)))


def _chips(
    found: QuerySet[Complaint], band: Band | None, project: Project | None, now: datetime
) -> list[Chip]:
    keep = {"project": project.code} if project else {}
    counts = ages.counts(found, now)
    reached = sum(counts.values()) >= ages.MOST
    chips = []
    for each, count in counts.items():
        said = str(count)
        if reached and each == BANDS[-1]:
            said = f"{said}+"
        address = urlencode(keep | ({} if each == band else {"band": each.name}))
        chips.append(Chip(label(each), said, f"?{address}", each == band))
    return chips


@require_safe
@staff_page("see_complaint")
def by_age(request: StaffRequest) -> HttpResponse:
    """The list of open matters by age, page by page."""
    choices, projects = chosen(request.user, request.GET.get("project", ""))
    one = projects[0] if len(projects) == 1 else None
    band = next((each for each in BANDS if each.name == request.GET.get("band")), None)
    zone = one.timezone if one else settings.TIME_ZONE
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        now = timezone.now()
        every = ages.open_ones(request.user, projects)
        found = every.filter(band.condition(now)) if band else every
        mark = request.GET.get("after", "").replace(" ", "+")
        page = list(_behind(found, mark).select_related("project", "home")[: PAGE + 1])
        keep = {"project": one.code} if one and len(choices) > 1 else {}
        if band:
            keep["band"] = band.name
        after = _mark(page[PAGE - 1]) if len(page) > PAGE else ""
        context = {
            "here": "morning",
            "rows": list(_rows(page[:PAGE], now)),
            "chips": _chips(every, band, one if len(choices) > 1 else None, now),
            "choices": choices,
            "project": one,
            "several": len(projects) > 1,
            "band": band,
            "onward": f"?{urlencode(keep | {'after': after})}" if after else "",
            "back": f"?{urlencode(keep)}" if request.GET.get("after") else "",
            "whole": f"?{urlencode({k: v for k, v in keep.items() if k == 'project'})}",
        }
        return render(request, "desk/ages.html", context)
