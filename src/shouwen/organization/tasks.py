"""Jobs of the organization: going through an uploaded workbook, and removing old ones."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.organization import bringing_in

_BROKEN_OFF = RetryStrategy(wait=2, retry_exceptions=(JobAborted, OperationalError, InterfaceError))


@app.task(name=bringing_in.TASK, pass_context=True, retry=_BROKEN_OFF)
def bring_in(context: JobContext, *, upload: str) -> None:
    """Try a workbook or bring it in; taken up again by another worker where one stops."""
    try:
        bringing_in.go_on(upload, attempt=context.job.attempts, stopping=context.should_abort)
    finally:
        connections.close_all()


@app.periodic(cron="40 18 * * *")
@app.task(queueing_lock="sweep_uploads")
def sweep_uploads(timestamp: int) -> None:
    """Remove workbooks after seven days."""
    try:
        bringing_in.sweep()
    finally:
        connections.close_all()
