"""Making the demo as large as somebody wants it: its own complaints copied into the past two years.

Most copies are long closed; about one in seventy is still open, with clocks that run. The same seed
and the same demo give the same complaints, under the same numbers.
"""

from __future__ import annotations

import multiprocessing
import os
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, connections
from django.utils import timezone, translation

from shouwen.complaints.models import Complaint
from shouwen.demo import bulk, copies
from shouwen.demo.copies import Copy
from shouwen.demo.neighbours import Place, places
from shouwen.demo.placing import Placed, placed
from shouwen.demo.shapes import Shape, Template, shape, templates

#: Weeks of the past over which what has ended is spread.
WEEKS = 104
#: One of so many copies is still open.
OPEN = 70
#: To see that a template is true in a week takes a while, so that it is copied in every so-many-th
#: week only, about so often, and a week has so few of them at least.
STRIDE, OF_A_SHAPE, FEW = 4, 12, 3
#: So many copies a week are worth another week of the past.
OF_A_WEEK = 20
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
    seed: str
    templates: Sequence[Template]
    places: Sequence[Place]

    def write(self, portion: Portion) -> int:
        """Write a portion, batch by batch; gives how many complaints it had."""
        chance = random.Random(f"{self.seed}/{portion.week}")
        choice = _Choice(self, portion, chance)
        for start in range(0, len(portion.ids), BATCH):
            ids = portion.ids[start : start + BATCH]
            copies.write([_copy(choice.next(), chance) for _pk in ids], ids, chance)
        return len(portion.ids)

    def of_week(self, portion: Portion) -> Sequence[Template]:
        """The templates that can be copied into the portion's week: fewer for fewer copies."""
        found = [
            each
            for each in self.templates
            if each.complaint.ended == bool(portion.week)
            and (not portion.week or _weeks(each, self.now) < portion.week)
        ]
        if not portion.week:
            return found
        many = max(FEW, min(len(found) // STRIDE, len(portion.ids) // OF_A_SHAPE))
        start = portion.week * many
        return [found[number % len(found)] for number in range(start, start + many)]


class _Choice:
    """Chooses for copy after copy what it is of, and where."""

    def __init__(self, extension: Extension, portion: Portion, chance: random.Random) -> None:
        self._extension, self._week, self._chance = extension, portion.week, chance
        self._templates: dict[int, list[Template]] = defaultdict(list)
        for template in dict.fromkeys(extension.of_week(portion)):
            self._templates[template.complaint.project_id].append(template)
        self._shapes: dict[int, Shape | None] = {}
        self._placed: dict[tuple[int, int], Placed] = {}

    def next(self) -> Placed:
        """One more. Raises NothingToCopy where nothing would be true in this week."""
        while any(self._templates.values()):
            here = [each for each in self._extension.places if self._templates[each.original_id]]
            place = self._chance.choice(here)
            found = self._templates[place.original_id]
            template = self._chance.choices(found, [each.weight for each in found])[0]
            made = self._shape(template)
            if made is None:
                found.remove(template)
                continue
            key = (place.project.pk, template.complaint.pk)
            if key not in self._placed:
                self._placed[key] = placed(made, place)
            return self._placed[key]
        raise NothingToCopy

    def _shape(self, template: Template) -> Shape | None:
        pk, now = template.complaint.pk, self._extension.now
        if pk not in self._shapes:
            weeks = self._week - _weeks(template, now) if self._week else 0
            self._shapes[pk] = shape(template, weeks, now)
        return self._shapes[pk]


def _weeks(template: Template, now: datetime) -> int:
    """How many whole weeks ago the template was received."""
    return (timezone.localdate(now) - template.received_on).days // 7


def _copy(placed: Placed, chance: random.Random) -> Copy:
    by = timedelta(microseconds=chance.randrange(placed.shape.spread // _TICK + 1))
    # Some homes complain more often than others.
    some = int(len(placed.place.callers) * chance.random() ** 2)
    caller = placed.place.callers[some] if placed.caller else None
    return Copy(placed, by, caller)


_TICK = timedelta(microseconds=1)


def extend(
    total: int,
    say: Say,
    *,
    seed: int = 1,
    projects: int | None = None,
    processes: int | None = None,
    now: datetime | None = None,
) -> int:
    """Bring the demo up to `total` complaints; gives how many were written.

    They lie in `projects` projects (default: the demo's own, ten for a large demo). `say` hears how
    many of how many are there. Inside a transaction one process writes, else as many as there are
    cores, two at most. Raises NothingToCopy where there is no demo.
    """
    now = now or timezone.now()
    if processes is None:
        processes = 1 if connection.in_atomic_block else min(2, os.cpu_count() or 1)
    there = Complaint.objects.count()
    missing = max(0, total - there)
    if not missing:
        return 0
    with translation.override("zh-hans"):
        extension = _prepare(total, projects, f"{seed}/{there}", now)
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


def _prepare(total: int, projects: int | None, seed: str, now: datetime) -> Extension:
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
    weeks = range(min(WEEKS, youngest + FEW + missing // OF_A_WEEK), youngest, -1)
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
