"""The loop of e-mail in a worker process: look at mailboxes, add files, send receipts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from shouwen.channels.mail import fetching, files, receipts

logger = logging.getLogger(__name__)

#: Seconds between looks at what is due.
LOOK = 1.0
#: Seconds before a lost database, or something that fails every time, is tried again.
BACK_OFF = 2.0

_LOST = (DatabaseError, InterfaceError, psycopg.Error)


def run(stop: threading.Event, worker: str) -> None:
    """Until `stop` is set. Several may run at once: each mailbox is one worker's at a time."""
    while not stop.is_set():
        try:
            while not stop.is_set():
                if not turn(stop.is_set):
                    stop.wait(LOOK)
        except _LOST as error:
            logger.warning("E-mail lost the database (%s)", type(error).__name__)
            connections.close_all()
            stop.wait(BACK_OFF)


def turn(stopping: Callable[[], bool] = lambda: False) -> int:
    """One look at everything; how much there was to do. What fails does not keep the rest waiting."""
    return sum(_do(each) for each in (lambda: _look(stopping), files.add_all, receipts.send_due))


def _look(stopping: Callable[[], bool]) -> int:
    mailbox = fetching.claim(timezone.now())
    return 0 if mailbox is None else fetching.look(mailbox, stopping)


def _do(part: Callable[[], int]) -> int:
    try:
        return part()
    except _LOST:
        raise
    except Exception as error:
        # The error's words may repeat what somebody wrote.
        logger.error("Part of e-mail failed (%s)", type(error).__name__)
        return 0
