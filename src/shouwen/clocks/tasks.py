"""What a worker does of itself, as periodic jobs; several workers share them."""

from __future__ import annotations

from django.db import connections
from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from shouwen.clocks import calendars
from shouwen.records import attachments, retention, seals

# Cron times are in UTC: just after midnight in Shanghai, and an hour later.
_AFTER_MIDNIGHT = "5 16 * * *"
_AN_HOUR_LATER = "5 17 * * *"


@app.periodic(cron=_AFTER_MIDNIGHT)
@app.task(queueing_lock="seal_the_day", lock="seal_the_day")
def seal_the_day(timestamp: int) -> None:
    """Seal every head of the ledger that changed since the last seal."""
    try:
        seals.seal(timezone.now())
    finally:
        connections.close_all()


@app.periodic(cron=_AN_HOUR_LATER)
@app.task(queueing_lock="learn_the_days", lock="learn_the_days")
def learn_the_days(timestamp: int) -> None:
    """Learn the holidays of the installed library, where an update brought others."""
    try:
        calendars.follow_library()
    finally:
        connections.close_all()


@app.periodic(cron=_AN_HOUR_LATER)
@app.task(queueing_lock="sweep_attachments", lock="sweep_attachments")
def sweep_attachments(timestamp: int) -> None:
    """Remove files that nobody can reach: broken-off uploads, rolled back or erased rows."""
    try:
        attachments.sweep()
    finally:
        connections.close_all()


@app.periodic(cron=_AN_HOUR_LATER)
@app.task(queueing_lock="encipher_old_attachments", lock="encipher_old_attachments")
def encipher_old_attachments(timestamp: int) -> None:
    """Encrypt what earlier versions stored in clear; after the first night there is none."""
    try:
        attachments.encipher_old()
    finally:
        connections.close_all()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_again", pass_context=True)
async def take_up_again(context: JobContext, timestamp: int) -> None:
    """Give back to the queue what workers were at when they were killed: none is ever lost.

    Without a lock of its own, which a killed worker would keep for ever.
    """
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        await manager.retry_job(job)


# Well after the day was sealed: what goes stands in a seal once more as it was.
@app.periodic(cron="35 18 * * *")
@app.task(queueing_lock="apply_retention", lock="apply_retention")
def apply_retention(timestamp: int) -> None:
    """Remove what is older than its period, kind by kind."""
    try:
        retention.apply()
    finally:
        connections.close_all()
