"""A clock says how it came to its due time: what counted, what did not, by which versions."""

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clocks.matters import HOUR, MONDAY, SHANGHAI, happens, receive, row

from shouwen.clocks import explaining, timekeeper
from shouwen.clocks.models import ClockRow

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_working_days_over_a_holiday_are_told_one_by_one() -> None:
    eve = datetime(2026, 9, 29, 10, tzinfo=SHANGHAI)  # a Tuesday, two days before the holiday
    matter = receive(eve, front_desk=True)
    happens(matter, "explained", eve)
    told = explaining.explain(row(matter, "H.close"))
    assert told.stretches[0].why == "start_day"
    assert told.counted == told.limit == 2
    assert told.unit == "working_days"
    assert any("国庆" in (explaining.holiday(stretch) or "") for stretch in told.stretches)
    assert told.stretches[-1].end == told.row.due_at
    assert all(
        before.end == after.start
        for before, after in zip(told.stretches, told.stretches[1:], strict=False)
    )


def test_an_agreed_time_is_told_with_the_entries_that_agreed_and_moved_it() -> None:
    matter = receive(front_desk=True)
    due = MONDAY + DAY
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=due)
    happens(matter, "extended", MONDAY + HOUR, department="engineering", due_at=due + DAY)
    told = explaining.explain(row(matter, "R2.handle", "engineering"))
    assert [(each.why, each.entry) for each in told.stretches] == [
        ("agreed_limit", 2),
        ("moved_by_extension", 3),
    ]
    assert told.counted == (2 * DAY).total_seconds()
    assert [each.number for each in told.moved_by] == [3]


def test_what_was_announced_and_what_ended_it_are_told() -> None:
    matter = receive()
    timekeeper.tick(MONDAY + DAY)
    happens(matter, "relayed", MONDAY + 25 * HOUR)
    told = explaining.explain(row(matter, "R1.relay"))
    assert told.ended_by is not None
    assert told.ended_by.kind == "relayed"
    assert [entry.kind for entry in told.fired] == ["warned", "warned", "breached"]
    assert told.late_by() == 3600
    assert "24小时" in told.clause


@settings(max_examples=25, deadline=None)
@given(hours=st.integers(0, 24 * 700))
def test_the_stretches_add_up_to_the_limit(hours: int) -> None:
    start = datetime(2025, 1, 1, tzinfo=UTC) + hours * HOUR
    matter = receive(start, severity="emergency", front_desk=True)
    happens(matter, "explained", start, accepted=False)
    for clock in ClockRow.objects.filter(subject_id=matter):
        told = explaining.explain(clock)
        if told.limit is not None:
            assert told.counted == told.limit
        assert told.stretches[0].start == clock.started_at
        assert told.stretches[-1].end == clock.due_at


def test_on_the_command_line_as_evidence() -> None:
    matter = receive()
    happens(matter, "relayed", MONDAY + HOUR)
    out = io.StringIO()
    call_command("clocks", "explain", f"M{matter}", "--json", stdout=out)
    told = json.loads(out.getvalue())
    relay = next(clock for clock in told["clocks"] if clock["rule"] == "R1.relay")
    assert relay["stretches"] == [
        {
            "start": "2026-03-02T09:00:00+08:00",
            "end": "2026-03-03T09:00:00+08:00",
            "counted": True,
            "amount": 86400.0,
            "why": "continuous",
            "holiday": None,
            "entry": 1,
        }
    ]
    assert relay["ended_by"]["number"] == 2
    assert len(relay["regulation"]["sha256"]) == len(relay["calendar"]["sha256"]) == 64

    out = io.StringIO()
    call_command("clocks", "explain", f"M{matter}", "--rule", "H.total", stdout=out)
    assert "H.total" in out.getvalue()
    assert "R1.relay" not in out.getvalue()
    with pytest.raises(CommandError, match="M999999"):
        call_command("clocks", "explain", "M999999")
