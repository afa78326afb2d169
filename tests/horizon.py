"""Waiting until what was written can be followed: a transaction that is open holds every follower back.

A page that was left, a worker that is being stopped: for a moment they still have one.
"""

from __future__ import annotations

import time

from django.db import connection

_OPEN = """
SELECT coalesce(max(transaction), '0'::xid8) >= pg_snapshot_xmin(pg_current_snapshot())
FROM records_entry
"""


def reached(seconds: float = 180) -> None:
    """Wait until every entry lies below the oldest transaction that is still open."""
    until = time.monotonic() + seconds
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_OPEN)
            row = cursor.fetchone()
        if not (row and row[0]):
            return
        assert time.monotonic() < until, "another transaction stayed open"
        time.sleep(0.05)
