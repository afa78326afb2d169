"""What is due is written into the ledger in time, once, and stays there."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.clocks.matters import HOUR, MATTER, MONDAY, happens, kinds, receive, row, versions

from shouwen.clocks import heartbeat, regulations, timekeeper
from shouwen.clocks.models import ClockRow, Outage
from shouwen.records import ledger

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def announced(matter: int, kind: str, rule: str) -> list[dict[str, Any]]:
    return [facts for facts in kinds(matter, kind) if facts["rule"] == rule]


def test_it_works() -> None:
    matter = receive()
    assert timekeeper.tick(MONDAY + 11 * HOUR) == 0
    assert timekeeper.tick(MONDAY + 12 * HOUR) == 2  # R1.relay and H.contact at half their time
    (warned,) = announced(matter, "warned", "R1.relay")
    assert warned["fraction"] == "0.5"
    assert warned["holder"] == "first_contact"
    assert warned["due_at"] == (MONDAY + 24 * HOUR).astimezone(UTC).isoformat()
    assert row(matter, "R1.relay").next_fire_at == MONDAY + 0.8 * 24 * HOUR
    assert timekeeper.tick(MONDAY + 12 * HOUR) == 0


def test_a_breach_is_announced_when_it_happens_and_the_clock_stays_unstopped() -> None:
    matter = receive()
    timekeeper.tick(MONDAY + 13 * HOUR)
    timekeeper.tick(MONDAY + 20 * HOUR)
    timekeeper.tick(MONDAY + 24 * HOUR + SECOND)
    (breached,) = announced(matter, "breached", "R1.relay")
    assert breached["late_by"] == 1
    assert row(matter, "R1.relay").state == "running"
    assert row(matter, "R1.relay").next_fire_at is None


def test_what_was_announced_stays_though_it_proves_to_have_been_in_time() -> None:
    matter = receive()
    timekeeper.tick(MONDAY + 24 * HOUR + SECOND)
    happens(matter, "relayed", MONDAY + 23 * HOUR, recorded=MONDAY + 25 * HOUR)
    assert row(matter, "R1.relay").state == "met"
    assert len(announced(matter, "breached", "R1.relay")) == 1


def test_what_has_been_stopped_is_neither_warned_of_nor_announced() -> None:
    matter = receive(front_desk=True)
    happens(matter, "relayed", MONDAY)
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=MONDAY + 48 * HOUR)
    happens(matter, "accepted", MONDAY + HOUR, department="engineering")
    timekeeper.tick(MONDAY + 20 * HOUR)
    assert not announced(matter, "breached", "R4.respond")
    assert not announced(matter, "warned", "R1.relay")


def test_a_breach_known_only_with_its_end_is_announced_all_the_same() -> None:
    matter = receive(front_desk=True)
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=MONDAY + 9 * HOUR)
    # Told to the customer centre three hours after it was done: R5.feedback never ran at all.
    happens(
        matter, "completed", MONDAY + HOUR, recorded=MONDAY + 4 * HOUR, department="engineering"
    )
    feedback = row(matter, "R5.feedback", "engineering")
    assert feedback.state == "breached"
    timekeeper.tick(MONDAY + 4 * HOUR + SECOND)
    (breached,) = announced(matter, "breached", "R5.feedback")
    assert breached["stopped_at"] == "2026-03-02T05:00:00+00:00"
    assert breached["recorded_late"] is True
    timekeeper.tick(MONDAY + 5 * HOUR)
    assert len(announced(matter, "breached", "R5.feedback")) == 1


def test_a_time_already_past_when_written_is_announced_without_warnings() -> None:
    matter = receive(MONDAY, recorded=MONDAY + HOUR, severity="emergency", front_desk=True)
    timekeeper.tick(MONDAY + HOUR)
    assert not announced(matter, "warned", "R6.alert")
    (breached,) = announced(matter, "breached", "R6.alert")
    assert breached["recorded_late"] is True
    assert breached["late_by"] == 57 * 60


def test_a_due_time_that_moves_is_warned_of_anew() -> None:
    matter = receive(front_desk=True)
    due = MONDAY + 10 * HOUR
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=due)
    timekeeper.tick(MONDAY + 9 * HOUR)
    assert len(announced(matter, "warned", "R2.handle")) == 2
    happens(matter, "extended", MONDAY + 9 * HOUR, department="engineering", due_at=due + 20 * HOUR)
    timekeeper.tick(MONDAY + 16 * HOUR)
    # Half of the new time has passed; of its 80 % nobody was warned yet.
    fractions = [each["fraction"] for each in announced(matter, "warned", "R2.handle")]
    assert fractions == ["0.5", "0.8", "0.5"]
    timekeeper.tick(due + 21 * HOUR)
    assert len(announced(matter, "breached", "R2.handle")) == 1


def test_working_days_are_warned_of_by_working_days() -> None:
    friday = MONDAY + 4 * 24 * HOUR
    matter = receive(MONDAY, front_desk=True)
    happens(matter, "dispatched", MONDAY, department="engineering", due_at=friday)
    happens(matter, "completed", friday, department="engineering")
    visit = row(matter, "R5.visit")
    assert visit.due_at == datetime(2026, 3, 10, 16, tzinfo=UTC)  # Tuesday 24:00 in Shanghai
    # Half of two working days is over when the second begins; the weekend is none.
    assert visit.next_fire_at == datetime(2026, 3, 9, 16, tzinfo=UTC)


def test_firing_starts_and_stops_nothing() -> None:
    matter = receive()
    before = set(ClockRow.objects.values_list("rule", "started_by", "state"))
    timekeeper.tick(MONDAY + 30 * HOUR)
    assert set(ClockRow.objects.values_list("rule", "started_by", "state")) == before
    assert len(ledger.entries(MATTER, matter)) > 1


def test_a_house_rule_may_name_what_is_fired() -> None:
    house = """
    [[rules]]
    id = "H.overdue"
    house = true
    title = "超时后部门负责人过问"
    verb = "过问"
    holder = "centre_head"
    within = "1 h"
    starts = [{ kinds = ["breached"] }]
    stops = [{ kinds = ["noted"] }]
    """
    regulations.adopt("2004-08-15", house, MONDAY.date(), now=MONDAY - HOUR)
    matter = receive()
    timekeeper.tick(MONDAY + 24 * HOUR)
    overdue = row(matter, "H.overdue")
    assert (overdue.state, overdue.due_at) == ("running", MONDAY + 25 * HOUR)


def test_the_room_of_the_subject_hears_of_what_was_written() -> None:
    matter = receive()
    timekeeper.tick(MONDAY + 12 * HOUR)
    assert versions[matter] == ledger.entries(MATTER, matter)[-1].number


def test_an_outage_shows_in_what_fires_late_and_why() -> None:
    matter = receive()
    stood_still, back = MONDAY + 11 * HOUR, MONDAY + 13 * HOUR
    heartbeat.begin("first", stood_still)
    assert heartbeat.begin("second", back) is not None
    timekeeper.tick(back)
    (warned,) = announced(matter, "warned", "R1.relay")
    assert warned["outage"] is True
    assert warned["outage_since"] == stood_still.astimezone(UTC).isoformat()
    assert Outage.objects.get().until == back


def test_what_is_late_without_an_outage_does_not_blame_one() -> None:
    matter = receive()
    timekeeper.tick(MONDAY + 13 * HOUR)
    (warned,) = announced(matter, "warned", "R1.relay")
    assert "outage" not in warned


def test_one_defect_holds_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, sound = receive(), receive()
    fire = timekeeper._fire

    def failing(chain: Any, *rest: Any) -> Any:
        if chain.subject_id == broken:
            raise ValueError
        return fire(chain, *rest)

    monkeypatch.setattr(timekeeper, "_fire", failing)
    at = MONDAY + 12 * HOUR
    timekeeper.tick(at)
    assert announced(sound, "warned", "R1.relay")
    assert not announced(broken, "warned", "R1.relay")
    assert timekeeper.tick(at) == 0
    monkeypatch.undo()
    timekeeper.tick(at + timekeeper.PUT_OFF)
    assert len(announced(broken, "warned", "R1.relay")) == 1


def test_a_tick_takes_no_more_than_its_limit() -> None:
    for _number in range(3):
        receive()
    at = MONDAY + 12 * HOUR
    assert timekeeper.tick(at, limit=2) == 2  # both clocks of one matter
    assert timekeeper.tick(at, limit=100) == 4


def test_what_is_due_is_found_through_the_index_of_what_is_due() -> None:
    receive()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + timekeeper._PICK, [MONDAY, 10])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "clocks_row_next_fire" in plan


def test_a_look_at_nothing_due_costs_one_query() -> None:
    receive()
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        timekeeper.tick(MONDAY)
    assert len([query for query in asked if "SAVEPOINT" not in query["sql"]]) == 1
