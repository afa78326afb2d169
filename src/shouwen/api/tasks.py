"""Jobs of the API: sending webhooks, replaying them, ending what has had its day."""

from __future__ import annotations

from django.db import InterfaceError, OperationalError, connections
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import JobAborted

from shouwen.api import keys
from shouwen.api.telephony import dialling
from shouwen.api.webhooks import delivering, replaying
from shouwen.channels.dialling import TASK as DIAL

_BROKEN_OFF = RetryStrategy(wait=2, retry_exceptions=(JobAborted, OperationalError, InterfaceError))


@app.task(name=delivering.TASK, pass_context=True, retry=_BROKEN_OFF)
def deliver_webhooks(context: JobContext, *, subscription: str) -> None:
    """Send what waits for one subscription; taken up again where a worker stops or is killed."""
    try:
        delivering.deliver(subscription, stopping=context.should_abort)
        if context.should_abort():
            raise JobAborted
    finally:
        connections.close_all()


@app.task(name=replaying.TASK, pass_context=True, retry=_BROKEN_OFF)
def replay_webhooks(context: JobContext, *, subscription: str) -> None:
    """Write the messages of a replay; goes on where a killed worker was."""
    try:
        replaying.replay(subscription, stopping=context.should_abort)
        if context.should_abort():
            raise JobAborted
    finally:
        connections.close_all()


@app.task(name=DIAL)
def dial(*, call: int) -> None:
    """Ask a switchboard to dial; not again where a worker was killed: nobody waits for it any more."""
    try:
        dialling.dial(call)
    finally:
        connections.close_all()


@app.periodic(cron="45 * * * *")
@app.task(queueing_lock="sweep_webhooks")
def sweep_webhooks(timestamp: int) -> None:
    """Remove old messages; end the keys of those who have left."""
    try:
        delivering.sweep()
        keys.end_those_of_leavers()
    finally:
        connections.close_all()
