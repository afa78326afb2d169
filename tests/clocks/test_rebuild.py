"""The rows can be told from the ledger alone, at any time, for ever."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clocks.matters import HOUR, MATTER, MONDAY, happens, receive, row

from shouwen.clocks import subjects, timekeeper
from shouwen.clocks.models import ClockRow
from shouwen.clocks.rebuild import rebuild

pytestmark = pytest.mark.django_db

_DEPARTMENT = {"department": "engineering"}
_STEPS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "relayed": lambda at: {},
    "assessed": lambda at: {"severity": "emergency", "needs_developer": True},
    "dispatched": lambda at: _DEPARTMENT | {"due_at": at + 5 * HOUR},
    "accepted": lambda at: _DEPARTMENT,
    "declined": lambda at: _DEPARTMENT,
    "recalled": lambda at: _DEPARTMENT,
    "extended": lambda at: _DEPARTMENT | {"due_at": at + 9 * HOUR},
    "completed": lambda at: _DEPARTMENT,
    "verified": lambda at: {},
    "verification_failed": lambda at: {},
    "visited": lambda at: {},
    "customer_informed": lambda at: {"next_update_at": at + 3 * HOUR},
    "escalated_to_company": lambda at: {},
    "escalated_to_board": lambda at: {},
    "explained": lambda at: {"accepted": False},
    "closed": lambda at: {},
    "reopened": lambda at: {},
}
_HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(sorted(_STEPS)),
        st.integers(0, 40),  # hours since the last entry was recorded
        st.integers(0, 10),  # hours between what happened and its being written
        st.booleans(),  # whether the timekeeper looks in between
    ),
    max_size=14,
)


@settings(max_examples=15, deadline=None)
@given(history=_HISTORIES)
def test_no_history_leaves_a_difference(history: list[tuple[str, int, int, bool]]) -> None:
    matter, at = receive(), MONDAY
    for kind, hours, gap, looks in history:
        at += hours * HOUR
        if looks:
            timekeeper.tick(at)
        happened = max(MONDAY, at - gap * HOUR)
        happens(matter, kind, happened, recorded=at, **_STEPS[kind](happened))
    timekeeper.tick(at + timedelta(days=2))
    assert list(rebuild(now=at + timedelta(days=2))) == []


def test_what_somebody_altered_is_named_and_written_anew() -> None:
    matter = receive()
    happens(matter, "relayed", MONDAY + 25 * HOUR)
    ClockRow.objects.filter(rule="R1.relay").update(state="met", stopped_at=MONDAY)
    row(matter, "H.total").delete()
    (difference,) = rebuild()
    assert difference.number == f"M{matter}"
    assert set(difference.what) == {"R1.relay #1: stopped_at, state", "H.total #1: missing"}
    assert row(matter, "R1.relay").state == "met", "nothing is written unless asked for"

    assert len(list(rebuild(write=True))) == 1
    assert row(matter, "R1.relay").state == "breached"
    assert row(matter, "H.total").state == "running"
    assert list(rebuild()) == []


def test_a_clock_that_the_ledger_does_not_know_is_named_and_taken_away() -> None:
    matter = receive()
    extra = row(matter, "H.total")
    extra.pk, extra.rule = None, "H.invented"
    extra.save()
    (difference,) = rebuild(write=True)
    assert difference.what == ("H.invented #1: not in the ledger",)
    assert not ClockRow.objects.filter(rule="H.invented").exists()


def test_what_the_room_of_the_subject_keeps_beside_is_named_and_written_too() -> None:
    matter = receive()
    altered = {matter}
    subjects.register(
        replace(
            subjects.of(MATTER),
            differences=lambda subject_id: ["version"] if subject_id in altered else [],
            rebuild=altered.discard,
        )
    )
    (difference,) = rebuild()
    assert difference.what == ("version",)
    assert altered
    assert len(list(rebuild(write=True))) == 1
    assert list(rebuild()) == []


def test_all_matters_are_gone_through_page_by_page() -> None:
    for _number in range(5):
        receive()
    ClockRow.objects.filter(rule="R1.relay").delete()
    heard: list[tuple[int, int]] = []
    found = list(rebuild(batch=2, progress=lambda done, total: heard.append((done, total))))
    assert len(found) == 5
    assert heard[-1] == (5, 5)


def test_on_the_command_line_a_difference_is_a_failure() -> None:
    receive()
    out = io.StringIO()
    call_command("clocks", "rebuild", stdout=out)
    ClockRow.objects.filter(rule="R1.relay").delete()
    with pytest.raises(SystemExit):
        call_command("clocks", "rebuild", stdout=out)
    call_command("clocks", "rebuild", "--write", stdout=out)
    call_command("clocks", "rebuild", stdout=out)
    assert "R1.relay #1: missing" in out.getvalue()
