"""Messages to customers by themselves follow the ledger: each at most once a matter, where switched on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.utils import timezone

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import Channel
from shouwen.notices.customers import keeping
from shouwen.notices.customers.kept import CustomerMessage, CustomerTelling
from shouwen.notices.following import TOO_OLD
from shouwen.records import followers
from shouwen.records.models import Entry

NAME = "customers"
#: Entries and the occasion they are; a new date only once the desk has agreed to it [R4].
OCCASIONS = {
    "received": "received",
    "extended": "delayed",
    "verified": "result",
    "jointly_verified": "result",
}
#: What can wait is sent by day, in the project's time.
DAY = (datetime.time(8), datetime.time(21))


def begin() -> None:
    """From the end of the ledger on, where it was not followed before."""
    followers.begin(NAME)


def look() -> int:
    """Take the next entries, in one transaction with the messages that come of them."""
    return followers.advance(NAME, lambda entries: take(entries))


def take(entries: Sequence[Entry], now: datetime.datetime | None = None) -> list[CustomerMessage]:
    """Make the messages of these entries and queue them; what was made already is not made again."""
    from shouwen.notices.customers import tasks

    now = now or timezone.now()
    asked = [
        entry
        for entry in entries
        if entry.subject_type == SUBJECT
        and entry.kind in OCCASIONS
        and now - entry.recorded_at <= TOO_OLD
    ]
    if not asked:
        return []
    complaints = Complaint.objects.select_related("project").in_bulk(
        {entry.subject_id for entry in asked}
    )
    kept = CustomerTelling.objects.in_bulk({each.project_id for each in complaints.values()})
    made = []
    for entry in asked:
        complaint, what = complaints.get(entry.subject_id), OCCASIONS[entry.kind]
        telling = kept.get(complaint.project_id) if complaint else None
        if complaint is None or telling is None or complaint.imported:
            continue
        if not getattr(telling, what) or complaint.confidential:
            continue
        # Whoever wrote by e-mail has the receipt in their thread already.
        if what == "received" and complaint.channel == Channel.EMAIL and entry.actor_id is None:
            continue
        own = keeping.own(complaint.project_id, what, telling.language)
        message, new = CustomerMessage.objects.get_or_create(
            complaint=complaint,
            matter=what if what == "received" else f"{what}:{entry.number}",
            defaults={
                "occasion": what,
                "language": telling.language,
                "template": own,
                "entry_number": entry.number,
                "send_at": by_day(now, ZoneInfo(complaint.project.timezone))
                if what != "received"
                else now,
            },
        )
        if new:
            made.append(message)
    tasks.defer(made)
    return made


def by_day(at: datetime.datetime, zone: ZoneInfo) -> datetime.datetime:
    """The moment itself by day, else the next morning's first."""
    local = at.astimezone(zone)
    if local.time() < DAY[0]:
        return datetime.datetime.combine(local.date(), DAY[0], zone)
    if local.time() >= DAY[1]:
        tomorrow = local.date() + datetime.timedelta(days=1)
        return datetime.datetime.combine(tomorrow, DAY[0], zone)
    return at
