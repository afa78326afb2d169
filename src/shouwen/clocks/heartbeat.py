"""The timekeeper watching itself: heartbeats, outages, health."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from shouwen.clocks.models import ClockRow, HeartBeat, Outage

#: Without a beat, or with something due and not fired, for longer than this something is wrong.
TOLERANCE = timedelta(seconds=10)
#: A timekeeper that has not beaten for so long will not come back under its name.
FORGOTTEN = timedelta(days=1)

_LOCK = 0x53_57_43_02


@dataclass(frozen=True)
class Health:
    """How the timekeeping is.

    "alive": a timekeeper beats and fires in time; "late": it beats, yet something has been due for
    longer than the tolerance; "stale": none beats. `behind` is how long the oldest thing due waits.
    """

    state: Literal["alive", "late", "stale"]
    timekeepers: int
    last_beat_at: datetime | None
    behind: timedelta


def health(now: datetime | None = None) -> Health:
    """How the timekeeping is at `now`; two cheap queries, whatever is running."""
    now = now or timezone.now()
    beats = [
        beat
        for beat, stopped in HeartBeat.objects.values_list("beat_at", "stopped_at")
        if stopped is None and now - beat <= TOLERANCE
    ]
    last_beat_at = max(beats, default=None) or _last_beat()
    earliest = earliest_due()
    behind = max(now - earliest, timedelta()) if earliest else timedelta()
    state: Literal["alive", "late", "stale"] = "alive"
    if not beats:
        state = "stale"
    elif behind > TOLERANCE:
        state = "late"
    return Health(state, len(beats), last_beat_at, behind)


def earliest_due() -> datetime | None:
    """When the next thing is to be fired, for whichever clock."""
    due = ClockRow.objects.filter(next_fire_at__isnull=False).order_by("next_fire_at")
    return due.values_list("next_fire_at", flat=True).first()


def begin(name: str, now: datetime | None = None) -> Outage | None:
    """A timekeeper starts, or goes on after standing still: the outage that ends with it, if any."""
    now = now or timezone.now()
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Of several that start at once only the first ends the outage.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        last = _last_beat()
        HeartBeat.objects.filter(beat_at__lt=now - FORGOTTEN).delete()
        HeartBeat.objects.update_or_create(
            name=name,
            defaults={"beat_at": now, "next_look_at": now, "stopped_at": None},
            create_defaults={"started_at": now, "beat_at": now, "next_look_at": now},
        )
        if last is None or now - last <= TOLERANCE:
            return None
        return Outage.objects.create(since=last, until=now)


def beat(name: str, now: datetime, next_look_at: datetime) -> None:
    """A sign of life, and when this timekeeper looks at the clocks next."""
    HeartBeat.objects.filter(name=name).update(beat_at=now, next_look_at=next_look_at)


def end(name: str, now: datetime | None = None) -> None:
    """A timekeeper stops of its own accord."""
    HeartBeat.objects.filter(name=name).update(stopped_at=now or timezone.now())


def outage_at(moment: datetime) -> Outage | None:
    """The outage in which `moment` fell; None where the clocks were kept."""
    return Outage.objects.filter(since__lte=moment, until__gte=moment).order_by("since").first()


def _last_beat() -> datetime | None:
    return HeartBeat.objects.aggregate(last=Max("beat_at"))["last"]
