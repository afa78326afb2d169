"""The webhooks' loop in a worker process: following the ledger."""

from __future__ import annotations

import threading

from shouwen.api.webhooks import following

#: Seconds between looks at the ledger.
LOOK = 0.5


def run(stop: threading.Event, worker: str) -> None:
    """Until `stop` is set; several workers share it, one at a time has the position."""
    following.begin()
    while not stop.is_set():
        if not following.look():
            stop.wait(LOOK)
