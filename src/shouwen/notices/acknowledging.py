"""Acknowledging an alert, with what is to become of it: taken, or passed up.

Neither is an act on the complaint: those are steps. Whoever acknowledges and does nothing in the time
of the policy is reminded again.
"""

from __future__ import annotations

import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from shouwen.notices import reaching
from shouwen.notices.notice import Notice
from shouwen.notices.policy import Escalation
from shouwen.organization.models import Staff

TAKEN = Escalation.Disposition.TAKEN
PASSED_UP = Escalation.Disposition.PASSED_UP
DOWNGRADED = Escalation.Disposition.DOWNGRADED


class TooLate(Exception):
    """Nothing is left to acknowledge: it is over."""


@transaction.atomic
def acknowledge(
    notice: Notice,
    person: Staff,
    disposition: str = TAKEN,
    now: datetime.datetime | None = None,
) -> Escalation:
    """Say that one has heard, and what becomes of it. Raises TooLate where it is over.

    Taken: nobody else is called as long as something is done within the policy's time. Passed up: the
    next of the route is called at once. In a rehearsal it is only written down.
    """
    now = now or timezone.now()
    if notice.escalation_id is None:
        raise TooLate
    found = Escalation.objects.select_for_update(no_key=True).get(pk=notice.escalation_id)
    mine = Notice.objects.filter(escalation=found, person=person, acknowledged_at=None)
    mine.update(acknowledged_at=now, read_at=now)
    if found.rehearsal_id:
        reaching.drop(
            Notice.objects.filter(escalation=found, person=person).values_list("pk", flat=True)
        )
        return found
    if found.state == Escalation.State.OVER:
        raise TooLate
    found.acknowledged_at, found.acknowledged_by = now, person
    found.disposition = disposition
    if disposition == PASSED_UP:
        found.state, found.next_at = Escalation.State.CALLING, now
        told = Notice.objects.filter(escalation=found, person=person)
    else:
        found.state = Escalation.State.ACKNOWLEDGED
        found.next_at = now + datetime.timedelta(seconds=found.act_within)
        told = Notice.objects.filter(escalation=found)
    found.save(
        update_fields=["state", "next_at", "acknowledged_at", "acknowledged_by", "disposition"]
    )
    reaching.drop(told.values_list("pk", flat=True))
    return found


def opened(notice: Notice, now: datetime.datetime | None = None) -> None:
    """Somebody looked at it, which changes nothing else."""
    now = now or timezone.now()
    Notice.objects.filter(pk=notice.pk, opened_at=None).update(opened_at=now)


def read(person: Staff, ids: list[int] | None = None, now: datetime.datetime | None = None) -> int:
    """Mark these notices as read, or all; how many were not yet."""
    unread = Notice.objects.filter(person=person, read_at=None)
    if ids is not None:
        unread = unread.filter(pk__in=ids)
    # What is being called for stays until it is answered.
    unread = unread.exclude(Q(escalation__state=Escalation.State.CALLING) & Q(acknowledged_at=None))
    return unread.update(read_at=now or timezone.now())
