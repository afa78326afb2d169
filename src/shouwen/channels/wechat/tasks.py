"""The job that fetches what came with a message; it carries the message's number alone."""

from __future__ import annotations

from django.db import connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app

from shouwen.channels.wechat import fetching

_RETRY = RetryStrategy(
    max_attempts=fetching.MOST_ATTEMPTS, exponential_wait=5, retry_exceptions={fetching.Again}
)


@app.task(pass_context=True, retry=_RETRY)
def fetch_wechat_media(context: JobContext, *, message: int) -> None:
    """Fetch it; a failure that may pass is tried again, later each time."""
    try:
        fetching.fetch(message, last=context.job.attempts >= fetching.MOST_ATTEMPTS - 1)
    finally:
        connections.close_all()


def defer(message_id: int) -> None:
    """Queue it, in the caller's transaction."""
    fetch_wechat_media.defer(message=message_id)
