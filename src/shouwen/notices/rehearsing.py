"""Rehearsing tonight's escalation with the people who are really on the roster.

Everybody is told that it is a rehearsal; nothing stands in any complaint's ledger. The walk goes to
its end whoever answers, so that the report tells of everybody.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from shouwen.notices import policies
from shouwen.notices.notice import Delivery, Notice
from shouwen.notices.policy import Escalation, Hop, Rehearsal
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import Position

NIGHT = datetime.time(22, 0)


@dataclass(frozen=True)
class Answered:
    """How one person of a rehearsal answered; `after` None: not (yet)."""

    person: Staff
    position: str
    told_at: datetime.datetime
    after: datetime.timedelta | None
    channels: tuple[Delivery, ...]

    @property
    def seconds(self) -> int:
        """The seconds it took; 0 where nobody answered."""
        return round(self.after.total_seconds()) if self.after is not None else 0


@dataclass(frozen=True)
class Missed:
    """A level at which nobody was on duty."""

    position: str
    at: datetime.datetime


def tonight(project: Project, now: datetime.datetime | None = None) -> datetime.datetime:
    """Ten in the evening where the project is; now, where it is later than that."""
    local = timezone.localtime(now, ZoneInfo(project.timezone))
    return max(local, local.replace(hour=NIGHT.hour, minute=0, second=0, microsecond=0))


@transaction.atomic
def start(
    project: Project,
    severity: str,
    *,
    by: Staff | None,
    as_at: datetime.datetime | None = None,
    now: datetime.datetime | None = None,
) -> Rehearsal:
    """Begin a rehearsal of what would happen at `as_at` (default: tonight); the loop does the rest."""
    now = now or timezone.now()
    steps, act_within = policies.steps_for(project.pk, severity)
    rehearsal = Rehearsal.objects.create(
        project=project,
        severity=severity,
        as_at=as_at or tonight(project, now),
        started_at=now,
        started_by=by,
    )
    route = policies.route(steps, Position.FRONT_DESK)
    Escalation.objects.create(
        project=project,
        rehearsal=rehearsal,
        stage="R6.alert",
        severity=severity,
        started_by=0,
        started_at=now,
        route=[step.model_dump() for step in route],
        act_within=act_within,
        next_at=now,
    )
    return rehearsal


def answers(rehearsal: Rehearsal) -> list[Answered]:
    """Who was told, in order, and who answered after how long."""
    positions: dict[int, tuple[str, datetime.datetime]] = {}
    for hop in _hops(rehearsal):
        for person in hop.persons:
            positions.setdefault(person, (hop.found_at, hop.made_at))
    notices = (
        Notice.objects.filter(escalation__rehearsal=rehearsal)
        .select_related("person")
        .prefetch_related("deliveries")
        .order_by("made_at", "pk")
    )
    return [
        Answered(
            notice.person,
            positions.get(notice.person_id, ("", notice.made_at))[0],
            notice.made_at,
            notice.acknowledged_at - notice.made_at if notice.acknowledged_at else None,
            tuple(notice.deliveries.all()),
        )
        for notice in notices
    ]


def missed(rehearsal: Rehearsal) -> list[Missed]:
    """The levels at which nobody was on duty, so that the next was called at once."""
    return [Missed(hop.position, hop.made_at) for hop in _hops(rehearsal) if hop.passed]


def _hops(rehearsal: Rehearsal) -> list[Hop]:
    return list(Hop.objects.filter(escalation__rehearsal=rehearsal).order_by("ordinal"))


def finished(rehearsal: Rehearsal) -> bool:
    """Whether everybody of the walk was called."""
    return not Escalation.objects.filter(rehearsal=rehearsal, next_at__isnull=False).exists()
