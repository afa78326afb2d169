"""Stored calendars: which days are worked, and since when that is known.

A clock is judged by the calendar known when the entry that ended it was recorded; therefore a
version is never changed, and a new one counts only from a moment that has not come yet.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.clocks.models import StoredCalendar
from shouwen.clocks.versions import ALWAYS, SETTLING, Newest, newest, one_writer, sha256
from shouwen.records import audit
from shouwen.regulation.durations import Decision, WorkingCalendar

#: The first year that the library's days are asked for: that of the first regulation.
FIRST_YEAR = 2004
#: A year that is not announced is worth a word from this long before it begins.
FORESIGHT = timedelta(days=45)


class Known(NamedTuple):
    """All versions, oldest first: the rows' ids and the calendars side by side."""

    ids: tuple[int, ...]
    calendars: tuple[WorkingCalendar, ...]

    def at(self, instant: datetime) -> tuple[int, WorkingCalendar]:
        """The version known at `instant`, with its row's id."""
        index = len(self.calendars) - 1
        while index and (self.calendars[index].known_since or ALWAYS) > instant:
            index -= 1
        return self.ids[index], self.calendars[index]

    def by_id(self, row_id: int) -> WorkingCalendar:
        """The version of that row; ValueError where there is none."""
        return self.calendars[self.ids.index(row_id)]


def all_known(stored: Newest | None = None) -> Known:
    """Every version, oldest first. At the first use the library's days become the first one.

    `stored` are the newest versions where they have been asked for already.
    """
    newest_id = (stored or newest()).calendar
    if newest_id is not None:
        return _up_to(newest_id)
    with transaction.atomic():
        one_writer()
        if not StoredCalendar.objects.exists():
            _store(library(), ALWAYS, source=library_source(), overrides={})
    return all_known()


@lru_cache(maxsize=4)
def _up_to(newest_id: int) -> Known:
    rows = list(StoredCalendar.objects.filter(pk__lte=newest_id).order_by("known_since"))
    return Known(ids=tuple(row.pk for row in rows), calendars=tuple(map(_calendar, rows)))


def _calendar(row: StoredCalendar) -> WorkingCalendar:
    known_since = None if row.known_since <= ALWAYS else row.known_since.isoformat()
    return WorkingCalendar.from_json(row.days | {"known_since": known_since})


def current(at: datetime | None = None) -> WorkingCalendar:
    """The calendar known at that moment (default: now)."""
    return all_known().at(at or timezone.now())[1]


def library(
    overrides: Mapping[date, Decision] | None = None, *, now: datetime | None = None
) -> WorkingCalendar:
    """The installed library's days up to the year after next, with the organization's own."""
    last_year = (now or timezone.now()).year + 2
    return _library(last_year, tuple(sorted((overrides or {}).items())))


@lru_cache(maxsize=4)
def _library(last_year: int, overrides: tuple[tuple[date, Decision], ...]) -> WorkingCalendar:
    return WorkingCalendar.from_holidays(FIRST_YEAR, last_year, dict(overrides))


def library_source() -> str:
    """What the library's days are marked with: its name and version."""
    import holidays

    return f"holidays {holidays.__version__}"


def learn(
    days: WorkingCalendar,
    known_since: datetime | None = None,
    source: str = "",
    *,
    overrides: Mapping[date, Decision] | None = None,
    now: datetime | None = None,
) -> StoredCalendar | None:
    """Store a new version that counts from `known_since` (default: in a few seconds).

    `overrides` are the organization's own days among them, kept when the library is followed. None
    where the newest version says the same. Running clocks follow by `upkeep.follow_calendar`;
    verdicts given before stand. Raises ValueError for a moment that has passed or does not come
    after the newest version's: verdicts have been given without it.
    """
    now = now or timezone.now()
    known_since = known_since or now + SETTLING
    all_known()
    with transaction.atomic():
        one_writer()
        last = StoredCalendar.objects.latest("known_since")
        if last.sha256 == _digest(days):
            return None
        if known_since < now or known_since <= last.known_since:
            raise ValueError("a calendar cannot be known since before it is written")
        return _store(days, known_since, source=source, overrides=overrides or {})


def decide(
    overrides: Mapping[date, Decision], *, now: datetime | None = None
) -> StoredCalendar | None:
    """Learn the organization's own word on some days, beside those it decided before."""
    decided = _decided() | dict(overrides)
    source = _("本公司安排")
    with transaction.atomic():
        learned = learn(library(decided, now=now), source=source, overrides=decided, now=now)
        if learned is not None:
            audit.note("calendar_changed", actor_id=None, at=now, number=len(overrides))
    return learned


def follow_library(now: datetime | None = None) -> StoredCalendar | None:
    """Learn the installed library's days where they differ from the newest version; else None."""
    decided = _decided()
    days = library(decided, now=now)
    return learn(days, source=library_source(), overrides=decided, now=now)


def warnings(now: datetime | None = None) -> list[str]:
    """What people must know about the calendar: years near at hand that are not announced yet."""
    now = now or timezone.now()
    calendar = current(now)
    days = (timezone.localdate(now), timezone.localdate(now + FORESIGHT))
    return [
        _("%(year)s 年的放假调休安排尚未公布或录入，工作日暂按法定节假日推算。") % {"year": year}
        for year in sorted({day.year for day in days if not calendar.covers(day)})
    ]


def _decided() -> dict[date, Decision]:
    all_known()
    overrides = StoredCalendar.objects.latest("known_since").overrides
    return {date.fromisoformat(day): Decision(*word) for day, word in overrides.items()}


def _days(calendar: WorkingCalendar) -> dict[str, Any]:
    return {name: value for name, value in calendar.to_json().items() if name != "known_since"}


def _digest(calendar: WorkingCalendar) -> str:
    days = _days(calendar)
    return sha256(json.dumps(days, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def _store(
    calendar: WorkingCalendar,
    known_since: datetime,
    *,
    source: str,
    overrides: Mapping[date, Decision],
) -> StoredCalendar:
    return StoredCalendar.objects.create(
        known_since=known_since,
        days=_days(calendar),
        overrides={day.isoformat(): list(word) for day, word in overrides.items()},
        sha256=_digest(calendar),
        source=source,
    )
