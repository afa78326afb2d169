"""Waking the timekeeper for what is due before it looks next.

The timekeeper looks at the clocks at least every `LONGEST_SLEEP`, so an ordinary step, whose
clocks are due in minutes or days, sends nothing: a NOTIFY makes commits queue behind one lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Min
from django.utils import timezone

from shouwen.clocks.models import HeartBeat

CHANNEL = "shouwen_clock"
#: The timekeeper looks at the clocks at least this often, whatever it has been told.
LONGEST_SLEEP = timedelta(seconds=1)


def wake(due_at: datetime, *, now: datetime | None = None) -> bool:
    """Tell the timekeepers, when this transaction commits, that something is due at `due_at`.

    Does nothing, and returns False, where one of them looks by then anyway.
    """
    now = now or timezone.now()
    if due_at > now + LONGEST_SLEEP:
        return False
    awake = HeartBeat.objects.filter(stopped_at=None, next_look_at__gte=now)
    next_look = awake.aggregate(next_look=Min("next_look_at"))["next_look"]
    if next_look is not None and next_look <= due_at:
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
    return True
