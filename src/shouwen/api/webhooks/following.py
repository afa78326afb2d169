"""The webhooks' follower of the ledger: each entry becomes a message to whoever subscribed to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from shouwen.api.models import Message, Subscription
from shouwen.api.webhooks import delivering, events
from shouwen.records import followers
from shouwen.records.models import Entry

NAME = "webhooks"


def begin() -> None:
    """From the end of the ledger on, where it was not followed before."""
    followers.begin(NAME)


def look() -> int:
    """Take the next entries; how many there were."""
    return followers.advance(NAME, handle)


def handle(entries: Sequence[Entry]) -> None:
    """Write the messages, in the transaction that moves the position, and have them sent."""
    active = Subscription.objects.filter(is_active=True, owner__is_active=True)
    for subscription in active.select_related("owner"):
        if write(subscription, entries):
            delivering.begin(subscription)


def write(
    subscription: Subscription, entries: Sequence[Entry], *, replayed: bool = False
) -> list[Message]:
    """The messages about those of the entries that the subscription is for."""
    told = events.told(
        entries,
        subscription.owner,
        project_id=subscription.project_id,
        only=subscription.kinds,
    )
    return Message.objects.bulk_create(_messages(subscription, told, replayed))


def _messages(
    subscription: Subscription, told: Iterable[tuple[Entry, dict[str, Any]]], replayed: bool
) -> list[Message]:
    now = timezone.now()
    return [
        Message(
            subscription=subscription,
            transaction=entry.transaction,
            entry_id=entry.pk,
            body=body,
            replayed=replayed,
            next_at=now,
            made_at=now,
        )
        for entry, body in told
    ]
