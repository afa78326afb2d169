"""The timekeeper's loop in a worker process."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import psycopg
from django.db import DatabaseError, InterfaceError, connection, connections
from django.utils import timezone

from shouwen.clocks import heartbeat, timekeeper, upkeep
from shouwen.clocks.waking import CHANNEL, LONGEST_SLEEP

logger = logging.getLogger(__name__)

#: What is due but held by somebody else is looked at again after this.
SOON = timedelta(milliseconds=50)
#: Seconds between looks at what is not urgent: clocks that a new calendar moves.
UPKEEP = 15.0
#: Seconds between glances at whether to stop.
GLANCE = 0.2
#: Seconds before a lost database is tried again.
BACK_OFF = 1.0

_LOST = (DatabaseError, InterfaceError, psycopg.Error)


def run(stop: threading.Event, name: str | None = None) -> None:
    """Keep the clocks until `stop` is set: fire what is due, wait for what comes next.

    Goes on when the database comes back after it was lost. `name` tells this timekeeper from others
    (default: machine and process).
    """
    name = name or f"{socket.gethostname()}-{os.getpid()}"
    while not stop.is_set():
        try:
            with _listening() as listener:
                _keep(stop, name, listener)
        except _LOST as error:
            if stop.is_set():
                break
            logger.warning(
                "The timekeeper lost the database (%s) and tries again", type(error).__name__
            )
            connections.close_all()
            stop.wait(BACK_OFF)
    with suppress(*_LOST):
        heartbeat.end(name)
    connections.close_all()


def _keep(stop: threading.Event, name: str, listener: psycopg.Connection) -> None:
    last = timezone.now()
    heartbeat.begin(name, last)
    next_upkeep = time.monotonic()
    while not stop.is_set():
        now = timezone.now()
        if now - last > heartbeat.TOLERANCE:
            # This process, or its machine, stood still.
            heartbeat.begin(name, now)
        fired = timekeeper.tick()
        if time.monotonic() >= next_upkeep and not upkeep.follow_calendar():
            next_upkeep = time.monotonic() + UPKEEP
        last = timezone.now()
        next_look = last if fired else _next_look(last)
        heartbeat.beat(name, last, next_look)
        if not fired:
            _sleep(listener, next_look, stop)


def _next_look(now: datetime) -> datetime:
    due = heartbeat.earliest_due()
    if due is None:
        return now + LONGEST_SLEEP
    return min(max(due, now + SOON), now + LONGEST_SLEEP)


def _sleep(listener: psycopg.Connection, until: datetime, stop: threading.Event) -> None:
    """Wait until then, until a step says that something is due earlier, or until `stop` is set."""
    while not stop.is_set():
        left = (until - timezone.now()).total_seconds()
        if left <= 0 or list(listener.notifies(timeout=min(left, GLANCE), stop_after=1)):
            return


@contextmanager
def _listening() -> Iterator[psycopg.Connection]:
    params = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        params.pop(name, None)
    with psycopg.connect(**params, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        yield listener
