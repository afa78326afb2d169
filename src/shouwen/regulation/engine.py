"""The clock engine: a fold of a complaint's entries into its clocks.

Entries are taken in ledger order. Each one, in this order: stops clocks, voids clocks, moves due
times, starts clocks. A clock that has stopped or is void never changes again, so a verdict, once
given, stands. Which entry does what is said by the regulation file alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shouwen.regulation.clock import Clock, OpenClock, State
from shouwen.regulation.durations import WorkingCalendar, known_at
from shouwen.regulation.entries import Entry
from shouwen.regulation.index import Index, holds, one_holds
from shouwen.regulation.standing import Standing
from shouwen.regulation.vocabulary import Regulation, Rule, Start, Stop, Trigger, Void

__all__ = ["Clock", "Entry", "Fold", "State", "clocks"]

Calendars = WorkingCalendar | Sequence[WorkingCalendar]


class _Taken(NamedTuple):
    """An entry as it is being taken in, its times in UTC, and what it has stopped so far."""

    at: int
    entry: Entry
    occurred: datetime
    recorded: datetime
    calendar: WorkingCalendar
    stopped: dict[str, list[Clock]]


@lru_cache(maxsize=64)
def _index(regulation: Regulation) -> Index:
    return Index(regulation)


class Fold:
    """The clocks of one complaint, entry by entry.

    `feed` takes the next entry; `clocks` answers at any time; `copy` and `preview` show what a
    further entry would do without taking it. Entries must come in order of `recorded_at`, the
    first one being one that begins a round (`checks` sees to both).
    """

    def __init__(
        self, regulation: Regulation, calendars: Calendars, timezone: tzinfo | str
    ) -> None:
        """`calendars` is one calendar, or several ordered by `known_since`."""
        self._regulation = regulation
        self._index = _index(regulation)
        self._calendars = (
            (calendars,) if isinstance(calendars, WorkingCalendar) else tuple(calendars)
        )
        self._zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
        self._entries: list[Entry] = []
        self._standing = Standing(regulation, self._index)
        self._open: dict[str, list[OpenClock]] = {}
        self._ended: list[Clock] = []
        # (rule, finishing entry) of clocks started by the finish that an entry has stopped.
        self._answered: set[tuple[str, int]] = set()

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the entries last said of the complaint: `severity`, `needs_developer` and so on."""
        return dict(self._standing.facts)

    @property
    def at_work(self) -> frozenset[str]:
        """The departments that have an unstopped clock of the work rule."""
        return frozenset(c.key for c in self._open.get(self._regulation.work.rule, ()) if c.key)

    @property
    def finishing_entry(self) -> int | None:
        """The position of the finishing entry that stands now, if one does."""
        return self._standing.finish

    def copy(self) -> Fold:
        """A fold that has taken the same entries, and goes on by itself."""
        other = copy(self)
        other._entries = self._entries.copy()
        other._standing = self._standing.copy()
        other._open = {rule: running.copy() for rule, running in self._open.items()}
        other._ended = self._ended.copy()
        other._answered = self._answered.copy()
        return other

    def preview(self, entry: Entry, now: datetime) -> list[Clock]:
        """The clocks as they would be if `entry` came next; nothing is taken in."""
        then = self.copy()
        then.feed(entry)
        return then.clocks(now)

    def feed(self, entry: Entry) -> None:
        """Take the next entry of the ledger."""
        taken = self._taken(entry, len(self._entries))
        self._entries.append(entry)
        before = self._standing.take_facts(entry, taken.at)
        self._stop(taken)
        work_ended = self._void(taken, changed=before is not None)
        self._move(taken)
        self._start(taken, before, work_ended)
        self._standing.taken(entry.kind, taken.at)

    def clocks(self, now: datetime) -> list[Clock]:
        """The clocks at `now`, ordered by start, then rule, then key, then ledger."""
        calendar = known_at(self._calendars, now)
        found = list(self._ended)
        for running in self._open.values():
            for clock in running:
                due = clock.due_at(calendar, self._zone)
                found.append(clock.as_clock(due, "overdue" if now > due else "running"))
        found.sort(key=lambda c: (c.started_at, c.rule, c.key or "", c.started_by))
        return found

    def _taken(self, entry: Entry, at: int) -> _Taken:
        recorded = entry.recorded_at.astimezone(UTC)
        return _Taken(
            at=at,
            entry=entry,
            occurred=entry.occurred_at.astimezone(UTC),
            recorded=recorded,
            calendar=known_at(self._calendars, recorded),
            stopped={},
        )

    def _anybody_at_work(self) -> bool:
        return bool(self._open.get(self._regulation.work.rule))

    # What an entry stops

    def _stop(self, taken: _Taken) -> None:
        kind = taken.entry.kind
        for parts in (self._index.stops.get(kind, ()), self._index.later_stops.get(kind, ())):
            for rule, stop in parts:
                if self._open.get(rule.id) and self._does(taken, stop):
                    for clock in self._matching(rule, taken.entry):
                        self._stop_clock(clock, stop, taken)

    def _stop_clock(self, clock: OpenClock, stop: Stop, taken: _Taken) -> None:
        at = taken.occurred if stop.at == "occurred_at" else taken.recorded
        ended = self._end(clock, at, taken)
        taken.stopped.setdefault(ended.rule, []).append(ended)
        if ended.rule in self._index.finish_rules:
            self._answered.add((ended.rule, ended.started_by))

    def _does(self, taken: _Taken, part: Trigger) -> bool:
        """Whether the entry says what the part asks for, and stopped what it asks for."""
        data = taken.entry.data
        if part.said and any(data.get(name) != value for name, value in part.said.items()):
            return False
        if part.stopping is None:
            return True
        stopped = taken.stopped.get(part.stopping)
        if not stopped:
            return False
        return part.late is None or part.late == any(c.state == "breached" for c in stopped)

    def _matching(self, rule: Rule, entry: Entry) -> list[OpenClock]:
        """The rule's unstopped clocks that the entry speaks of: of its key, where it names one."""
        running = self._open.get(rule.id)
        if not running:
            return []
        key = _key(rule, entry)
        return [clock for clock in running if key is None or clock.key == key]

    # What an entry voids

    def _void(self, taken: _Taken, changed: bool) -> bool:
        """Void clocks; whether the entry ended its department's work."""
        kind = taken.entry.kind
        department = _key(self._regulation.rule(self._regulation.work.rule), taken.entry)
        was_at_work = department is not None and department in self.at_work
        self._void_round(taken)
        if changed:
            for rule in self._index.conditional:
                if self._open.get(rule.id) and not one_holds(rule.applies, self._standing.facts):
                    for clock in list(self._open[rule.id]):
                        self._void_clock(clock, taken)
        self._void_by(self._index.voids.get(kind, ()), taken)
        at_work = self._anybody_at_work()
        self._standing.judge_work(kind, taken.at, at_work=at_work)
        work_ended = was_at_work and department not in self.at_work
        later = self._index.later_voids.get(kind)
        if later:
            facts = self._standing.with_work(at_work=at_work, work_ended=work_ended)
            self._void_by([part for part in later if one_holds(part[1].when, facts)], taken)
        return work_ended

    def _void_round(self, taken: _Taken) -> None:
        kind, bounds = taken.entry.kind, self._regulation.round
        if kind in bounds.begins or kind in bounds.ends:
            for running in list(self._open.values()):
                for clock in list(running):
                    if kind not in clock.rule.outlives:
                        self._void_clock(clock, taken)

    def _void_by(self, parts: Iterable[tuple[Rule, Void]], taken: _Taken) -> None:
        for rule, void in parts:
            if self._does(taken, void):
                for clock in self._matching(rule, taken.entry):
                    self._void_clock(clock, taken, forgives=void.forgives)

    def _void_clock(self, clock: OpenClock, taken: _Taken, *, forgives: bool = False) -> None:
        due = clock.due_at(taken.calendar, self._zone)
        if due < taken.occurred and not forgives:
            # Voiding never forgives: what was past due is breached.
            self._end(clock, taken.occurred, taken)
            return
        self._open[clock.rule.id].remove(clock)
        self._ended.append(clock.as_clock(due, "void", ended_by=taken.at))

    # What an entry moves

    def _move(self, taken: _Taken) -> None:
        for rule in self._index.moves.get(taken.entry.kind, ()):
            due = taken.entry.instant(rule.until) if rule.until else None
            if due is None:
                continue
            broken = False
            for clock in self._matching(rule, taken.entry):
                if clock.due_at(taken.calendar, self._zone) < taken.recorded:
                    # An agreement counts from when it is written: too late, it heals nothing.
                    self._end(clock, taken.recorded, taken)
                    broken = True
                else:
                    running = self._open[rule.id]
                    moved = clock._replace(due=due, moved_by=(*clock.moved_by, taken.at))
                    running[running.index(clock)] = moved
            if broken and not self._matching(rule, taken.entry):
                self._begin(rule, None, taken, taken.recorded, "recorded_at")

    # What an entry starts

    def _start(self, taken: _Taken, before: dict[str, Any] | None, work_ended: bool) -> None:
        standing = self._standing
        if not standing.open_round(taken.entry.kind):
            return
        for rule, start in self._index.starts.get(taken.entry.kind, ()):
            if self._starts(rule, start, taken, before, work_ended):
                self._begin(rule, start, taken, *_counted(start, taken))
        if standing.finish == taken.at:
            for rule, start in self._index.finish:
                if one_holds(rule.applies, standing.facts):
                    self._begin(rule, start, taken, *_counted(start, taken))
        elif standing.finish is not None and before is not None:
            for rule, start in self._index.finish:
                if one_holds(rule.applies, standing.facts) and not one_holds(rule.applies, before):
                    self._begin_after_finish(rule, start, standing.finish, taken)

    def _starts(
        self,
        rule: Rule,
        start: Start,
        taken: _Taken,
        before: dict[str, Any] | None,
        work_ended: bool,
    ) -> bool:
        standing, data = self._standing, taken.entry.data
        if not self._does(taken, start) or not one_holds(rule.applies, standing.facts):
            return False
        if start.not_said and any(data.get(n) == value for n, value in start.not_said.items()):
            return False
        if start.becomes and not any(
            before is not None and holds(c, standing.facts) and not holds(c, before)
            for c in start.becomes
        ):
            return False
        if start.when:
            facts = standing.with_work(at_work=self._anybody_at_work(), work_ended=work_ended)
            if not one_holds(start.when, facts):
                return False
        return not any(standing.stands(stands, taken.entry.kind) for stands in start.unless)

    def _begin_after_finish(self, rule: Rule, start: Start, finish: int, taken: _Taken) -> None:
        """Start a clock whose condition became true while the finishing entry stands."""
        if (rule.id, finish) in self._answered:
            return
        moment, counted_from = _counted(start, self._taken(self._entries[finish], finish))
        if taken.occurred > moment:
            # Nobody is late for a duty before it exists.
            moment, counted_from = taken.occurred, "condition"
        clock = self._begin(rule, start, taken, moment, counted_from, started_by=finish)
        if clock is None:
            return
        # What was done since the finish stops it at once.
        for at in range(finish + 1, taken.at + 1):
            since = self._taken(self._entries[at], at)
            for stop in rule.stops:
                if since.entry.kind in stop.kinds and self._does(since, stop):
                    self._stop_clock(clock, stop, since)
                    return

    def _begin(
        self,
        rule: Rule,
        part: Start | None,
        taken: _Taken,
        start: datetime,
        counted_from: str,
        started_by: int | None = None,
    ) -> OpenClock | None:
        """Start a clock, unless one of the same rule and key is unstopped."""
        entry, key = taken.entry, _key(rule, taken.entry)
        running = self._open.setdefault(rule.id, [])
        if not rule.several and any(clock.key == key for clock in running):
            return None
        due = entry.instant(rule.until) if rule.until else None
        if rule.until and due is None:
            return None
        named = entry.data.get(rule.holder_from) if rule.holder_from else None
        clock = OpenClock(
            rule=rule,
            key=key,
            holder=str(named) if named is not None else (part and part.holder) or rule.holder,
            start=start,
            due=due,
            started_by=taken.at if started_by is None else started_by,
            counted_from=counted_from,
        )
        running.append(clock)
        own = self._index.same_entry.get(rule.id)
        if own is not None:
            self._stop_clock(clock, own, taken)
        return clock

    def _end(self, clock: OpenClock, at: datetime, taken: _Taken) -> Clock:
        """Stop a clock, never before its start: its verdict, by the calendar known then."""
        due = clock.due_at(taken.calendar, self._zone)
        at = max(at, clock.start)
        self._open[clock.rule.id].remove(clock)
        ended = clock.as_clock(due, "met" if at <= due else "breached", at, taken.at)
        self._ended.append(ended)
        return ended


def _key(rule: Rule, entry: Entry) -> str | None:
    value = entry.data.get(rule.key) if rule.key else None
    return None if value is None else str(value)


def _counted(start: Start, taken: _Taken) -> tuple[datetime, str]:
    moment = taken.occurred if start.counted_from == "occurred_at" else taken.recorded
    return moment, start.counted_from


def clocks(
    regulation: Regulation,
    entries: Iterable[Entry],
    calendars: Calendars,
    now: datetime,
    timezone: tzinfo | str,
) -> list[Clock]:
    """The clocks of a complaint as known at `now` (aware): entries recorded later are left out.

    An ended clock is judged by the calendar known when the entry that ended it was recorded, an
    unstopped one by the latest known at `now`.
    """
    fold = Fold(regulation, calendars, timezone)
    for entry in entries:
        if entry.recorded_at <= now:
            fold.feed(entry)
    return fold.clocks(now)
