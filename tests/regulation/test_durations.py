"""Limits and working days: PRC Civil Code art. 201 and 203, holidays and make-up workdays."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.regulation.histories import CALENDAR, MANY, SHANGHAI, at

from shouwen.regulation.durations import Decision, Limit, WorkingCalendar, known_at
from shouwen.regulation.entries import Entry

BERLIN = ZoneInfo("Europe/Berlin")


def end(start: str, count: int) -> datetime:
    return CALENDAR.add_working_days(at(start), count, SHANGHAI)


@pytest.mark.parametrize("text", ["3 min", "24 h", "1 working day", "15 working days"])
def test_a_limit_is_written_as_it_is_read(text: str) -> None:
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize("text", ["", "3", "min", "0 h", "-1 h", "2 days", "3min", "1.5 h", "3 h "])
def test_anything_else_is_no_limit(text: str) -> None:
    with pytest.raises(ValueError, match="must be written like"):
        Limit.parse(text)


def test_the_day_of_the_start_does_not_count() -> None:
    assert end("03-02 00:00", 1) == end("03-02 23:59", 1) == at("03-04 00:00")


def test_a_weekend_does_not_count() -> None:
    assert end("03-05 10:00", 2) == at("03-10 00:00")


def test_a_start_on_a_day_off_counts_from_the_next_working_day() -> None:
    assert end("03-07 10:00", 1) == at("03-10 00:00")


def test_a_make_up_saturday_counts() -> None:
    # 国庆节: Saturday 10 October 2026 is worked.
    assert end("10-09 10:00", 1) == at("10-11 00:00")
    assert CALENDAR.day(date(2026, 10, 10)) == (True, "make_up_working_day")


def test_a_holiday_in_the_week_does_not_count() -> None:
    assert end("09-30 10:00", 1) == at("10-09 00:00")
    assert CALENDAR.day(date(2026, 10, 1)) == (False, "holiday:国庆节")


def test_days_are_days_of_the_time_zone() -> None:
    start = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
    assert CALENDAR.add_working_days(start, 1, SHANGHAI) == at("03-05 00:00")
    assert CALENDAR.add_working_days(start, 1, UTC) == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_period_of_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        end("03-02 10:00", 0)


def test_a_make_up_workday_can_lie_in_the_year_before_its_holiday() -> None:
    # 2005-12-31 (Saturday) was worked for New Year 2006.
    assert WorkingCalendar.from_holidays(2005, 2005).is_working_day(date(2005, 12, 31))


def test_years_not_announced_are_told_and_never_guessed() -> None:
    calendar = WorkingCalendar.from_holidays(2026, 2040)
    assert calendar.covers(date(2026, 12, 31))
    assert not calendar.covers(date(2025, 12, 31))
    assert not calendar.covers(date(2040, 1, 4))
    # Fixed by law, announced or not.
    assert not calendar.is_working_day(date(2040, 10, 1))


def test_a_range_with_no_announced_year_covers_nothing() -> None:
    calendar = WorkingCalendar.from_holidays(2040, 2041)
    assert not any(calendar.covers(date(year, 6, 1)) for year in (2039, 2040, 2041))


def test_an_empty_range_is_refused() -> None:
    with pytest.raises(ValueError, match="before the first"):
        WorkingCalendar.from_holidays(2026, 2025)


def test_the_organization_may_decide_otherwise() -> None:
    calendar = WorkingCalendar.from_holidays(
        2026,
        2026,
        {
            date(2026, 3, 3): Decision(False, "司庆"),
            date(2026, 3, 7): Decision(True, "值班"),
            date(2026, 10, 10): Decision(False, "台风"),
            date(2026, 10, 1): Decision(True, "值班"),
        },
    )
    assert calendar.day(date(2026, 3, 3)) == (False, "holiday:司庆")
    assert calendar.day(date(2026, 3, 7)) == (True, "make_up_working_day")
    assert calendar.day(date(2026, 10, 10)) == (False, "holiday:台风")
    assert calendar.day(date(2026, 10, 1)) == (True, "working_day")


def test_a_calendar_is_the_same_after_it_was_stored() -> None:
    known = datetime(2025, 11, 4, tzinfo=UTC)
    calendar = WorkingCalendar.from_holidays(2025, 2027, known_since=known)
    assert WorkingCalendar.from_json(json.loads(json.dumps(calendar.to_json()))) == calendar
    assert WorkingCalendar.from_json(CALENDAR.to_json()) == CALENDAR


def test_the_latest_calendar_known_then_is_used() -> None:
    first, second = (
        WorkingCalendar({}, {}, 2026, 2026, datetime(2026, month, 1, tzinfo=UTC))
        for month in (2, 4)
    )
    assert known_at((first, second), datetime(2026, 4, 1, tzinfo=UTC)) is second
    assert known_at((first, second), datetime(2026, 3, 31, tzinfo=UTC)) is first
    assert known_at((first, second), datetime(2025, 1, 1, tzinfo=UTC)) is first


def test_hours_are_hours_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    due = Limit.parse("24 h").end(before, CALENDAR, BERLIN)
    assert due - before.astimezone(UTC) == timedelta(hours=24)
    assert due.astimezone(BERLIN).hour == 13


def test_working_days_end_at_local_midnight_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 27, 12, 0, tzinfo=BERLIN)
    due = Limit.parse("1 working day").end(before, CALENDAR, BERLIN)
    assert due == datetime(2026, 3, 31, tzinfo=BERLIN)


def test_a_midnight_left_out_by_the_change_is_the_first_moment_of_the_day() -> None:
    # Cairo 2026-04-24: 00:00 becomes 01:00.
    cairo = ZoneInfo("Africa/Cairo")
    due = CALENDAR.add_working_days(datetime(2026, 4, 22, 12, tzinfo=cairo), 1, cairo)
    assert due == datetime(2026, 4, 23, 22, 0, tzinfo=UTC)
    assert due.astimezone(cairo).isoformat() == "2026-04-24T01:00:00+03:00"


def test_a_time_without_an_offset_is_never_taken_for_local() -> None:
    naive, aware = datetime(2026, 3, 2, 9), at("03-02 09:00")
    with pytest.raises(ValueError, match="offset"):
        Entry("received", naive, aware)
    with pytest.raises(ValueError, match="offset"):
        Entry("received", aware, naive)
    told = Entry("dispatched", aware, aware, {"due_at": "2026-03-02T10:00:00"})
    with pytest.raises(ValueError, match="due_at"):
        told.instant("due_at")


@MANY
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1)),
    st.integers(1, 20),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"]),
)
def test_exactly_so_many_working_days_lie_between(local: datetime, count: int, name: str) -> None:
    zone = ZoneInfo(name)
    start = local.replace(tzinfo=zone)
    due = CALENDAR.add_working_days(start, count, zone).astimezone(zone)
    assert (due.hour, due.minute, due.second) == (0, 0, 0)
    first = start.astimezone(UTC).astimezone(zone).date()
    days = [first + timedelta(days=n) for n in range(1, (due.date() - first).days)]
    assert sum(map(CALENDAR.is_working_day, days)) == count
    assert CALENDAR.is_working_day(days[-1])
