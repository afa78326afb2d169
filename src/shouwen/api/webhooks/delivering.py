"""Sending what waits, in the order of the ledger; what is not taken is tried again, later and later.

A message is sent at least once: whoever was told of it but killed before writing so down sends it again
under the same id. One that is in the way holds back those behind it until it is given up.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from procrastinate.contrib.django import app

from shouwen.api.models import Message, Subscription
from shouwen.api.webhooks import sending, signing

TASK = "shouwen.api.tasks.deliver_webhooks"

#: How long after each failure the next try comes; after the last it is given up: within three days.
PAUSES = [
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
]
KEPT = timedelta(days=30)
# The queue's clock and ours may differ by a little.
_SLACK = timedelta(seconds=1)


def begin(subscription: Subscription, at: datetime | None = None) -> None:
    """Have the subscription's messages sent, now or then; queued with the caller's transaction."""
    # One at a time, so that the order stays.
    job = app.configure_task(TASK, lock=f"webhook-{subscription.pk}", schedule_at=at)
    job.defer(subscription=str(subscription.pk))


def waiting(subscription: Subscription) -> QuerySet[Message]:
    """What is still to be sent, in the order of the ledger."""
    found = subscription.messages.filter(state=Message.State.WAITING)
    return found.order_by("transaction", "entry_id", "id")


def deliver(subscription_id: str, *, stopping: Callable[[], bool]) -> int:
    """Send what is due; how many were taken."""
    taken = 0
    while not stopping():
        found = Subscription.objects.select_related("owner").filter(pk=subscription_id)
        subscription = found.filter(is_active=True, owner__is_active=True).first()
        message = waiting(subscription).first() if subscription else None
        if subscription is None or message is None:
            break
        if message.next_at > timezone.now() + _SLACK:
            break  # whoever failed has asked for the next try
        answer = post(subscription, message)
        if not note(subscription, message, answer):
            break
        taken += answer.taken
    return taken


def post(subscription: Subscription, message: Message) -> sending.Answer:
    """Send one message once."""
    body = json.dumps(message.body, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(timezone.now().timestamp())
    name = str(message.pk)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Shouwen-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.sign(subscription.secret, name, timestamp, body),
    }
    return sending.send(subscription.url, body, headers)


def note(subscription: Subscription, message: Message, answer: sending.Answer) -> bool:
    """Write down what came of it; whether to go on with the next message."""
    now = timezone.now()
    message.attempts += 1
    message.answer = answer.said
    if answer.taken:
        message.state, message.delivered_at = Message.State.DELIVERED, now
    elif message.attempts > len(PAUSES):
        message.state = Message.State.GIVEN_UP
    else:
        message.next_at = now + PAUSES[message.attempts - 1]
    with transaction.atomic():
        message.save(update_fields=["attempts", "answer", "state", "delivered_at", "next_at"])
        if message.state == Message.State.WAITING:
            begin(subscription, message.next_at)
    return message.state != Message.State.WAITING


def sweep() -> int:
    """Remove messages of more than 30 days ago; how many there were."""
    old = Message.objects.filter(made_at__lt=timezone.now() - KEPT)
    return old.exclude(state=Message.State.WAITING).delete()[0]
