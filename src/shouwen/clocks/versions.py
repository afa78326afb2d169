"""What versions of regulation and calendar have in common: when they count from, one writer."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.db import connection

#: When the first version of anything counts from: before whatever a ledger may hold.
ALWAYS = datetime(1900, 1, 1, tzinfo=UTC)
#: A version written later counts from a little later still, when every transaction under way has
#: ended: nobody has then judged by the older one what a rebuild would judge by the newer.
SETTLING = timedelta(seconds=10)

_NEWEST = """
SELECT (SELECT max(id) FROM clocks_storedregulation), (SELECT max(id) FROM clocks_storedcalendar)
"""
_LOCK = 0x53_57_43_01


class Newest(NamedTuple):
    """The ids of the newest versions; None where none is stored. Versions are never changed, so
    these two say which versions there are, and what was read of them holds as long as they do."""

    regulation: int | None
    calendar: int | None


def newest() -> Newest:
    """The newest versions, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        return Newest._make(cursor.fetchone())


def one_writer() -> None:
    """Let nobody else write a version until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def sha256(*parts: str) -> str:
    """The hex digest that marks a version's content."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
