"""The room's loop in a worker process: follow the ledger, call who must be called, send what is due."""

from __future__ import annotations

import threading

from django.utils import timezone

from shouwen.notices import following

#: Seconds between looks at the ledger and at what is due.
LOOK = 0.2


def run(stop: threading.Event, worker: str) -> None:
    """Until `stop` is set; what a look finds is done before the next."""
    following.begin()
    while not stop.is_set():
        if not following.look(timezone.now()):
            stop.wait(LOOK)
