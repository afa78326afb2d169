"""Jobs of the staff pages: writing exports, and removing those that have had their day."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.desk import exporting

_BROKEN_OFF = RetryStrategy(wait=2, retry_exceptions=(JobAborted, OperationalError, InterfaceError))


@app.task(name=exporting.TASK, pass_context=True, retry=_BROKEN_OFF)
def write_export(context: JobContext, *, export: str) -> None:
    """Write the file of an export; taken up again by another worker where one stops or is killed."""
    try:
        exporting.write(export, attempt=context.job.attempts, stopping=context.should_abort)
    finally:
        connections.close_all()


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="sweep_exports")
def sweep_exports(timestamp: int) -> None:
    """Remove files after a day, or when their owner has left, and rows after a year."""
    try:
        exporting.sweep()
    finally:
        connections.close_all()
