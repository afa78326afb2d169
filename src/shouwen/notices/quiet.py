"""Quiet hours and digest times, as plain functions over local clock times."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Iterable


def is_quiet(
    at: datetime.datetime,
    since: datetime.time | None,
    until: datetime.time | None,
    zone: zoneinfo.ZoneInfo,
) -> bool:
    """Whether `at` lies in the quiet hours: from `since` until before `until`, over midnight or not.

    No quiet hours where one of them is missing or both are the same.
    """
    if since is None or until is None or since == until:
        return False
    now = at.astimezone(zone).time()
    if since < until:
        return since <= now < until
    return now >= since or now < until


def quiet_ends(
    at: datetime.datetime,
    since: datetime.time | None,
    until: datetime.time | None,
    zone: zoneinfo.ZoneInfo,
) -> datetime.datetime:
    """When it is no longer quiet, counted from `at`: `at` itself where it is not quiet."""
    if not is_quiet(at, since, until, zone):
        return at
    assert until is not None
    return _next(at, until, zone)


def next_digest(
    at: datetime.datetime, times: Iterable[datetime.time], zone: zoneinfo.ZoneInfo
) -> datetime.datetime:
    """The first of the daily `times` after `at`; `at` itself where there are none."""
    return min((_next(at, time, zone) for time in times), default=at)


def _next(
    at: datetime.datetime, clock: datetime.time, zone: zoneinfo.ZoneInfo
) -> datetime.datetime:
    """The first moment after `at` at which a clock on the wall of the zone shows `clock`.

    A time that a day leaves out (clocks put forward) is the moment after the gap; one that comes
    twice is its first.
    """
    day = at.astimezone(zone).date()
    for ahead in range(3):
        local = datetime.datetime.combine(day + datetime.timedelta(days=ahead), clock, zone)
        # Through UTC and back: a local time inside a gap becomes one that exists.
        moment = local.astimezone(datetime.UTC)
        if moment > at:
            return moment.astimezone(at.tzinfo)
    raise AssertionError("a clock shows every time within two days")
