"""What a worker runs beside the timekeeper and the queue: loops that rooms further down register."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import connections

logger = logging.getLogger(__name__)

#: Runs until the event is set; the text tells this worker from others.
Loop = Callable[[threading.Event, str], None]

#: Seconds before a loop that ended by an error is begun again.
BACK_OFF = 1.0

_LOOPS: dict[str, Loop] = {}


def register(name: str, loop: Loop) -> None:
    """Have every worker run this; registering a name again replaces what was said before."""
    _LOOPS[name] = loop


def start(stop: threading.Event, worker: str) -> list[threading.Thread]:
    """Run each registered loop in a thread of its own until `stop` is set."""
    threads = [
        threading.Thread(target=_keep, args=(name, stop, worker), name=name, daemon=True)
        for name in _LOOPS
    ]
    for thread in threads:
        thread.start()
    return threads


def _keep(name: str, stop: threading.Event, worker: str) -> None:
    while not stop.is_set():
        try:
            _LOOPS[name](stop, worker)
        except Exception as error:
            # Whatever ends one loop, the clocks and the other loops of the process go on.
            logger.warning("The loop %s stopped (%s) and starts again", name, type(error).__name__)
            stop.wait(BACK_OFF)
        finally:
            connections.close_all()
