"""The timekeeper: writes into the ledger what is due, once, in time.

`tick` fires, `run` is the loop of a worker. However many workers run and whichever is killed, each
firing stands in the ledger exactly once: whoever fires holds the lock of the subject's chain, and
entry and row are written in one transaction.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from shouwen.clocks import (
    calendars,
    firing,
    folding,
    heartbeat,
    projection,
    regulations,
    subjects,
    versions,
)
from shouwen.clocks.models import ClockRow
from shouwen.clocks.subjects import among
from shouwen.records import ledger
from shouwen.records.models import Chain, Entry
from shouwen.regulation.vocabulary import Regulation

logger = logging.getLogger(__name__)

#: Subjects that one transaction takes at most, and the seconds after which it takes no more:
#: a long writing transaction holds back everybody who follows the ledger.
BATCH = 100
LONGEST = 2.0
#: What cannot be fired (a defect) is tried again after this, and holds up nothing else.
PUT_OFF = timedelta(minutes=1)

# Chains held by somebody else are passed over and do not count: another worker has them, or a step
# that is about to change the clock. Read from the index of what is due, so the rest costs nothing.
_PICK = """
SELECT chain.id
FROM clocks_clockrow AS clock
JOIN records_chain AS chain
    ON chain.subject_type = clock.subject_type AND chain.subject_id = clock.subject_id
WHERE clock.next_fire_at <= %s
ORDER BY clock.next_fire_at
LIMIT %s
FOR NO KEY UPDATE OF chain SKIP LOCKED
"""
_NOTE = """
UPDATE clocks_clockrow AS clock
SET fired = clock.fired || string_to_array(new.marks, ' ')::varchar[],
    next_fire_at = new.next_fire_at
FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS new (id, marks, next_fire_at)
WHERE clock.id = new.id
"""


class _Fired(NamedTuple):
    """What a row has to be told: the marks of what was fired, apart by spaces."""

    row_id: int
    marks: str
    next_fire_at: datetime | None


@dataclass(frozen=True)
class _Look:
    """One look at the clocks: when, and what they are judged by."""

    now: datetime
    known: calendars.Known
    versions: dict[int, Regulation]


def tick(now: datetime | None = None, *, limit: int = BATCH) -> int:
    """Fire what is due at `now` (default: now) for up to `limit` clocks' subjects.

    Returns how many entries were written; call again until it is 0. What somebody else holds is
    left for the next tick.
    """
    now = now or timezone.now()
    try:
        return _tick(now, limit, carefully=False)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # Nothing of it was written. Once more, each subject by itself, to find the one at fault.
        return _tick(now, limit, carefully=True)


@transaction.atomic
def _tick(now: datetime, limit: int, *, carefully: bool) -> int:
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(_PICK, [now, limit])
        picked = list(dict.fromkeys(row[0] for row in cursor.fetchall()))
    if not picked:
        return 0
    chains = Chain.objects.in_bulk(picked)
    due = _due(list(chains.values()), now)
    stored = versions.newest()
    look = _Look(now, calendars.all_known(stored), regulations.all_versions(stored))
    written = 0
    fired: list[_Fired] = []
    for chain_id in picked:
        chain = chains[chain_id]
        rows = due[chain.subject_type, chain.subject_id]
        fire = _fire_carefully if carefully else _fire
        count, of_chain = fire(chain, rows, look)
        written += count
        fired += of_chain
        if time.monotonic() - began > LONGEST:
            break
    _note(fired)
    return written


def _due(chains: Sequence[Chain], now: datetime) -> dict[tuple[str, int], list[ClockRow]]:
    """What is due of these subjects, now that nobody else can change it."""
    found: dict[tuple[str, int], list[ClockRow]] = defaultdict(list)
    for row in ClockRow.objects.filter(among(chains), next_fire_at__lte=now):
        found[row.subject_type, row.subject_id].append(row)
    return found


def _fire_carefully(
    chain: Chain, rows: Sequence[ClockRow], look: _Look
) -> tuple[int, list[_Fired]]:
    try:
        with transaction.atomic():
            return _fire(chain, rows, look)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Nothing could be fired for %s %s", chain.subject_type, chain.subject_id)
        put_off = ClockRow.objects.filter(pk__in=[row.pk for row in rows])
        put_off.update(next_fire_at=look.now + PUT_OFF)
        return 0, []


def _fire(chain: Chain, rows: Sequence[ClockRow], look: _Look) -> tuple[int, list[_Fired]]:
    """Write what is due of these rows of one subject; how much, and what to note in the rows."""
    if any(_outdated(row, look) for row in rows):
        # A calendar was learned meanwhile: what is due by the old one may not be by the new.
        _reckon(chain, look.now)
        rows = list(
            ClockRow.objects.filter(pk__in=[row.pk for row in rows], next_fire_at__lte=look.now)
        )
    registered = subjects.of(chain.subject_type)
    drafts: list[tuple[datetime, ledger.Draft]] = []
    fired = []
    for row in rows:
        left = firing.outstanding(
            row,
            look.versions[row.regulation_id].rule(row.rule),
            look.known.by_id(row.calendar_id),
            partial(registered.timezone_of, chain.subject_id),
        )
        now_due = [each for each in left if each.at <= look.now]
        later = [each.at for each in left if each.at > look.now]
        drafts += [(each.at, _draft(row, each, look.now)) for each in now_due]
        marks = [firing.mark(each, row.due_at) for each in now_due]
        fired.append(_Fired(row.pk, " ".join(marks), later[0] if later else None))
    entries = ledger.append_many(
        chain=chain,
        drafts=[draft for _at, draft in sorted(drafts, key=lambda due: due[0])],
        now=look.now,
    )
    if entries:
        if _starts_something(entries, [look.versions[row.regulation_id] for row in rows]):
            _note(fired)
            fired = []
            _reckon(chain, look.now)
        registered.appended(chain.subject_id, entries)
    return len(entries), fired


def _reckon(chain: Chain, now: datetime) -> None:
    changes = projection.project(chain.subject_type, chain.subject_id, now=now)
    subjects.of(chain.subject_type).reckoned(chain.subject_id, changes.next_due)


def _note(fired: Sequence[_Fired]) -> None:
    """Write into the rows what was fired, and when they are next."""
    if fired:
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(column) for column in zip(*fired, strict=True)])


def _outdated(row: ClockRow, look: _Look) -> bool:
    return row.state == ClockRow.State.RUNNING and row.calendar_id != look.known.at(look.now)[0]


def _draft(row: ClockRow, each: firing.Firing, now: datetime) -> ledger.Draft:
    """The entry of a firing, with why it comes late where it does."""
    said = firing.facts(row, each)
    if each.fraction is None:
        said["late_by"] = int((now - row.due_at).total_seconds())
        if row.stopped_at is not None:
            said["stopped_at"] = row.stopped_at
        if row.due_known_at > row.due_at:
            said["recorded_late"] = True
    if now - each.at > heartbeat.TOLERANCE:
        outage = heartbeat.outage_at(each.at)
        if outage is not None:
            said |= {"outage": True, "outage_since": outage.since, "outage_until": outage.until}
    return ledger.Draft(kind=each.kind, occurred_at=now, actor_id=None, facts=said)


def _starts_something(entries: Sequence[Entry], versions: Sequence[Regulation]) -> bool:
    """Whether a company's house rule names what was fired."""
    kinds = {entry.kind for entry in entries}
    return any(not kinds.isdisjoint(folding.named(version)) for version in versions)
