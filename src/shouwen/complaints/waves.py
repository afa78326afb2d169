"""Waves: several complaints of one cause from one lift, riser or garage within the same hours.

Detection is a pure function over what was reported; thresholds are data (`waves.toml`). A wave is
only proposed: a person accepts it as one incident, or rejects it, and is not asked again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pydantic import BaseModel, ConfigDict, Field

from shouwen.complaints import places
from shouwen.complaints.models import Category, Complaint, Incident, RejectedWave
from shouwen.complaints.own_words import in_use
from shouwen.complaints.places import Spot
from shouwen.complaints.suggesting import suggest
from shouwen.complaints.words import ENDED
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to

FILE = Path(__file__).with_name("waves.toml")
MOST = 3000  # complaints of a project that are looked through, the newest

_SAME = {
    places.LIFT: gettext_lazy("同一电梯"),
    places.RISER: gettext_lazy("同一立管"),
    places.GARAGE: gettext_lazy("同一车库"),
}


class Threshold(BaseModel):
    """What makes a wave at one kind of spot; the head of the file explains."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str
    causes: tuple[str, ...] = Field(min_length=1)
    least: int = Field(ge=2)
    minutes: int = Field(ge=1)

    @property
    def within(self) -> timedelta:
        return timedelta(minutes=self.minutes)


class Thresholds(BaseModel):
    """All thresholds, and how far back complaints are looked through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    look_back_hours: int = Field(ge=1, le=24 * 7)
    wave: tuple[Threshold, ...]


@lru_cache(maxsize=1)
def shipped() -> Thresholds:
    """The thresholds that come with Shouwen."""
    return Thresholds.model_validate(tomllib.loads(FILE.read_text("utf-8")))


@dataclass(frozen=True)
class Report:
    """What detection must know of one open complaint.

    `caller` tells different callers apart; `cause` is the code of its category, `incident_id` the
    open incident that it belongs to already.
    """

    pk: int
    number: str
    received_at: datetime
    cause: str
    spots: tuple[Spot, ...]
    caller: str
    incident_id: int | None = None

    def at(self, where: str) -> Spot | None:
        """The spot of that kind that it is about."""
        return next((spot for spot in self.spots if spot.kind == where), None)


@dataclass(frozen=True)
class Wave:
    """Reports proposed as one incident, the first one first; or as more of one that is open."""

    spot: Spot
    cause: str
    reports: tuple[Report, ...]
    within: timedelta
    incident_id: int | None = None

    @property
    def key(self) -> str:
        """What is remembered of a rejected wave: where and of what."""
        return _place_key(self.spot)

    @property
    def new(self) -> tuple[Report, ...]:
        """The reports that belong to no incident yet."""
        return tuple(each for each in self.reports if each.incident_id is None)

    @property
    def first_at(self) -> datetime:
        return self.reports[0].received_at

    @property
    def last_at(self) -> datetime:
        return self.reports[-1].received_at

    @property
    def reasons(self) -> list[str]:
        """Why these are proposed together: how many, within what, what they share."""
        count = len(self.reports)
        minutes = max(int((self.last_at - self.first_at).total_seconds() / 60 + 0.5), 1)
        hours = -(-minutes // 60)
        within = _("{} 分钟内").format(minutes) if minutes <= 120 else _("{} 小时内").format(hours)
        return [
            ngettext("共 {n} 件", "共 {n} 件", count).format(n=count),
            within,
            str(_SAME[self.spot.kind]),
        ]


def _place_key(spot: Spot) -> str:
    return ":".join((spot.kind, spot.building, spot.unit))


def detect(
    reports: Iterable[Report],
    thresholds: Thresholds,
    rejected: Mapping[tuple[str, str], Collection[int]] | None = None,
) -> list[Wave]:
    """The waves in these reports, the largest first; a report belongs to one at most.

    `rejected` are the complaints, by place and cause, that somebody said have not one cause there.
    Waves of which every report belongs to an incident already are not proposed.
    """
    rejected = rejected or {}
    groups: list[tuple[Threshold, list[Report]]] = []
    ordered = sorted(reports, key=lambda each: (each.received_at, each.pk))
    for threshold in thresholds.wave:
        for (place, cause), group in _grouped(ordered, threshold).items():
            refused = rejected.get((place, cause), ())
            left = [each for each in group if each.pk not in refused]
            groups += [(threshold, each) for each in _by_number(left, threshold.where)]
    found: list[Wave] = []
    used: set[int] = set()
    while groups:
        best: tuple[int, Wave] | None = None
        for threshold, group in groups:
            wave = _largest([each for each in group if each.pk not in used], threshold)
            if wave is not None and (best is None or wave[0] > best[0]):
                best = wave
        if best is None:
            break
        found.append(best[1])
        used.update(each.pk for each in best[1].reports)
        groups = [
            (threshold, left)
            for threshold, group in groups
            if len(left := [each for each in group if each.pk not in used]) >= threshold.least
        ]
    return [wave for wave in found if wave.new]


def _grouped(
    ordered: Sequence[Report], threshold: Threshold
) -> dict[tuple[str, str], list[Report]]:
    groups: dict[tuple[str, str], list[Report]] = {}
    for each in ordered:
        spot = each.at(threshold.where)
        if spot is not None and each.cause in threshold.causes:
            groups.setdefault((_place_key(spot), each.cause), []).append(each)
    return groups


def _by_number(group: list[Report], where: str) -> Iterator[list[Report]]:
    """One group for each lift (or level) that is named; who named none may mean any of them."""
    numbers = {spot.number for each in group if (spot := each.at(where)) is not None}
    for number in sorted(numbers - {""}) or [""]:
        yield [
            each
            for each in group
            if (spot := each.at(where)) is not None and spot.number in ("", number)
        ]


def _largest(group: Sequence[Report], threshold: Threshold) -> tuple[int, Wave] | None:
    """The wave of the most callers in a group in order of time, with how many; None for none."""
    best, bounds, start = 0, (0, 0), 0
    callers: dict[str, int] = {}
    for end, each in enumerate(group):
        callers[each.caller] = callers.get(each.caller, 0) + 1
        while each.received_at - group[start].received_at > threshold.within:
            gone = group[start].caller
            callers[gone] -= 1
            if not callers[gone]:
                del callers[gone]
            start += 1
        if len(callers) > best:
            best, bounds = len(callers), (start, end)
    if best < threshold.least:
        return None
    first, last = bounds
    while first and group[first].received_at - group[first - 1].received_at <= threshold.within:
        first -= 1
    while (
        last + 1 < len(group)
        and group[last + 1].received_at - group[last].received_at <= threshold.within
    ):
        last += 1
    members = tuple(group[first : last + 1])
    spots = [spot for each in members if (spot := each.at(threshold.where)) is not None]
    joined = [each.incident_id for each in members if each.incident_id is not None]
    # The spot that says most: the lift by its number, where anybody gave it.
    spot = max(spots, key=lambda each: (each.number, each))
    incident_id = max(set(joined), key=lambda pk: (joined.count(pk), pk)) if joined else None
    wave = Wave(spot, members[0].cause, members, threshold.within, incident_id)
    return len({each.caller for each in members}), wave


# -- from the database


def proposals(
    project: Project, *, person: Staff | None = None, now: datetime | None = None
) -> list[Wave]:
    """The waves among the project's open complaints of the last days; those that a person may see.

    Read in the order of the index of a project's newest complaints, `MOST` at most.
    """
    now = now or timezone.now()
    thresholds = shipped()
    since = now - timedelta(hours=thresholds.look_back_hours)
    return detect(_reports(project, person, since), thresholds, _rejected(project, since))


def _reports(project: Project, person: Staff | None, since: datetime) -> list[Report]:
    seen = Complaint.objects.all() if person is None else visible_to(person, Complaint)
    causes_sought = {cause for each in shipped().wave for cause in each.causes}
    rows = list(
        seen.filter(project=project, received_at__gte=since)
        .filter(Q(category__code__in=causes_sought) | Q(category__parent=None))
        .exclude(status__in=sorted(ENDED))
        .exclude(incident__status=Incident.Status.ENDED)
        .order_by("-received_at", "-pk")
        .values(
            *("pk", "number", "received_at", "place", "home_id", "telephone_index", "incident_id"),
            code=F("category__code"),
            parent=F("category__parent"),
            building=F("home__building"),
            unit=F("home__unit"),
        )[:MOST]
    )
    causes = _causes([row["pk"] for row in rows if row["parent"] is None])
    return [
        Report(
            pk=row["pk"],
            number=row["number"],
            received_at=row["received_at"],
            cause=(cause := causes.get(row["pk"], row["code"] or "")),
            spots=tuple(
                places.spots_of(
                    row["place"],
                    row["building"] or "",
                    row["unit"] or "",
                    lift=cause == places.LIFT,
                )
            ),
            caller=_caller(row["pk"], row["home_id"], row["telephone_index"]),
            incident_id=row["incident_id"],
        )
        for row in rows
    ]


def _caller(pk: int, home_id: int | None, telephone_index: str) -> str:
    if home_id is not None:
        return f"home {home_id}"
    return f"telephone {telephone_index}" if telephone_index else f"complaint {pk}"


def _causes(pks: Collection[int]) -> dict[int, str]:
    """What the words suggest, for complaints whose category says little or nothing."""
    if not pks:
        return {}
    rules = in_use()
    said = Complaint.objects.filter(pk__in=pks).values_list("pk", "content", "subject", "place")
    suggested = {pk: suggest(words or title, place, rules) for pk, words, title, place in said}
    return {pk: each.category for pk, each in suggested.items() if each.category is not None}


def _rejected(project: Project, since: datetime) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for each in RejectedWave.objects.filter(project=project, rejected_at__gte=since):
        found.setdefault((each.spot, each.cause), set()).update(each.complaints)
    return found


def category_of(wave: Wave) -> Category | None:
    """The category that the wave is of."""
    return Category.objects.select_related("parent").filter(code=wave.cause).first()
