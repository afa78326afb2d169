"""Clock rows follow the ledger in the transaction of the step, and a verdict stands."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.clocks.matters import HOUR, MATTER, MONDAY, SHANGHAI, happens, receive, row

from shouwen.clocks import projection
from shouwen.clocks.models import ClockRow
from shouwen.records import ledger
from shouwen.regulation.engine import Entry

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    matter = receive()
    relay = row(matter, "R1.relay")
    assert (relay.state, relay.holder, relay.article) == ("running", "first_contact", "R1")
    assert relay.started_at == MONDAY
    assert relay.due_at == MONDAY + 24 * HOUR
    assert relay.next_fire_at == MONDAY + 12 * HOUR

    changes = happens(matter, "relayed", MONDAY + HOUR)
    assert [each.rule for each in changes.stopped] == ["R1.relay"]
    assert [each.rule for each in changes.started] == ["R2.dispatch"]
    relay.refresh_from_db()
    assert (relay.state, relay.stopped_at) == ("met", MONDAY + HOUR)
    assert (relay.started_by, relay.ended_by) == (1, 2)
    assert relay.next_fire_at is None


def test_a_department_holds_its_own_clock_until_the_agreed_time() -> None:
    matter = receive()
    due = MONDAY + 30 * HOUR
    happens(matter, "dispatched", MONDAY + HOUR, department="engineering", due_at=due)
    handle = row(matter, "R2.handle", "engineering")
    assert (handle.holder, handle.department, handle.due_at) == ("department", "engineering", due)

    later = due + 24 * HOUR
    changes = happens(matter, "extended", due - HOUR, department="engineering", due_at=later)
    assert [each.rule for each in changes.moved] == ["R2.handle"]
    assert row(matter, "R2.handle", "engineering").due_at == later


def test_a_step_that_fails_leaves_no_clock_behind() -> None:
    matter = receive()
    with pytest.raises(RuntimeError), transaction.atomic():
        happens(matter, "relayed", MONDAY + HOUR)
        raise RuntimeError
    assert row(matter, "R1.relay").state == "running"
    assert not ClockRow.objects.filter(rule="R2.dispatch").exists()


def test_a_verdict_once_given_stands() -> None:
    matter = receive()
    happens(matter, "relayed", MONDAY + 25 * HOUR)
    assert row(matter, "R1.relay").state == "breached"
    # A dispatch that happened in time is written down later: too late for the verdict.
    happens(
        matter,
        "dispatched",
        MONDAY + HOUR,
        recorded=MONDAY + 26 * HOUR,
        department="engineering",
        due_at=MONDAY + 50 * HOUR,
    )
    relay = row(matter, "R1.relay")
    assert (relay.state, relay.stopped_at) == ("breached", MONDAY + 25 * HOUR)


def test_a_clock_that_is_started_and_stopped_by_one_entry_stands_in_both_lists() -> None:
    matter = receive()
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=MONDAY + HOUR)
    changes = happens(
        matter, "completed", MONDAY + HOUR, recorded=MONDAY + 2 * HOUR, department="engineering"
    )
    for rows in (changes.started, changes.stopped):
        assert "R5.feedback" in [each.rule for each in rows]


def test_one_finishing_entry_can_start_the_same_rule_twice() -> None:
    matter = receive(needs_developer=True)
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=MONDAY + HOUR)
    happens(matter, "completed", MONDAY + HOUR, department="engineering")
    happens(matter, "assessed", MONDAY + 2 * HOUR, needs_developer=False)
    happens(matter, "assessed", MONDAY + 3 * HOUR, needs_developer=True)
    rows = ClockRow.objects.filter(subject_id=matter, rule="R7.visit").order_by("ordinal")
    assert [(each.ordinal, each.state) for each in rows] == [(0, "void"), (1, "running")]
    assert {each.started_by for each in rows} == {3}


def test_what_a_step_would_do_is_told_without_doing_it() -> None:
    matter = receive()
    would = Entry("relayed", MONDAY + HOUR, MONDAY + HOUR, {})
    changes = projection.preview(MATTER, matter, [would], now=MONDAY + HOUR)
    assert [each.rule for each in changes.stopped] == ["R1.relay"]
    assert [each.rule for each in changes.started] == ["R2.dispatch"]
    assert row(matter, "R1.relay").state == "running"
    assert len(ledger.entries(MATTER, matter)) == 1


def test_what_a_receipt_would_start_is_told_before_there_is_a_matter() -> None:
    would = Entry("received", MONDAY, MONDAY, {"severity": "emergency", "front_desk": True})
    changes = projection.preview(MATTER, None, [would], now=MONDAY, timezone=SHANGHAI)
    alert = next(each for each in changes.started if each.rule == "R6.alert")
    assert alert.due_at == MONDAY + timedelta(minutes=3)
    assert not ClockRow.objects.exists()


def test_history_that_was_brought_in_has_no_clocks_until_it_is_reopened() -> None:
    with transaction.atomic():
        chain = ledger.open_chain(MATTER, 900, 1)
        ledger.append(
            chain=chain, kind="imported", actor_id=7, occurred_at=MONDAY, facts={}, now=MONDAY
        )
        projection.project(MATTER, 900, now=MONDAY)
    assert not ClockRow.objects.exists()
    happens(900, "reopened", MONDAY + HOUR)
    assert row(900, "R2.dispatch").state == "running"


def test_kinds_of_the_ledger_that_no_rule_names_start_and_stop_nothing() -> None:
    matter = receive()
    assert not happens(matter, "attached", MONDAY + HOUR, size=3)


def test_the_clocks_of_a_new_matter_take_two_queries() -> None:
    receive()
    with transaction.atomic():
        chain = ledger.open_chain(MATTER, 901, 1)
        entry = ledger.append(
            chain=chain, kind="received", actor_id=7, occurred_at=MONDAY, facts={}, now=MONDAY
        )
        with CaptureQueriesContext(connection) as asked:
            projection.project(MATTER, 901, now=MONDAY, entries=[entry], new=True)
    assert len(asked) == 2
    assert row(901, "R1.relay").state == "running"
