"""Making the demo as large as somebody wants it: its own complaints copied into the past two years.

Most copies are long closed; about one in seventy is still open, with clocks that run. The same seed
and the same demo give the same complaints, under the same numbers.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, connections
from django.utils import timezone, translation

from shouwen.complaints.models import Complaint
from shouwen.demo import bulk, copies
from shouwen.demo.copies import Copy, Placed
from shouwen.demo.neighbours import Place, places
from shouwen.demo.shapes import Shape, Template, shape, templates

#: Weeks of the past over which what has ended is spread.
WEEKS = 104
#: One of so many copies is still open.
OPEN = 70
#: A template is copied in every so-many-th week only: to see that it is true there takes a while.
STRIDE = 4
#: Projects that a large demo has, and complaints from which on it is large.
PROJECTS, LARGE = 10, 5_000
#: Complaints of a home, about.
OF_A_HOME = 100
#: Complaints that one transaction writes, in a second or so.
BATCH = 300

Say = Callable[[int, int], None]


class NothingToCopy(Exception):
    """The database holds no complaint of the demo."""


@dataclass(frozen=True)
class Portion:
    """The copies that come to lie in one week of the past, or (week 0) are still open; their ids."""

    week: int
    ids: Sequence[int]


@dataclass(frozen=True)
class Extension:
    """What every process goes by."""

    now: datetime
    seed: int
    templates: Sequence[Template]
    places: Sequence[Place]

    def write(self, portion: Portion) -> int:
        """Write a portion, batch by batch; gives how many complaints it had."""
        chance = random.Random(f"{self.seed}/{portion.week}/{portion.ids[0]}")
        shapes = self._shapes(portion.week)
        here = [place for place in self.places if place.original_id in shapes]
        placed: dict[tuple[int, int], Placed] = {}
        for start in range(0, len(portion.ids), BATCH):
            ids = portion.ids[start : start + BATCH]
            batch = []
            for _pk in ids:
                place = chance.choice(here)
                found = shapes[place.original_id]
                number = chance.choices(range(len(found)), [each.weight for each in found])[0]
                key = (place.project.pk, number)
                if key not in placed:
                    placed[key] = Placed(found[number], place)
                batch.append(_copy(placed[key], chance))
            copies.write(batch, ids, chance)
        return len(portion.ids)

    def _shapes(self, week: int) -> dict[int, list[Shape]]:
        """What can be copied into a week, by the project of the original."""
        candidates = [
            (number, template)
            for number, template in enumerate(self.templates)
            if template.complaint.ended == bool(week)
            and (not week or _weeks(template, self.now) < week)
        ]
        some = [each for each in candidates if week and (week + each[0]) % STRIDE == 0]
        for chosen in (some, candidates):
            found: dict[int, list[Shape]] = defaultdict(list)
            for _number, template in chosen:
                made = shape(template, week - _weeks(template, self.now), self.now)
                if made is not None:
                    found[template.complaint.project_id].append(made)
            if found:
                return found
        raise NothingToCopy


def _weeks(template: Template, now: datetime) -> int:
    """How many whole weeks ago the template was received, if it has ended."""
    if not template.complaint.ended:
        return 0
    return (timezone.localdate(now) - template.received_on).days // 7


def _copy(placed: Placed, chance: random.Random) -> Copy:
    by = timedelta(microseconds=chance.randrange(placed.shape.spread // _TICK + 1))
    caller = None
    if placed.shape.template.columns["home_id"] is not None and placed.place.callers:
        # Some homes complain more often than others.
        caller = placed.place.callers[int(len(placed.place.callers) * chance.random() ** 2)]
    return Copy(placed, by, caller)


_TICK = timedelta(microseconds=1)


def extend(
    total: int,
    say: Say,
    *,
    seed: int = 1,
    projects: int | None = None,
    processes: int = 1,
    now: datetime | None = None,
) -> int:
    """Bring the demo up to `total` complaints; gives how many were written.

    They lie in `projects` projects (default: the demo's own, ten for a large demo). `say` hears how
    many of how many are there. More than one process needs connections of their own, so none
    inside a transaction. Raises NothingToCopy where there is no demo.
    """
    now = now or timezone.now()
    there = Complaint.objects.count()
    missing = max(0, total - there)
    if not missing:
        return 0
    with translation.override("zh-hans"):
        extension = _prepare(total, projects, seed, now)
    weeks = _plan(extension, missing)
    open_ones = [portion for portion in weeks if not portion.week]
    done = there
    for count in _written(extension, [each for each in weeks if each.week], processes):
        done += count
        say(done, total)
    # Last and alone: their numbers go on where those of the past weeks end.
    for portion in open_ones:
        done += extension.write(portion)
        say(done, total)
    _tidy()
    return missing


def _prepare(total: int, projects: int | None, seed: int, now: datetime) -> Extension:
    found = templates()
    if not any(each.complaint.ended for each in found):
        raise NothingToCopy
    by_project = Counter(each.complaint.project_id for each in found if each.complaint.ended)
    busiest = by_project.most_common(1)[0][0]
    original = next(e.complaint.project for e in found if e.complaint.project_id == busiest)
    many = projects or (PROJECTS if total >= LARGE else 0)
    return Extension(now, seed, found, places(original, many, total // PROJECTS // OF_A_HOME))


def _plan(extension: Extension, missing: int) -> list[Portion]:
    """How many copies come into which week, the earliest first."""
    youngest = min(
        _weeks(each, extension.now) for each in extension.templates if each.complaint.ended
    )
    weeks = range(WEEKS, youngest, -1)
    standing = any(not each.complaint.ended for each in extension.templates)
    still_open = missing // OPEN if standing else 0
    chance = random.Random(extension.seed)
    many = Counter(chance.choices(weeks, k=missing - still_open))
    many[0] = still_open
    ids = iter(bulk.next_ids(Complaint, missing))
    return [
        Portion(week, [next(ids) for _copy in range(many[week])])
        for week in (*weeks, 0)
        if many[week]
    ]


_extension: Extension | None = None


def _write(portion: Portion) -> int:
    assert _extension is not None
    return _extension.write(portion)


def _written(extension: Extension, portions: Sequence[Portion], processes: int) -> Iterator[int]:
    global _extension
    if processes == 1:
        yield from map(extension.write, portions)
        return
    _extension = extension  # the processes inherit it
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(_write, portions)
    _extension = None


def _tidy() -> None:
    """Let the planner know what there is now."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            for model in copies.TABLES:
                cursor.execute(f"VACUUM (ANALYZE) {model._meta.db_table}")
