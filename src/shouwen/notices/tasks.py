"""The jobs of this room: sending one message, and clearing away what has had its day."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.types import JSONValue

from shouwen.notices import outgoing
from shouwen.notices.customers import tasks as customers

__all__ = ["customers"]  # a worker knows the tasks of this module, and through it those

_RETRY = RetryStrategy(
    max_attempts=outgoing.MOST_ATTEMPTS,
    exponential_wait=outgoing.BACK_OFF,
    retry_exceptions={outgoing.Again},
)


@app.task(retry=_RETRY)
def send_message(envelope: int) -> None:
    """Send one message; a failure that may pass is tried again, later each time."""
    try:
        outgoing.send(envelope)
    finally:
        connections.close_all()


def defer(envelopes: Sequence[int]) -> None:
    """Queue these messages, in one statement, in the caller's transaction."""
    if envelopes:
        jobs: list[dict[str, JSONValue]] = [{"envelope": pk} for pk in envelopes]
        send_message.batch_defer(*jobs)
