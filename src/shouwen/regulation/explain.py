"""How a clock came to be due when it is: stretch by stretch, what counted and what did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from shouwen.regulation.clock import Clock
from shouwen.regulation.durations import ONE_DAY, WorkingCalendar, known_at, midnight
from shouwen.regulation.engine import Calendars
from shouwen.regulation.entries import Entry
from shouwen.regulation.vocabulary import Regulation, Rule


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of time between a clock's start and its due time, in UTC.

    `amount` is what it adds to the limit, in seconds, or in working days where the limit is so
    counted; 0 where it is not `counted`. `why` is a machine word: "continuous", "start_day",
    "working_day", "make_up_working_day", "weekend", "holiday:" with its name, "agreed_limit",
    "moved_by_extension". `entry` is the position of the entry that the stretch comes from.
    """

    start: datetime
    end: datetime
    counted: bool
    amount: float
    why: str
    entry: int | None = None


def explain(
    regulation: Regulation,
    clock: Clock,
    entries: Sequence[Entry],
    calendars: Calendars,
    timezone: tzinfo | str,
    now: datetime | None = None,
) -> list[Stretch]:
    """The stretches from the clock's start to its due time; the counted ones add up to the limit.

    `entries` are those the clock was made from, `calendars` as for the engine. An unstopped clock
    is explained by the latest calendar known at `now`, or by the latest of all without it.
    """
    rule = regulation.rule(clock.rule)
    zone = ZoneInfo(timezone) if isinstance(timezone, str) else timezone
    if rule.within is None:
        return list(_agreed(rule, clock, entries))
    if rule.within.seconds is not None:
        return [_span(clock.started_at, clock.due_at, "continuous", clock.started_by)]
    known = (calendars,) if isinstance(calendars, WorkingCalendar) else tuple(calendars)
    if clock.ended_by is not None:
        calendar = known_at(known, entries[clock.ended_by].recorded_at)
    else:
        calendar = known_at(known, now) if now else known[-1]
    return list(_working_days(clock, calendar, zone))


def reached(stretches: Sequence[Stretch], fraction: float) -> datetime:
    """When that fraction of the limit (0 to 1) was used up: only what counts is counted."""
    left = fraction * sum(stretch.amount for stretch in stretches)
    for stretch in stretches:
        if stretch.counted and stretch.amount >= left:
            share = left / stretch.amount if stretch.amount else 1
            return stretch.start + (stretch.end - stretch.start) * share
        left -= stretch.amount
    return stretches[-1].end


def warned_at(
    regulation: Regulation, clock: Clock, stretches: Sequence[Stretch]
) -> list[tuple[float, datetime]]:
    """The warnings of a clock's rule: each fraction of its time and when that is used up."""
    return [(part, reached(stretches, part)) for part in regulation.rule(clock.rule).warnings]


def _span(start: datetime, end: datetime, why: str, entry: int) -> Stretch:
    # A limit agreed for a time already past leaves no time at all, and not less than none.
    end = max(start, end)
    return Stretch(start, end, True, (end - start) / timedelta(seconds=1), why, entry)


def _agreed(rule: Rule, clock: Clock, entries: Sequence[Entry]) -> Iterator[Stretch]:
    """A time that an entry named, and the extensions that moved it."""
    assert rule.until is not None
    # Only what lies before the time finally agreed is left of the earlier ones.
    start, why, entry = clock.started_at, "agreed_limit", clock.started_by
    for following in (*clock.moved_by, None):
        due = entries[entry].instant(rule.until)
        assert due is not None
        end = clock.due_at if following is None else min(due, clock.due_at)
        if end > start or (following is None and start == clock.started_at):
            yield _span(start, end, why, entry)
            start = max(start, end)
        if following is not None:
            why, entry = "moved_by_extension", following


def _working_days(clock: Clock, calendar: WorkingCalendar, zone: tzinfo) -> Iterator[Stretch]:
    day = clock.started_at.astimezone(zone).date() + ONE_DAY
    start, end = clock.started_at, midnight(day, zone)
    # The day of the start does not count [PRC Civil Code art. 201].
    yield Stretch(start, end, False, 0, "start_day", clock.started_by)
    while end < clock.due_at:
        start, (working, why) = end, calendar.day(day)
        day += ONE_DAY
        # Days off in a row for one reason are one stretch; days that count are told one by one.
        while not working and calendar.day(day) == (False, why):
            day += ONE_DAY
        end = midnight(day, zone)
        yield Stretch(start, end, working, int(working), why)
