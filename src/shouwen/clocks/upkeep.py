"""Letting running clocks follow a calendar that was learned after they started."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from shouwen.clocks import calendars, projection, subjects
from shouwen.clocks.models import ClockRow
from shouwen.records import ledger

logger = logging.getLogger(__name__)

#: Subjects that one call takes, each in a transaction of its own.
BATCH = 50


def follow_calendar(now: datetime | None = None, *, limit: int = BATCH) -> int:
    """Project anew the subjects whose unstopped clocks were reckoned by an older calendar.

    Returns how many subjects were taken; call again until it is 0. Costs one look at an index
    where nothing is to be done.
    """
    now = now or timezone.now()
    current = calendars.all_known().at(now)[0]
    behind = (
        ClockRow.objects.filter(
            state=ClockRow.State.RUNNING,
            calendar_id__lt=current,
            subject_type__in=subjects.types(),
        )
        .order_by("calendar_id", "id")
        .values_list("subject_type", "subject_id")[:limit]
    )
    taken = 0
    for subject_type, subject_id in dict.fromkeys(behind):
        with transaction.atomic():
            if ledger.lock(subject_type, subject_id, skip_locked=True) is not None:
                changes = projection.project(subject_type, subject_id, now=now)
                subjects.of(subject_type).reckoned(subject_id, changes.next_due)
                taken += 1
    return taken
