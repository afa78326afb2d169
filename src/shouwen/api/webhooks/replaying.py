"""Replaying: what the ledger holds behind a position is sent once more, as if it happened now."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from procrastinate.contrib.django import app

from shouwen.api.models import Subscription
from shouwen.api.webhooks import delivering, events, following
from shouwen.api.webhooks.events import Position

TASK = "shouwen.api.tasks.replay_webhooks"
BATCH = 200


def begin(subscription: Subscription, position: Position) -> None:
    """Have everything between the position and now sent again, by a job."""
    subscription.replay_after = str(position)
    subscription.replay_until = str(events.newest())
    subscription.save(update_fields=["replay_after", "replay_until"])
    job = app.configure_task(TASK, lock=f"webhook-replay-{subscription.pk}")
    job.defer(subscription=str(subscription.pk))


def replay(subscription_id: str, *, stopping: Callable[[], bool]) -> int:
    """Write the messages, share by share; how far it is stands in the subscription's row.

    Each share is one transaction, so a killed worker's replay goes on where it was.
    """
    written = 0
    while not stopping():
        with transaction.atomic():
            found = Subscription.objects.select_for_update(of=("self",)).select_related("owner")
            subscription = found.filter(pk=subscription_id, owner__is_active=True).first()
            since = Position.read(subscription.replay_after) if subscription else None
            until = Position.read(subscription.replay_until) if subscription else None
            if subscription is None or since is None or until is None:
                return written
            entries = events.after(since, BATCH)
            within = [each for each in entries if Position.of(each) <= until]
            if within:
                messages = following.write(subscription, within, replayed=True)
                written += len(messages)
                if messages:
                    delivering.begin(subscription)
            ended = len(within) < BATCH
            subscription.replay_after = "" if ended else str(Position.of(within[-1]))
            subscription.replay_until = "" if ended else str(until)
            subscription.save(update_fields=["replay_after", "replay_until"])
        if ended:
            break
    return written
