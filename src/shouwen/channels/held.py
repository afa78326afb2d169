"""What the portal held back to be looked at: too much from one place at once, or a machine's work.

Somebody of the front desk lets it in (it then counts from when it arrived) or discards it with a
reason. What means danger never comes here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shouwen.channels.adding import take_over
from shouwen.channels.arriving import arrive
from shouwen.channels.models import HeldArrival
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.organization.customers import telephone_indexes
from shouwen.organization.models import Customer, Project, Staff
from shouwen.organization.personal import CUSTOMER
from shouwen.records import attachments, audit
from shouwen.records.models import Attachment

SUBJECT = "held_arrival"
KEPT_DAYS = 30
#: Nobody fills the disk with what nobody has looked at; of a machine's none are kept.
MOST_PHOTOGRAPHS = 3


class Decided(Exception):
    """Somebody has let it in, or discarded it, meanwhile."""


def hold(
    project: Project, matter: Mapping[str, Any], *, key: str, why: str, now: datetime | None = None
) -> HeldArrival:
    """Keep what somebody sent until it is looked at; the same key once more gives the same row."""
    held, _made = HeldArrival.objects.get_or_create(
        key=key,
        project=project,
        defaults={
            "why": why,
            "payload": json.dumps(dict(matter), ensure_ascii=False),
            "telephone_index": telephone_indexes(str(matter.get("telephone", "")))[0],
            "arrived_at": now or timezone.now(),
        },
    )
    return held


def matter_of(held: HeldArrival) -> dict[str, Any]:
    """What was sent, as `arrive` is told; empty once it has been decided or erased."""
    return dict(json.loads(held.payload)) if held.payload else {}


def release(held: HeldArrival, *, by: Staff) -> Complaint:
    """Let it in: a complaint that arrived when it did, with its photographs [R2].

    Raises Decided where that was done before, or a `Refused` or `NobodyAnswers` as `arrive`.
    """
    with transaction.atomic():
        row = _open(held)
        matter = matter_of(row)
        complaint = arrive(
            row.project, matter, channel=Channel.WEB, key=row.key, arrived_at=row.arrived_at
        ).complaint
        _decide(row, HeldArrival.State.RELEASED, by, complaint=complaint)
    take_over(SUBJECT, held.pk, complaint, key=row.key)
    return complaint


def discard(held: HeldArrival, *, by: Staff, reason: str) -> None:
    """Do not let it in; what was sent and its photographs go at once, the reason stays.

    Raises Decided, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a reason is needed")
    with transaction.atomic():
        row = _open(held)
        _decide(row, HeldArrival.State.DISCARDED, by, reason=reason.strip()[:200])
        attachments.erase(SUBJECT, row.pk, None)


def _open(held: HeldArrival) -> HeldArrival:
    row = (
        HeldArrival.objects.select_for_update(of=("self",))
        .select_related("project")
        .get(pk=held.pk)
    )
    if row.state != HeldArrival.State.WAITING:
        raise Decided
    return row


def _decide(row: HeldArrival, state: str, by: Staff, **said: Any) -> None:
    for name, value in said.items():
        setattr(row, name, value)
    row.state, row.decided_by, row.decided_at = state, by, timezone.now()
    row.payload = row.telephone_index = ""
    row.save()
    audit.note(
        "arrival_released" if state == HeldArrival.State.RELEASED else "arrival_discarded",
        actor_id=by.pk,
        subject_type=SUBJECT,
        subject_id=row.pk,
        project_id=row.project_id,
    )


# -- how long it is kept, and whose it is


def old(cutoff: datetime) -> QuerySet[HeldArrival]:
    """What arrived before that moment, decided or not."""
    return HeldArrival.objects.filter(arrived_at__lt=cutoff)


def forget(cutoff: datetime) -> int:
    """Remove what is over its period with its photographs; how many there were."""
    number = 0
    for row in old(cutoff):
        with transaction.atomic():
            attachments.erase(SUBJECT, row.pk, None)
            row.delete()
        number += 1
    return number


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """What waits and was sent from a customer's number [PIPL art. 45]."""
    if subject_type != CUSTOMER:
        return {}
    told: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for customer_id, rows in _theirs(subject_ids).items():
        for row in rows:
            said = {name: text for name, text in matter_of(row).items() if isinstance(text, str)}
            told[customer_id].append(said | {"received_at": row.arrived_at.isoformat()})
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Erase what waits and was sent from the customer's number, all of it [PIPL art. 47]."""
    if subject_type != CUSTOMER:
        return 0
    rows = _theirs([subject_id]).get(subject_id, [])
    for row in rows:
        attachments.erase(SUBJECT, row.pk, None)
        row.delete()
    return len(rows)


def _theirs(customer_ids: Collection[int]) -> dict[int, list[HeldArrival]]:
    customers = Customer.objects.filter(pk__in=customer_ids).exclude(telephone_index="")
    known = list(customers.values_list("pk", "project_id", "telephone_index"))
    rows = list(HeldArrival.objects.filter(telephone_index__in=[index for _, _, index in known]))
    return {
        pk: [row for row in rows if (row.project_id, row.telephone_index) == (project_id, index)]
        for pk, project_id, index in known
    }


def photographs(held: HeldArrival) -> QuerySet[Attachment]:
    """Its photographs that are still there."""
    return Attachment.objects.filter(subject_type=SUBJECT, subject_id=held.pk, erased_at=None)
