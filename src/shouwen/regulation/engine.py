"""The clock engine: a fold of a complaint's entries into its clocks.

Entries are taken in ledger order. Each one, in this order: stops clocks, voids clocks, moves due
times, starts clocks. A clock that has stopped or is void never changes again, so a verdict, once
given, stands. Which entry does what is said by the regulation file alone.

All times of a `Clock` are in UTC; the time zone matters only to working days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

from shouwen.regulation.durations import WorkingCalendar, known_at
from shouwen.regulation.entries import Entry
from shouwen.regulation.index import Index, holds, one_holds
from shouwen.regulation.vocabulary import Regulation, Rule, Stands, Start, Stop, Trigger, Void

__all__ = ["Clock", "Entry", "Fold", "State", "clocks"]

State = Literal["running", "overdue", "met", "breached", "void"]
Calendars = WorkingCalendar | Sequence[WorkingCalendar]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a complaint, as the engine gives it.

    `started_by`, `ended_by` and `moved_by` are positions of entries in the ledger, from 0.
    `counted_from` is the time the clock counts from: the starting entry's "occurred_at" or
    "recorded_at", or "condition", the `occurred_at` of the entry that made the rule apply.
    `overdue` is a state, not a verdict: what was done in time may be written later.
    """

    rule: str
    article: str | None
    key: str | None
    holder: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    state: State
    started_by: int
    ended_by: int | None
    counted_from: str
    moved_by: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the clock has stopped or is void, and so will never change again."""
        return self.ended_by is not None


class _Open(NamedTuple):
    """A clock that has neither stopped nor become void. `due` is None where a limit gives it."""

    rule: Rule
    key: str | None
    holder: str
    start: datetime
    due: datetime | None
    started_by: int
    counted_from: str
    moved_by: tuple[int, ...]


class _Taken(NamedTuple):
    """An entry as it is being taken in, its times in UTC, and what it has done so far."""

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
        self._facts: dict[str, Any] = {n: f.default for n, f in regulation.facts.items()}
        self._last: dict[str, int] = {}
        self._became: dict[int, int] = {}
        self._open: dict[str, list[_Open]] = {}
        self._ended: list[Clock] = []
        self._shut = False
        self._done = False
        self._finish: int | None = None
        self._finish_taken = False
        # (rule, finishing entry) of clocks started by the finish that an entry has stopped.
        self._answered: set[tuple[str, int]] = set()

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the entries last said of the complaint: `severity`, `needs_developer` and so on."""
        return dict(self._facts)

    @property
    def at_work(self) -> frozenset[str]:
        """The departments that have an unstopped clock of the work rule."""
        return frozenset(c.key for c in self._open.get(self._regulation.work.rule, ()) if c.key)

    @property
    def finishing_entry(self) -> int | None:
        """The position of the finishing entry that stands now, if one does."""
        return self._finish

    def copy(self) -> Fold:
        """A fold that has taken the same entries, and goes on by itself."""
        other = copy(self)
        other._entries = self._entries.copy()
        other._facts = self._facts.copy()
        other._last = self._last.copy()
        other._became = self._became.copy()
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
        recorded = entry.recorded_at.astimezone(UTC)
        taken = _Taken(
            at=len(self._entries),
            entry=entry,
            occurred=entry.occurred_at.astimezone(UTC),
            recorded=recorded,
            calendar=known_at(self._calendars, recorded),
            stopped={},
        )
        self._entries.append(entry)
        before = self._take_facts(taken)
        self._stop(taken)
        work_ended = self._void(taken, changed=before is not None)
        self._move(taken)
        self._start(taken, before, work_ended)
        self._last[entry.kind] = taken.at

    def clocks(self, now: datetime) -> list[Clock]:
        """The clocks at `now`, ordered by start, then rule, then key, then ledger."""
        calendar = known_at(self._calendars, now)
        found = list(self._ended)
        for running in self._open.values():
            for clock in running:
                due = self._due(clock, calendar)
                state: State = "overdue" if now > due else "running"
                found.append(self._clock(clock, due, state))
        found.sort(key=lambda c: (c.started_at, c.rule, c.key or "", c.started_by))
        return found

    # What an entry says

    def _take_facts(self, taken: _Taken) -> dict[str, Any] | None:
        """Take in what the entry says; the facts before it, None where nothing changed."""
        before = None
        kind, data = taken.entry.kind, taken.entry.data
        said = [(name, data.get(name)) for name in self._index.said_by.get(kind, ())]
        said += [(name, True) for name in self._index.happened.get(kind, ())]
        for name, value in said:
            if value is not None and value != self._facts[name]:
                before = before or self._facts.copy()
                self._facts[name] = value
        if before is not None:
            for number, condition in enumerate(self._index.becoming):
                if holds(condition, self._facts) and not holds(condition, before):
                    self._became[number] = taken.at
        return before

    # What an entry stops

    def _stop(self, taken: _Taken) -> None:
        kind = taken.entry.kind
        for parts in (self._index.stops.get(kind, ()), self._index.later_stops.get(kind, ())):
            for rule, stop in parts:
                if self._open.get(rule.id) and self._does(taken, stop):
                    for clock in self._matching(rule, taken.entry):
                        self._stop_clock(clock, stop, taken)

    def _stop_clock(self, clock: _Open, stop: Stop, taken: _Taken) -> None:
        at = taken.occurred if stop.at == "occurred_at" else taken.recorded
        ended = self._end(clock, at, taken)
        taken.stopped.setdefault(ended.rule, []).append(ended)
        if ended.rule in self._index.finish_rules:
            self._answered.add((ended.rule, ended.started_by))

    def _does(self, taken: _Taken, part: Trigger) -> bool:
        """Whether the entry says what the part asks for, and stopped what it asks for."""
        data = taken.entry.data
        if any(data.get(name) != value for name, value in part.said.items()):
            return False
        if part.stopping is None:
            return True
        stopped = taken.stopped.get(part.stopping)
        if not stopped:
            return False
        return part.late is None or part.late == any(c.state == "breached" for c in stopped)

    def _matching(self, rule: Rule, entry: Entry) -> list[_Open]:
        """The rule's unstopped clocks that the entry speaks of: of its key, where it names one."""
        running = self._open.get(rule.id)
        if not running:
            return []
        key = self._key(rule, entry)
        return [clock for clock in running if key is None or clock.key == key]

    # What an entry voids

    def _void(self, taken: _Taken, changed: bool) -> bool:
        """Void clocks; whether the entry ended its department's work."""
        kind, work = taken.entry.kind, self._regulation.work
        work_rule = self._regulation.rule(work.rule)
        department = self._key(work_rule, taken.entry)
        was_at_work = department in self.at_work
        self._void_all(taken)
        if changed:
            for rule in self._index.conditional:
                if self._open.get(rule.id) and not one_holds(rule.applies, self._facts):
                    for clock in list(self._open[rule.id]):
                        self._void_clock(clock, taken)
        self._void_by(self._index.voids.get(kind, ()), taken)
        self._judge_work(taken)
        work_ended = was_at_work and department not in self.at_work
        later = self._index.later_voids.get(kind, ())
        if later:
            facts = self._facts_of_work(work_ended)
            self._void_by([p for p in later if one_holds(p[1].when, facts)], taken)
        return work_ended

    def _void_all(self, taken: _Taken) -> None:
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

    def _void_clock(self, clock: _Open, taken: _Taken, *, forgives: bool = False) -> None:
        due = self._due(clock, taken.calendar)
        if due < taken.occurred and not forgives:
            # Voiding never forgives: what was past due is breached.
            self._end(clock, taken.occurred, taken)
            return
        self._open[clock.rule.id].remove(clock)
        self._ended.append(self._clock(clock, due, "void", ended_by=taken.at))

    def _judge_work(self, taken: _Taken) -> None:
        """Keep which entry of the round finished the work, and whether it still stands."""
        kind, work, bounds = taken.entry.kind, self._regulation.work, self._regulation.round
        if kind in bounds.begins or kind in work.undone_by:
            self._done = self._finish_taken = False
            self._finish = None
        if kind in work.dispatched_by:
            self._finish_taken, self._finish = False, None
        if kind in bounds.ends:
            self._finish = None
        if kind in work.done_by:
            self._done = True
        if kind in work.finished_by and self._done and not self._finish_taken and not self.at_work:
            self._finish_taken, self._finish = True, taken.at

    def _facts_of_work(self, work_ended: bool) -> dict[str, Any]:
        return {
            **self._facts,
            "at_work": bool(self._open.get(self._regulation.work.rule)),
            "work_finished": self._finish is not None,
            "work_ended": work_ended,
        }

    # What an entry moves

    def _move(self, taken: _Taken) -> None:
        for rule in self._index.moves.get(taken.entry.kind, ()):
            due = taken.entry.instant(rule.until) if rule.until else None
            if due is None:
                continue
            broken = False
            for clock in self._matching(rule, taken.entry):
                if self._due(clock, taken.calendar) < taken.recorded:
                    # An agreement counts from when it is written: too late, it heals nothing.
                    self._end(clock, taken.recorded, taken)
                    broken = True
                else:
                    running = self._open[rule.id]
                    moved = clock._replace(due=due, moved_by=(*clock.moved_by, taken.at))
                    running[running.index(clock)] = moved
            if broken and not self._matching(rule, taken.entry):
                self._begin(rule, None, taken, start=taken.recorded, counted_from="recorded_at")

    # What an entry starts

    def _start(self, taken: _Taken, before: dict[str, Any] | None, work_ended: bool) -> None:
        kind, bounds = taken.entry.kind, self._regulation.round
        if kind in bounds.begins:
            self._shut = False
        if self._shut:
            return
        # The entry that ends a round may still start a clock of its own.
        self._shut = kind in bounds.ends
        for rule, start in self._index.starts.get(kind, ()):
            if one_holds(rule.applies, self._facts) and self._starts(
                start, taken, before, work_ended
            ):
                self._begin(rule, start, taken)
        if self._finish == taken.at:
            for rule, start in self._index.finish:
                if one_holds(rule.applies, self._facts):
                    self._begin(rule, start, taken)
        elif self._finish is not None and before is not None:
            for rule, start in self._index.finish:
                if one_holds(rule.applies, self._facts) and not one_holds(rule.applies, before):
                    self._begin_after_finish(rule, start, self._finish, taken)

    def _starts(
        self, start: Start, taken: _Taken, before: dict[str, Any] | None, work_ended: bool
    ) -> bool:
        data = taken.entry.data
        if not self._does(taken, start):
            return False
        if any(data.get(name) == value for name, value in start.not_said.items()):
            return False
        if start.becomes and not any(
            before is not None and holds(c, self._facts) and not holds(c, before)
            for c in start.becomes
        ):
            return False
        if start.when and not one_holds(start.when, self._facts_of_work(work_ended)):
            return False
        return not any(self._stands(stands, taken) for stands in start.unless)

    def _stands(self, stands: Stands, taken: _Taken) -> bool:
        if taken.entry.kind in stands.since:
            return False
        since = max((self._last.get(kind, -1) for kind in stands.since), default=-1)
        if stands.since_becomes is not None:
            number = self._index.becoming.index(stands.since_becomes)
            since = max(since, self._became.get(number, -1))
        return max(self._last.get(kind, -1) for kind in stands.kinds) > since

    def _begin_after_finish(self, rule: Rule, start: Start, finish: int, taken: _Taken) -> None:
        """Start a clock whose condition became true while the finishing entry stands."""
        if (rule.id, finish) in self._answered:
            return
        begun = self._entries[finish]
        moment = begun.recorded_at if start.counted_from == "recorded_at" else begun.occurred_at
        # Nobody is late for a duty before it exists.
        late = taken.occurred > moment
        clock = self._begin(
            rule,
            start,
            taken,
            start=max(taken.occurred, moment.astimezone(UTC)),
            started_by=finish,
            counted_from="condition" if late else start.counted_from,
        )
        if clock is None:
            return
        # What was done since the finish stops it at once.
        for at in range(finish + 1, taken.at + 1):
            entry = self._entries[at]
            recorded = entry.recorded_at.astimezone(UTC)
            since = taken._replace(
                at=at,
                entry=entry,
                occurred=entry.occurred_at.astimezone(UTC),
                recorded=recorded,
                calendar=known_at(self._calendars, recorded),
                stopped={},
            )
            for stop in rule.stops:
                if entry.kind in stop.kinds and self._does(since, stop):
                    self._stop_clock(clock, stop, since)
                    return

    def _begin(
        self,
        rule: Rule,
        part: Start | None,
        taken: _Taken,
        *,
        start: datetime | None = None,
        started_by: int | None = None,
        counted_from: str | None = None,
    ) -> _Open | None:
        """Start a clock, unless one of the same rule and key is unstopped."""
        entry = taken.entry
        key = self._key(rule, entry)
        running = self._open.setdefault(rule.id, [])
        if not rule.several and any(clock.key == key for clock in running):
            return None
        due = entry.instant(rule.until) if rule.until else None
        if rule.until and due is None:
            return None
        counted_from = counted_from or (part.counted_from if part else "occurred_at")
        if start is None:
            start = taken.occurred if counted_from == "occurred_at" else taken.recorded
        named = entry.data.get(rule.holder_from) if rule.holder_from else None
        holder = (part.holder if part else None) or rule.holder
        clock = _Open(
            rule=rule,
            key=key,
            holder=str(named) if named is not None else holder,
            start=start,
            due=due,
            started_by=taken.at if started_by is None else started_by,
            counted_from=counted_from,
            moved_by=(),
        )
        running.append(clock)
        own = self._index.same_entry.get(rule.id)
        if own is not None:
            self._stop_clock(clock, own, taken)
        return clock

    # Clocks

    def _key(self, rule: Rule, entry: Entry) -> str | None:
        value = entry.data.get(rule.key) if rule.key else None
        return None if value is None else str(value)

    def _due(self, clock: _Open, calendar: WorkingCalendar) -> datetime:
        if clock.due is not None:
            return clock.due
        assert clock.rule.within is not None
        return clock.rule.within.end(clock.start, calendar, self._zone)

    def _end(self, clock: _Open, at: datetime, taken: _Taken) -> Clock:
        """Stop a clock, never before its start: its verdict, by the calendar known then."""
        due = self._due(clock, taken.calendar)
        at = max(at, clock.start)
        self._open[clock.rule.id].remove(clock)
        ended = self._clock(
            clock, due, "met" if at <= due else "breached", stopped_at=at, ended_by=taken.at
        )
        self._ended.append(ended)
        return ended

    def _clock(
        self,
        clock: _Open,
        due: datetime,
        state: State,
        stopped_at: datetime | None = None,
        ended_by: int | None = None,
    ) -> Clock:
        return Clock(
            rule=clock.rule.id,
            article=clock.rule.article,
            key=clock.key,
            holder=clock.holder,
            started_at=clock.start,
            due_at=due,
            stopped_at=stopped_at,
            state=state,
            started_by=clock.started_by,
            ended_by=ended_by,
            counted_from=clock.counted_from,
            moved_by=clock.moved_by,
        )


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
