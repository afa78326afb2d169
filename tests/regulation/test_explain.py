"""A clock explains itself stretch by stretch, and what counts adds up to its limit."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from tests.regulation.histories import (
    CALENDAR,
    MANY,
    REGULATION,
    SHANGHAI,
    at,
    dispatched,
    end_of,
    entry,
    found,
    histories,
)

from shouwen.regulation.durations import WorkingCalendar
from shouwen.regulation.engine import Clock, Entry, clocks
from shouwen.regulation.explain import Stretch, explain, reached, warned_at

RECEIVED = entry("received", "03-02 09:00", front_desk=True)


def explained(rule: str, *entries: Entry) -> list[Stretch]:
    clock = next(c for c in found(*entries) if c.rule == rule)
    return explain(REGULATION, clock, entries, CALENDAR, SHANGHAI)


def why(stretches: list[Stretch]) -> list[tuple[str, str, float]]:
    return [
        (s.end.astimezone(SHANGHAI).strftime("%m-%d %H:%M"), s.why, s.amount) for s in stretches
    ]


def counted(stretches: list[Stretch]) -> float:
    return sum(stretch.amount for stretch in stretches if stretch.counted)


@MANY
@given(histories())
def test_the_counted_stretches_add_up_to_the_limit(history: list[Entry]) -> None:
    for clock in clocks(REGULATION, history, CALENDAR, end_of(history), SHANGHAI):
        stretches = explain(REGULATION, clock, history, CALENDAR, SHANGHAI)
        limit = REGULATION.rule(clock.rule).within
        if limit is None:
            left = clock.due_at - clock.started_at
            assert counted(stretches) == max(left, timedelta()).total_seconds()
        else:
            assert counted(stretches) == (limit.seconds or limit.amount)
        assert stretches[0].start == clock.started_at
        assert stretches[-1].end == max(clock.started_at, clock.due_at)
        assert all(one.end == next_one.start for one, next_one in pairwise(stretches))
        assert all(stretch.counted or stretch.amount == 0 for stretch in stretches)


def test_hours_run_always() -> None:
    assert why(explained("H.contact", RECEIVED)) == [("03-03 09:00", "continuous", 86400)]


def test_working_days_name_every_day_that_did_not_count() -> None:
    received = entry("received", "09-29 09:00", front_desk=True)
    explanation = explained("H.close", received, entry("visited", "09-29 10:00"))
    assert why(explanation) == [
        ("09-30 00:00", "start_day", 0),
        ("10-01 00:00", "working_day", 1),
        ("10-04 00:00", "holiday:国庆节", 0),
        ("10-05 00:00", "weekend", 0),
        ("10-06 00:00", "holiday:国庆节（补假）", 0),
        ("10-07 00:00", "holiday:休息日（由 2026-09-20 调休）", 0),
        ("10-08 00:00", "holiday:休息日（由 2026-10-10 调休）", 0),
        ("10-09 00:00", "working_day", 1),
    ]


def test_a_make_up_workday_counts_and_says_so() -> None:
    received = entry("received", "10-09 09:00", front_desk=True)
    explanation = explained(
        "H.mediate", received, entry("explained", "10-09 10:00", accepted=False)
    )
    assert why(explanation)[-1] == ("10-11 00:00", "make_up_working_day", 1)


def test_an_agreed_limit_names_the_entry_that_agreed_it() -> None:
    explanation = explained("R2.handle", RECEIVED, dispatched("03-02 10:00", "03-03 18:00"))
    assert [(s.why, s.entry) for s in explanation] == [("agreed_limit", 1)]


def test_an_extension_is_a_stretch_of_its_own() -> None:
    entries = (
        RECEIVED,
        dispatched("03-02 10:00", "03-03 18:00"),
        entry("extended", "03-03 12:00", department="engineering", due_at=at("03-04 18:00")),
        entry("extended", "03-04 12:00", department="engineering", due_at=at("03-05 18:00")),
    )
    explanation = explained("R2.handle", *entries)
    assert why(explanation) == [
        ("03-03 18:00", "agreed_limit", 32 * 3600),
        ("03-04 18:00", "moved_by_extension", 24 * 3600),
        ("03-05 18:00", "moved_by_extension", 24 * 3600),
    ]
    assert [s.entry for s in explanation] == [1, 2, 3]


def test_a_limit_moved_nearer_ends_there() -> None:
    entries = (
        RECEIVED,
        dispatched("03-02 10:00", "03-05 18:00"),
        entry("extended", "03-03 12:00", department="engineering", due_at=at("03-04 18:00")),
    )
    assert [s.end for s in explained("R2.handle", *entries)] == [at("03-04 18:00")]


def test_an_ended_clock_is_explained_by_the_calendar_it_was_judged_by() -> None:
    entries = [RECEIVED, entry("visited", "03-02 10:00"), entry("closed", "03-03 10:00")]
    later = WorkingCalendar(
        {date(2026, 3, 3): "停业"}, {}, 2026, 2026, known_since=at("03-04 00:00")
    )
    known = [CALENDAR, later]

    def day_by_day(*taken: Entry) -> list[str]:
        now = at("03-05 00:00")
        clock = next(
            c for c in clocks(REGULATION, taken, known, now, SHANGHAI) if c.rule == "H.close"
        )
        return [s.why for s in explain(REGULATION, clock, taken, known, SHANGHAI, now)]

    assert day_by_day(*entries) == ["start_day", "working_day", "working_day"]
    assert day_by_day(*entries[:2]) == ["start_day", "holiday:停业", "working_day", "working_day"]


def test_an_unstopped_clock_is_explained_by_what_was_known_then() -> None:
    later = WorkingCalendar(
        {date(2026, 3, 3): "停业"}, {}, 2026, 2026, known_since=at("03-04 00:00")
    )
    taken, now = [RECEIVED], at("03-03 12:00")
    [clock] = [
        c
        for c in clocks(REGULATION, taken, [CALENDAR, later], now, SHANGHAI)
        if c.rule == "H.total"
    ]
    reasons = [s.why for s in explain(REGULATION, clock, taken, [CALENDAR, later], SHANGHAI, now)]
    assert "holiday:停业" not in reasons


@pytest.mark.parametrize(
    ("fraction", "when"),
    [(0.5, "03-07 00:00"), (0.8, "03-09 14:24"), (1, "03-10 00:00")],
)
def test_a_warning_comes_when_so_much_of_what_counts_is_used_up(fraction: float, when: str) -> None:
    received = entry("received", "03-05 09:00", front_desk=True)
    explanation = explained("H.close", received, entry("visited", "03-05 10:00"))
    assert reached(explanation, fraction) == at(when)


def test_the_warnings_of_a_rule_are_those_its_file_names() -> None:
    clock: Clock = found(RECEIVED)[0]
    assert clock.rule == "H.contact"
    stretches = explained("H.contact", RECEIVED)
    assert warned_at(REGULATION, clock, stretches) == [
        (0.5, at("03-02 21:00")),
        (0.8, datetime(2026, 3, 2, 20, 12, tzinfo=UTC)),
    ]


def test_a_limit_agreed_for_a_time_already_past_warns_at_once() -> None:
    explanation = explained("R2.handle", RECEIVED, dispatched("03-02 10:00", "03-02 09:30"))
    assert reached(explanation, 0.5) == at("03-02 10:00")
