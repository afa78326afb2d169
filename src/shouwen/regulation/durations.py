"""Limits of time, and the working days they are counted in.

Minutes and hours run always. Working days follow PRC Civil Code art. 201 and 203: the day of the
start does not count, and the period ends at 24:00 of its last working day, written as 00:00 of
the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Literal, NamedTuple

SATURDAY, SUNDAY = 5, 6
ONE_DAY = timedelta(days=1)

Unit = Literal["min", "h", "working day"]
_LIMIT = re.compile(r"([1-9][0-9]{0,3}) (min|h|working day|working days)")


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take: `amount` minutes, hours or working days."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read "3 min", "24 h", "1 working day" or "2 working days"; ValueError otherwise."""
        found = _LIMIT.fullmatch(text)
        if found is None:
            raise ValueError('must be written like "3 min", "24 h" or "2 working days"')
        unit = found[2].removesuffix("s")
        return cls(int(found[1]), unit)  # type: ignore[arg-type]

    @property
    def seconds(self) -> int | None:
        """The limit in seconds, None where it is counted in working days."""
        return {"min": 60, "h": 3600}[self.unit] * self.amount if self.unit != WORKING_DAY else None

    def end(self, start: datetime, calendar: WorkingCalendar, tz: tzinfo) -> datetime:
        """When a period that starts at `start` (aware) ends, in UTC."""
        seconds = self.seconds
        if seconds is None:
            return calendar.add_working_days(start, self.amount, tz)
        # In UTC, so that a change of the clocks adds or takes no hour.
        return start.astimezone(UTC) + timedelta(seconds=seconds)

    def __str__(self) -> str:
        plural = "s" if self.unit == WORKING_DAY and self.amount > 1 else ""
        return f"{self.amount} {self.unit}{plural}"


WORKING_DAY: Unit = "working day"


class Decision(NamedTuple):
    """An organization's own word on one day: worked or not, and what the day is called."""

    working: bool
    name: str


class Day(NamedTuple):
    """One day of a calendar: whether it counts, and why (see `WorkingCalendar.day`)."""

    working: bool
    why: str


def midnight(day: date, tz: tzinfo) -> datetime:
    """The first instant of the local `day`, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC)


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are worked, as decided and known at one time.

    `free` are days off with their names (public holidays, days moved by 调休), `worked` are days
    of the weekend that are worked. `first_year` to `last_year` are the years that are announced:
    outside of them weekdays and what the library knows by law are all there is, so ask `covers`
    before relying on a day. `known_since` None means: always known.
    """

    free: Mapping[date, str]
    worked: Mapping[date, str]
    first_year: int
    last_year: int
    known_since: datetime | None = None
    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    _ends: dict[tuple[date, int], date] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def from_holidays(
        cls,
        first_year: int,
        last_year: int,
        overrides: Mapping[date, Decision] | None = None,
        *,
        known_since: datetime | None = None,
    ) -> WorkingCalendar:
        """China's public holidays and make-up workdays, with an organization's own overrides.

        A year of the range whose make-up workdays are not announced yet gets the holidays fixed
        by law, and `covers` says no for it. ValueError for an empty range.
        """
        # Imported here because it takes a third of a second, and a stored calendar needs none of it.
        from holidays.countries.china import China, ChinaStaticHolidays

        if last_year < first_year:
            raise ValueError("the last year lies before the first")
        # A make-up workday can lie in the year before the holiday it makes up for.
        found = China(years=range(first_year, last_year + 2), language="zh_CN", expand=False)
        announced = [
            year
            for year in ChinaStaticHolidays.special_public_holidays
            if first_year <= year <= last_year
        ]
        free = {day: name for day, name in found.items() if first_year <= day.year <= last_year}
        worked = {
            day: "调休" for day in found.weekend_workdays if first_year <= day.year <= last_year
        }
        for day, decision in (overrides or {}).items():
            free.pop(day, None)
            worked.pop(day, None)
            if not decision.working:
                free[day] = decision.name
            elif day.weekday() in cls.weekend:
                worked[day] = decision.name
        return cls(
            free=dict(sorted(free.items())),
            worked=dict(sorted(worked.items())),
            first_year=min(announced, default=first_year),
            last_year=max(announced, default=first_year - 1),
            known_since=known_since,
        )

    def covers(self, day: date) -> bool:
        """Whether the day's year is announced, so that nothing about it is assumed."""
        return self.first_year <= day.year <= self.last_year

    def day(self, day: date) -> Day:
        """Whether the day counts, and why: "working_day", "make_up_working_day", "weekend" or
        "holiday:" with its name."""
        if day in self.worked:
            return Day(True, "make_up_working_day")
        if day in self.free:
            return Day(False, f"holiday:{self.free[day]}")
        if day.weekday() in self.weekend:
            return Day(False, "weekend")
        return Day(True, "working_day")

    def is_working_day(self, day: date) -> bool:
        return self.day(day).working

    def add_working_days(self, start: datetime, count: int, tz: tzinfo) -> datetime:
        """The end, in UTC, of a period of `count` working days that starts at `start` (aware).

        Days are days of `tz`. The day of the start does not count; the period ends at 24:00 of
        its last working day [PRC Civil Code art. 201, 203]. ValueError for a count below one.
        """
        if count < 1:
            raise ValueError("a period has at least one working day")
        first = start.astimezone(tz).date()
        end = self._ends.get((first, count))
        if end is None:
            last, left = first, count
            while left:
                last += ONE_DAY
                left -= self.is_working_day(last)
            end = self._ends[first, count] = last + ONE_DAY
        return midnight(end, tz)

    def to_json(self) -> dict[str, Any]:
        """Everything the calendar knows, as JSON values; `from_json` reads it back."""
        return {
            "free": {day.isoformat(): name for day, name in self.free.items()},
            "worked": {day.isoformat(): name for day, name in self.worked.items()},
            "first_year": self.first_year,
            "last_year": self.last_year,
            "weekend": sorted(self.weekend),
            "known_since": self.known_since.isoformat() if self.known_since else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> WorkingCalendar:
        """Read what `to_json` gave; KeyError or ValueError where it is not that."""
        known_since = stored["known_since"]
        return cls(
            free={date.fromisoformat(day): name for day, name in stored["free"].items()},
            worked={date.fromisoformat(day): name for day, name in stored["worked"].items()},
            first_year=stored["first_year"],
            last_year=stored["last_year"],
            weekend=frozenset(stored["weekend"]),
            known_since=datetime.fromisoformat(known_since) if known_since else None,
        )


def known_at(calendars: tuple[WorkingCalendar, ...], instant: datetime) -> WorkingCalendar:
    """The latest of `calendars` (ordered by `known_since`) known at `instant`, else the first."""
    for calendar in reversed(calendars):
        if calendar.known_since is None or calendar.known_since <= instant:
            return calendar
    return calendars[0]
