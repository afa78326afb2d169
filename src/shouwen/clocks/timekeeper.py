"""The timekeeper: writes into the ledger what is due, once, in time.

`tick` fires, `run` is the loop of a worker. However many workers run and whichever is killed, each
firing stands in the ledger exactly once: whoever fires holds the lock of the subject's chain, and
entry and row are written in one transaction.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from shouwen.clocks import calendars, firing, folding, heartbeat, projection, regulations, subjects
from shouwen.clocks.models import ClockRow
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


def tick(now: datetime | None = None, *, limit: int = BATCH) -> int:
    """Fire what is due at `now` (default: now) for up to `limit` clocks' subjects.

    Returns how many entries were written; call again until it is 0. What somebody else holds is
    left for the next tick.
    """
    now = now or timezone.now()
    began = time.monotonic()
    written = 0
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_PICK, [now, limit])
            picked = list(dict.fromkeys(row[0] for row in cursor.fetchall()))
        if not picked:
            return 0
        chains = Chain.objects.in_bulk(picked)
        for chain_id in picked:
            written += _fire_safely(chains[chain_id], now)
            if time.monotonic() - began > LONGEST:
                break
    return written


def _fire_safely(chain: Chain, now: datetime) -> int:
    due = ClockRow.objects.filter(
        subject_type=chain.subject_type, subject_id=chain.subject_id, next_fire_at__lte=now
    )
    try:
        with transaction.atomic():
            return _fire(chain, list(due), now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("Nothing could be fired for %s %s", chain.subject_type, chain.subject_id)
        due.update(next_fire_at=now + PUT_OFF)
        return 0


def _fire(chain: Chain, rows: Sequence[ClockRow], now: datetime) -> int:
    """Fire what is due of these rows of one subject, whose chain is locked."""
    registered = subjects.of(chain.subject_type)
    known = calendars.all_known()
    if any(_outdated(row, known, now) for row in rows):
        # A calendar was learned meanwhile: what is due by the old one may not be by the new.
        projection.project(chain.subject_type, chain.subject_id, now=now)
        rows = [row for row in _fresh(rows) if row.next_fire_at and row.next_fire_at <= now]
    versions = regulations.all_versions()
    tz = registered.timezone_of(chain.subject_id)
    drafts: list[tuple[datetime, ledger.Draft]] = []
    for row in rows:
        rule = versions[row.regulation_id].rule(row.rule)
        left = firing.outstanding(row, rule, known.by_id(row.calendar_id), tz)
        for each in left:
            if each.at <= now:
                drafts.append((each.at, _draft(row, each, now)))
                row.fired = [*row.fired, firing.mark(each, row.due_at)]
        later = [each.at for each in left if each.at > now]
        row.next_fire_at = later[0] if later else None
    entries = ledger.append_many(
        chain=chain, drafts=[draft for _at, draft in sorted(drafts, key=lambda d: d[0])], now=now
    )
    ClockRow.objects.bulk_update(rows, ["fired", "next_fire_at"])
    if entries:
        if _starts_something(entries, [versions[row.regulation_id] for row in rows]):
            projection.project(chain.subject_type, chain.subject_id, now=now)
        registered.appended(chain.subject_id, entries)
    return len(entries)


def _outdated(row: ClockRow, known: calendars.Known, now: datetime) -> bool:
    return row.state == ClockRow.State.RUNNING and row.calendar_id != known.at(now)[0]


def _fresh(rows: Sequence[ClockRow]) -> list[ClockRow]:
    return list(ClockRow.objects.filter(pk__in=[row.pk for row in rows]))


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
