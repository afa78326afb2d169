"""Recomputing the clock rows, and what other rooms keep beside them, from the ledger alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from shouwen.clocks import firing, folding, projection, subjects
from shouwen.clocks.models import ClockRow
from shouwen.records import ledger
from shouwen.records.models import Chain, Entry

#: Subjects whose entries and rows are held in memory at a time.
BATCH = 200

Progress = Callable[[int, int], None]
_BY_CALENDAR = {"calendar_id", "due_at", "due_known_at", "next_fire_at"}


@dataclass(frozen=True)
class Difference:
    """What a subject's projections say otherwise than its ledger.

    `what` names clocks, as in "R2.handle engineering #4: due_at", and the columns that the
    subject's own room names.
    """

    subject_type: str
    subject_id: int
    number: str
    what: tuple[str, ...]


def rebuild(
    *,
    write: bool = False,
    now: datetime | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Iterator[Difference]:
    """Compare every registered subject's projections with its ledger; yield where they differ.

    With `write` they are written anew, subject by subject. `progress` hears how many subjects are
    done, of how many. Memory does not grow with the number of subjects; steps may go on meanwhile.
    """
    chains = Chain.objects.filter(subject_type__in=subjects.types()).order_by("pk")
    total, done, last = chains.count(), 0, 0
    while page := list(chains.filter(pk__gt=last)[:batch]):
        last = page[-1].pk
        entries, rows = _entries_of(page), _rows_of(page)
        for chain in page:
            subject = (chain.subject_type, chain.subject_id)
            at = now or timezone.now()
            # A step under way may have written what was read only in part: look again, locked.
            if _differing(chain, entries[subject], rows[subject], at):
                difference = _settle(chain, at, write=write)
                if difference is not None:
                    yield difference
            done += 1
        if progress is not None:
            progress(done, max(total, done))


def _differing(
    chain: Chain, entries: Sequence[Entry], rows: Sequence[ClockRow], now: datetime
) -> list[str]:
    if not entries:
        return []
    computed = _computed(chain, entries, now)
    found = _clock_differences(rows, computed)
    found += subjects.of(chain.subject_type).differences(chain.subject_id)
    return found


def _settle(chain: Chain, now: datetime, *, write: bool) -> Difference | None:
    registered = subjects.of(chain.subject_type)
    with transaction.atomic():
        ledger.lock(chain.subject_type, chain.subject_id)
        entries = ledger.entries(chain.subject_type, chain.subject_id)
        rows = list(projection.stored(chain.subject_type, chain.subject_id).values())
        what = _differing(chain, entries, rows, now)
        if not what:
            return None
        if write:
            _write(rows, _computed(chain, entries, now))
            registered.rebuild(chain.subject_id)
        return Difference(
            chain.subject_type, chain.subject_id, registered.number(chain.subject_id), tuple(what)
        )


def _computed(chain: Chain, entries: Sequence[Entry], now: datetime) -> list[ClockRow]:
    subject = folding.subject_of(chain.subject_type, chain.subject_id, entries)
    return folding.fold(subject, entries, now=now)


def _clock_differences(rows: Sequence[ClockRow], computed: Sequence[ClockRow]) -> list[str]:
    stored = {firing.identity(row): row for row in rows}
    found = []
    for row in computed:
        name = f"{row.rule} {row.key}".rstrip() + f" #{row.started_by}"
        known = stored.pop(firing.identity(row), None)
        if known is None:
            found.append(f"{name}: missing")
            continue
        fields = [each for each in _fields(known) if getattr(known, each) != getattr(row, each)]
        if _follows_later(known, row):
            fields = [each for each in fields if each not in _BY_CALENDAR]
        if fields:
            found.append(f"{name}: {', '.join(fields)}")
    for clock in stored:
        found.append(
            f"{clock.rule} {clock.key}".rstrip() + f" #{clock.started_by}: not in the ledger"
        )
    return found


def _fields(known: ClockRow) -> tuple[str, ...]:
    held_by = projection.HELD_BY if known.state == ClockRow.State.RUNNING else ()
    return ("article", *projection.COURSE, *projection.TO_FIRE, *held_by)


def _follows_later(known: ClockRow, row: ClockRow) -> bool:
    """Whether the stored row only waits for the timekeeper to let it follow a newer calendar."""
    return (
        known.state == row.state == ClockRow.State.RUNNING and known.calendar_id < row.calendar_id
    )


def _write(rows: Sequence[ClockRow], computed: Sequence[ClockRow]) -> None:
    stored = {firing.identity(row): row for row in rows}
    for row in computed:
        known = stored.pop(firing.identity(row), None)
        if known is not None:
            row.pk = known.pk
            if known.state != ClockRow.State.RUNNING:
                # Who held it when it ended stands nowhere but here.
                for name in projection.HELD_BY:
                    setattr(row, name, getattr(known, name))
        row.save()
    ClockRow.objects.filter(pk__in=[row.pk for row in stored.values()]).delete()


def _entries_of(page: Sequence[Chain]) -> dict[tuple[str, int], list[Entry]]:
    found: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    for entry in Entry.objects.filter(subjects.among(page)).order_by("number"):
        found[entry.subject_type, entry.subject_id].append(entry)
    return found


def _rows_of(page: Sequence[Chain]) -> dict[tuple[str, int], list[ClockRow]]:
    found: dict[tuple[str, int], list[ClockRow]] = defaultdict(list)
    for row in ClockRow.objects.filter(subjects.among(page)):
        found[row.subject_type, row.subject_id].append(row)
    return found
