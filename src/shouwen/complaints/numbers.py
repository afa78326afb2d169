"""Complaint numbers: readable, per project and local day, never given twice.

They are reserved outside the step's transaction and in blocks, so that no two steps wait for one
counter row. A quiet centre reserves one at a time and so counts 001, 002, 003; under load a block
doubles each time, up to `LARGEST_BLOCK`. Numbers of a block left over at the end are never used.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import connection

from shouwen.complaints.models import NumberBlock
from shouwen.organization.models import Project
from shouwen.records import isolation

LARGEST_BLOCK = 100
# Seconds between two reservations under which the second takes a larger block.
HURRIED = 1.0

_RESERVE = f"""
    INSERT INTO {NumberBlock._meta.db_table} (project_id, day, next) VALUES (%s, %s, 1 + %s)
    ON CONFLICT (project_id, day) DO UPDATE
        SET next = {NumberBlock._meta.db_table}.next + %s
    RETURNING next
"""
# In the order of days, so that two imports do not wait for each other crosswise.
_RESERVE_EACH = f"""
    INSERT INTO {NumberBlock._meta.db_table} (project_id, day, next)
    SELECT %s, day, 1 + wanted FROM unnest(%s::date[], %s::integer[]) AS asked (day, wanted)
    ORDER BY day
    ON CONFLICT (project_id, day) DO UPDATE
        SET next = {NumberBlock._meta.db_table}.next + EXCLUDED.next - 1
    RETURNING day, next
"""


@dataclass
class _Block:
    next: int = 1
    end: int = 1
    size: int = 1
    reserved_at: float = 0.0


_blocks: dict[tuple[str, int, date], _Block] = {}
_lock = threading.Lock()


def reserve(project: Project, day: date) -> str:
    """The next number of the project for a local day, such as `JX-20261123-014`.

    It commits by itself, so that a step that is rolled back gives no number to another: call it
    before the step's transaction begins; a person's transaction may surround it.
    """
    database = str(connection.settings_dict["NAME"])
    with _lock:
        for key in [key for key in _blocks if key[2] < day and key[:2] == (database, project.pk)]:
            del _blocks[key]
        block = _blocks.setdefault((database, project.pk, day), _Block())
        if block.next >= block.end:
            _refill(block, project, day)
        serial = block.next
        block.next += 1
    return _written(project, day, serial)


def _refill(block: _Block, project: Project, day: date) -> None:
    hurried = time.monotonic() - block.reserved_at < HURRIED
    block.size = min(block.size * 2, LARGEST_BLOCK) if hurried else 1
    with isolation.apart() as cursor:
        cursor.execute(_RESERVE, [project.pk, day, block.size, block.size])
        row = cursor.fetchone()
    block.end = row[0]
    block.next = block.end - block.size
    block.reserved_at = time.monotonic()


def reserve_each(project: Project, wanted: Mapping[date, int]) -> dict[date, Iterator[str]]:
    """So many numbers for each of these local days, in one statement (for history brought in).

    Like `reserve` it is called before the transaction that uses them.
    """
    days = sorted(wanted)
    with isolation.apart() as cursor:
        cursor.execute(_RESERVE_EACH, [project.pk, days, [wanted[day] for day in days]])
        ends = dict(cursor.fetchall())
    return {day: _serials(project, day, ends[day] - wanted[day], ends[day]) for day in days}


def _serials(project: Project, day: date, first: int, end: int) -> Iterator[str]:
    return (_written(project, day, serial) for serial in range(first, end))


def _written(project: Project, day: date, serial: int) -> str:
    return f"{project.code}-{day:%Y%m%d}-{serial:03d}"


def forget() -> None:
    """Drop the blocks reserved by this process, as a restart would."""
    with _lock:
        _blocks.clear()
