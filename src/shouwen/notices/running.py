"""The room's loop in a worker process: follow the ledger, call who must be called, send what is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import DatabaseError, InterfaceError, connections, transaction
from django.utils import timezone

from shouwen.notices import escalating, following, outgoing, tasks
from shouwen.notices.customers import following as customers

logger = logging.getLogger(__name__)

#: Seconds between looks at the ledger and at what is due.
LOOK = 0.2
#: Seconds before a lost database, or something that fails every time, is tried again.
BACK_OFF = 1.0

_LOST = (DatabaseError, InterfaceError, psycopg.Error)


def run(stop: threading.Event, worker: str) -> None:
    """Until `stop` is set; what a look finds is done before the next. Several may run at once."""
    while not stop.is_set():
        try:
            following.begin()
            customers.begin()
            while not stop.is_set():
                if not turn():
                    stop.wait(LOOK)
        except _LOST as error:
            logger.warning("The notices lost the database (%s)", type(error).__name__)
            connections.close_all()
            stop.wait(BACK_OFF)


def turn() -> int:
    """One look at everything; how much there was to do. What fails does not keep the rest waiting."""
    return sum(
        _do(each)
        for each in (escalating.fire, following.look, escalating.fire, send_due, customers.look)
    )


def _do(part: Callable[[], int]) -> int:
    try:
        return part()
    except _LOST:
        raise
    except Exception:
        logger.exception("Part of the notices failed: %s", part.__name__)
        return 0


def send_due() -> int:
    """Queue the messages that are due, in one transaction with their envelopes."""
    with transaction.atomic():
        envelopes = outgoing.collect(timezone.now())
        tasks.defer(envelopes)
    return len(envelopes)
