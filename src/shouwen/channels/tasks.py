"""Jobs of the ways in: going through an uploaded file, and removing files that had their day."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.channels import bringing, call_records, hotline_replies
from shouwen.channels.mail import raw

_BROKEN_OFF = RetryStrategy(wait=2, retry_exceptions=(JobAborted, OperationalError, InterfaceError))


@app.task(name=bringing.TASK, pass_context=True, retry=_BROKEN_OFF)
def carry_out(context: JobContext, *, run: str) -> None:
    """Go through a file; taken up again by another worker where one stops or is killed."""
    try:
        bringing.carry_out(run, attempt=context.job.attempts, stopping=context.should_abort)
    finally:
        connections.close_all()


@app.task(name=hotline_replies.TASK, retry=_BROKEN_OFF)
def send_hotline_reply(*, reply: str) -> None:
    """Send one reply to an outside hotline."""
    try:
        hotline_replies.deliver(reply)
    finally:
        connections.close_all()


@app.periodic(cron="25 17 * * *")
@app.task(queueing_lock="sweep_imports")
def sweep_imports(timestamp: int) -> None:
    """Remove files that nobody has used for seven days."""
    try:
        bringing.sweep()
    finally:
        connections.close_all()


@app.periodic(cron="35 * * * *")
@app.task(queueing_lock="sweep_call_events")
def sweep_call_events(timestamp: int) -> None:
    """Forget the ids of events of telephone lines that can no longer come again."""
    try:
        call_records.sweep()
    finally:
        connections.close_all()


@app.periodic(cron="35 17 * * *")
@app.task(queueing_lock="sweep_mail")
def sweep_mail(timestamp: int) -> None:
    """Remove raw messages that no row knows."""
    try:
        raw.sweep()
    finally:
        connections.close_all()
