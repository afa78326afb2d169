"""What the roster says about a span of time, read at once: posts, shifts and who is away."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Max, Min, Q
from django.utils import timezone

from shouwen.organization.holders import DEPARTMENT, NOT_LENT
from shouwen.organization.models import Delegation, Post, Project, Shift, Staff
from shouwen.organization.positions import IN_A_DEPARTMENT, Position

#: A project keeps a roster for a position that has a shift within this time before or after.
KEPT_WITHIN = datetime.timedelta(days=35)


class Held(NamedTuple):
    """A post as far as it decides who answers."""

    staff_id: int
    position: str
    project_id: int | None
    department: str
    since: datetime.date
    until: datetime.date | None

    def on(self, day: datetime.date) -> bool:
        """Whether it is held on that day."""
        return self.since <= day and (self.until is None or day <= self.until)


class Turn(NamedTuple):
    """A shift as far as it decides who answers."""

    staff_id: int
    position: str
    project_id: int | None
    department: str
    starts_at: datetime.datetime
    ends_at: datetime.datetime


class Away(NamedTuple):
    """Somebody away, and who acts for them."""

    person_id: int
    stand_in_id: int
    since: datetime.datetime
    until: datetime.datetime


Place = tuple[str, int | None, str]  # position, project (None: every one), department's code


@dataclass
class Roster:
    """The facts of some projects between two moments; asked in memory from then on."""

    projects: dict[int, Project]
    held: dict[str, list[Held]] = field(default_factory=dict)
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    kept: dict[str, list[tuple[Place, datetime.datetime, datetime.datetime]]] = field(
        default_factory=dict
    )
    away: list[Away] = field(default_factory=list)
    active: frozenset[int] = frozenset()
    # By position and project, and what was asked before: one desk asks thousands of times.
    _near: dict[tuple[str, str, int | None], list[Any]] = field(default_factory=dict)
    _said: dict[Any, Any] = field(default_factory=dict)

    def holders(self, word: str, project_id: int, code: str, at: datetime.datetime) -> list[int]:
        """Who holds the position by post on that day, by their ids."""
        key = ("holders", word, project_id, code, at)
        if key not in self._said:
            day = _day(at)
            self._said[key] = sorted(
                {
                    post.staff_id
                    for position in positions(word)
                    for post in self._of("held", position, project_id)
                    if fits(post, project_id, code) and post.on(day)
                }
            )
        found: list[int] = self._said[key]
        return found

    def keeps(self, word: str, project_id: int, code: str, at: datetime.datetime) -> bool:
        """Whether a roster is kept for the position round that moment."""
        key = ("keeps", word, project_id, code, at)
        if key not in self._said:
            self._said[key] = any(
                code in ("", department) and first < at + KEPT_WITHIN and last > at - KEPT_WITHIN
                for position in positions(word)
                for (_p, _project, department), first, last in self._of(
                    "kept", position, project_id
                )
            )
        return bool(self._said[key])

    def turns_of(self, word: str, project_id: int, code: str) -> list[Turn]:
        """The shifts that count: of active staff who hold the post on the day they begin."""
        return [
            turn
            for position in positions(word)
            for turn in self._of("turns", position, project_id)
            if fits(turn, project_id, code) and self._counts(turn, project_id, turn.starts_at)
        ]

    def on_duty(self, word: str, project_id: int, code: str, at: datetime.datetime) -> list[int]:
        """Who has a shift at that moment and still holds the post, by their ids."""
        key = ("on_duty", word, project_id, code, at)
        if key not in self._said:
            self._said[key] = sorted(
                {
                    turn.staff_id
                    for position in positions(word)
                    for turn in self._of("turns", position, project_id)
                    if fits(turn, project_id, code)
                    and turn.starts_at <= at < turn.ends_at
                    and self._counts(turn, project_id, at)
                }
            )
        found: list[int] = self._said[key]
        return found

    def stand_in(self, person_id: int, at: datetime.datetime) -> int | None:
        """Who acts for somebody at that moment; None: they are here. The newest word counts."""
        for away in self.away:
            if away.person_id == person_id and away.since <= at < away.until:
                return away.stand_in_id
        return None

    def _counts(self, turn: Turn, project_id: int, at: datetime.datetime) -> bool:
        day = _day(at)
        return any(
            post.staff_id == turn.staff_id
            and fits(post, project_id, turn.department)
            and post.on(day)
            for post in self._of("held", turn.position, project_id)
        )

    def _of(self, kind: str, position: str, project_id: int) -> list[Any]:
        """The posts, shifts or rosters of a position that a project has, or every one."""
        if not self._near:
            self._near["", "", None] = []
            for what, known in (("held", self.held), ("turns", self.turns)):
                for where, found in known.items():
                    for each in found:
                        self._near.setdefault((what, where, each.project_id), []).append(each)
            for where, rosters in self.kept.items():
                for one in rosters:
                    self._near.setdefault(("kept", where, one[0][1]), []).append(one)
        everywhere = self._near.get((kind, position, None), [])
        return [*everywhere, *self._near.get((kind, position, project_id), [])]


def positions(word: str) -> tuple[str, ...]:
    """The positions that a holder word means."""
    return tuple(map(str, IN_A_DEPARTMENT)) if word == DEPARTMENT else (word,)


def fits(place: Held | Turn, project_id: int, code: str) -> bool:
    """Whether a post or shift is of that project and, where one is named, that department."""
    return place.project_id in (None, project_id) and code in ("", place.department)


def read(
    project_ids: Iterable[int],
    words: Collection[str],
    since: datetime.datetime,
    until: datetime.datetime | None = None,
) -> Roster:
    """The facts of these projects and positions from `since` to `until` (default: that moment).

    Five queries, however many projects and positions there are.
    """
    until = until or since
    ids = set(project_ids)
    wanted = {position for word in words for position in positions(word)}
    here = Q(project=None) | Q(project__in=ids)
    roster = Roster(Project.objects.in_bulk(ids))
    posts = (
        Post.objects.filter(here | Q(position=Position.ADMINISTRATOR))
        .filter(Q(until=None) | Q(until__gte=_day(since)), since__lte=_day(until))
        .filter(position__in=wanted | {str(Position.ADMINISTRATOR)}, staff__is_active=True)
    )
    for post in posts.values_list(
        "staff_id", "position", "project_id", "department__code", "since", "until"
    ):
        held = Held(*post[:3], post[3] or "", *post[4:])
        roster.held.setdefault(held.position, []).append(held)
    shifts = Shift.objects.filter(here, position__in=wanted).order_by()
    kept = shifts.filter(ends_at__gt=since - KEPT_WITHIN, starts_at__lt=until + KEPT_WITHIN)
    for position, project, code, first, last in kept.values_list(
        "position", "project_id", "department__code"
    ).annotate(first=Min("starts_at"), last=Max("ends_at")):
        place = (position, project, code or "")
        roster.kept.setdefault(position, []).append((place, first, last))
    # A shift that begins at `until` is under way then.
    running = shifts.filter(ends_at__gt=since, starts_at__lte=until, staff__is_active=True)
    for shift in running.values_list(
        "staff_id", "position", "project_id", "department__code", "starts_at", "ends_at"
    ):
        turn = Turn(*shift[:3], shift[3] or "", *shift[4:])
        roster.turns.setdefault(turn.position, []).append(turn)
    away = Delegation.objects.filter(until__gt=since, since__lte=until).order_by("-since", "-pk")
    for person, stand_in, start, end, there in away.values_list(
        "person_id", "stand_in_id", "since", "until", "stand_in__is_active"
    ):
        roster.away.append(Away(person, stand_in, start, end))
        if there:
            roster.active |= {stand_in}
    return roster


def acting(at: datetime.datetime) -> dict[int, int]:
    """Who is away, and who acts for them; see `on_duty.acting`."""
    in_force = Delegation.objects.filter(since__lte=at, until__gt=at).order_by("since", "pk")
    found = {
        person: (stand_in, there)
        for person, stand_in, there in in_force.values_list(
            "person_id", "stand_in_id", "stand_in__is_active"
        )
    }
    return {
        person: stand_in
        for person, (stand_in, there) in found.items()
        if there and stand_in not in found
    }


def lendable(word: str) -> bool:
    """Whether a stand-in may act in that position at all."""
    return word not in NOT_LENT


def staff_of(ids: Iterable[int]) -> dict[int, Staff]:
    """The members of staff of these ids, in one query."""
    return Staff.objects.in_bulk(set(ids))


def _day(at: datetime.datetime) -> datetime.date:
    return timezone.localdate(at, timezone.get_default_timezone())
