"""The job that sends one message to a customer; it carries its number alone."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from shouwen.notices import outgoing
from shouwen.notices.customers import sending
from shouwen.notices.customers.kept import CustomerMessage

_RETRY = RetryStrategy(
    max_attempts=outgoing.MOST_ATTEMPTS,
    exponential_wait=outgoing.BACK_OFF,
    retry_exceptions={outgoing.Again},
)


@app.task(retry=_RETRY)
def send_to_customer(message: int) -> None:
    """Send it; a failure that may pass is tried again, later each time."""
    try:
        sending.send(message)
    finally:
        connections.close_all()


def defer(messages: Sequence[CustomerMessage]) -> None:
    """Queue these, each for its time, in the caller's transaction."""
    for message in messages:
        send_to_customer.configure(schedule_at=message.send_at).defer(message=message.pk)
