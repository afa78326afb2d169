"""Followers of the ledger (design, idea 6): rooms further down read on from where they stood.

A follower's position and what it does about the entries are written in one transaction, so nothing is
lost or done twice when it is killed. One process at a time holds a follower: by the lock of its row.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from shouwen.records.models import Entry, Follower

#: Entries that one transaction takes at most: none of ours writes for longer than some seconds.
BATCH = 500
#: With something to read, a position that stands still for longer is shown and alarmed.
STANDSTILL = datetime.timedelta(seconds=10)

#: What a follower does about new entries, inside the transaction that moves its position.
Handle = Callable[[Sequence[Entry]], object]

# Numbers of transactions are given in another order than they commit. Whatever lies below the oldest
# one still open is committed or gone for good, so nothing can appear behind the position any more.
_READY = "transaction < pg_snapshot_xmin(pg_current_snapshot())"
_BEGIN = """
INSERT INTO records_follower (name, transaction, entry_id, moved_at)
VALUES (%s, pg_snapshot_xmin(pg_current_snapshot()), 0, %s) ON CONFLICT (name) DO NOTHING
"""
_WAITING = f"""
SELECT EXISTS (
    SELECT 1 FROM records_entry entry
    WHERE (entry.transaction, entry.id) > (follower.transaction, follower.entry_id)
    AND entry.{_READY})
FROM records_follower follower WHERE name = %s
"""
_HOLD = """
SELECT transaction::text, entry_id FROM records_follower WHERE name = %s FOR UPDATE SKIP LOCKED
"""
_STANDING = """
SELECT follower.name, follower.moved_at, oldest.recorded_at
FROM records_follower follower CROSS JOIN LATERAL (
    SELECT recorded_at FROM records_entry entry
    WHERE (entry.transaction, entry.id) > (follower.transaction, follower.entry_id)
    ORDER BY entry.transaction, entry.id LIMIT 1) oldest
WHERE follower.moved_at < %s AND oldest.recorded_at < %s
ORDER BY follower.name
"""


@dataclass(frozen=True)
class Standing:
    """A follower that stands still: since when, with something recorded at `waiting_since` unread."""

    name: str
    moved_at: datetime.datetime
    waiting_since: datetime.datetime


def begin(name: str, now: datetime.datetime | None = None) -> None:
    """A follower comes into being at the end of the ledger; nothing where it is there already."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [name, now or timezone.now()])


def waiting(name: str) -> bool:
    """Whether there is something to read: one cheap question, without a lock or a transaction number."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [name])
        row = cursor.fetchone()
    return bool(row and row[0])


def advance(name: str, handle: Handle, *, limit: int = BATCH) -> int:
    """Hand the next entries to `handle` and move the position past them, in one transaction.

    Returns how many there were; 0 also where another process has the follower. Where `handle` raises,
    position and work are as before.
    """
    if not waiting(name):
        return 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [name])
            held = cursor.fetchone()
        if held is None:
            return 0
        entries = _after(int(held[0]), held[1], limit)
        if entries:
            handle(entries)
            last = entries[-1]
            Follower.objects.filter(name=name).update(
                transaction=last.transaction, entry_id=last.pk, moved_at=timezone.now()
            )
    return len(entries)


def _after(number: int, entry_id: int, limit: int) -> list[Entry]:
    return list(
        Entry.objects.extra(
            where=[
                "(transaction, id) > (%s::xid8, %s)",
                _READY,
            ],
            params=[str(number), entry_id],
        ).order_by("transaction", "pk")[:limit]
    )


def standing(now: datetime.datetime | None = None) -> list[Standing]:
    """The followers that stand still though there is something to read; one query.

    Also where a transaction left open somewhere in the database cluster holds them back.
    """
    before = (now or timezone.now()) - STANDSTILL
    with connection.cursor() as cursor:
        cursor.execute(_STANDING, [before, before])
        return [Standing(*row) for row in cursor.fetchall()]
