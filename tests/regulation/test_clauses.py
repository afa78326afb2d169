"""Every rule of the 2004 regulation and of the house, clause by clause (design §4)."""

from typing import Any

import pytest
from tests.regulation.histories import at, dispatched, entry, found, of, told

from shouwen.regulation.engine import Entry

RECEIVED = entry("received", "03-02 09:00")
AT_DESK = entry("received", "03-02 09:00", front_desk=True)
RELAYED = entry("relayed", "03-02 09:00")
MAJOR = entry("received", "03-02 09:00", severity="major")
EMERGENCY = entry("received", "03-02 09:00", severity="emergency")
SENT = dispatched("03-02 10:00", "03-03 18:00")
DONE = entry("completed", "03-02 15:00", "03-02 15:20", department="engineering")
COMPANY = entry("escalated_to_company", "03-02 09:30")


def by(kind: str, when: str, department: str = "engineering", **data: Any) -> Entry:
    return entry(kind, when, department=department, **data)


# --- [R1] [R2] ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "stop", [RELAYED, SENT, entry("explained", "03-02 10:00"), DONE], ids=lambda e: e.kind
)
def test_r1_the_first_contact_relays_within_24_hours(stop: Entry) -> None:
    [clock] = of("R1.relay", RECEIVED, stop)
    assert (clock.holder, clock.state) == ("first_contact", "met")
    assert clock.due_at == at("03-03 09:00")


def test_r2_only_the_relayed_that_stops_the_relay_starts_the_dispatch() -> None:
    again = entry("relayed", "03-02 11:00")
    assert [told(c) for c in of("R2.dispatch", RECEIVED, RELAYED, again, SENT, again)] == [
        ("03-02 09:00", "03-02 10:00", "met")
    ]
    assert of("R2.dispatch", RECEIVED, SENT, again) == []


def test_r2_a_declined_that_ends_no_work_starts_nothing() -> None:
    elsewhere = by("declined", "03-02 11:00", "cleaning")
    assert len(of("R2.dispatch", AT_DESK, RELAYED, SENT, elsewhere)) == 1


def test_r2_a_declined_part_is_dispatched_anew_while_others_work() -> None:
    other = dispatched("03-02 10:00", "03-03 18:00", "cleaning")
    declined = by("declined", "03-02 11:00", "cleaning")
    found = of("R2.dispatch", AT_DESK, RELAYED, SENT, other, declined)
    assert [told(c) for c in found][1] == ("03-02 11:00", None, "overdue")


def test_r2_the_last_work_recalled_is_dispatched_anew_unless_it_is_finished() -> None:
    recalled = by("recalled", "03-02 16:00", "cleaning")
    other = dispatched("03-02 10:00", "03-03 18:00", "cleaning")
    alone = of("R2.dispatch", AT_DESK, RELAYED, other, recalled)
    assert [told(c) for c in alone][1] == ("03-02 16:00", None, "overdue")
    assert len(of("R2.dispatch", AT_DESK, RELAYED, SENT, other, recalled)) == 1
    assert len(of("R2.dispatch", AT_DESK, RELAYED, SENT, other, DONE, recalled)) == 1


def test_r2_two_dispatches_to_a_department_are_two_clocks() -> None:
    again = dispatched("03-02 11:00", "03-04 18:00")
    found = of("R2.handle", AT_DESK, RELAYED, SENT, again)
    assert [c.due_at for c in found] == [at("03-03 18:00"), at("03-04 18:00")]
    assert [c.state for c in of("R2.handle", AT_DESK, RELAYED, SENT, again, DONE)] == ["met"] * 2


# --- [R4] --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["accepted", "declined", "delay_reported", "extended"])
def test_r4_an_answer_is_any_of_these(kind: str) -> None:
    answer = by(kind, "03-02 11:00", due_at=at("03-05 18:00"))
    assert [c.state for c in of("R4.respond", AT_DESK, SENT, answer)] == ["met"]
    other = by(kind, "03-02 11:00", "cleaning", due_at=at("03-05 18:00"))
    assert [c.state for c in of("R4.respond", AT_DESK, SENT, other)] == ["overdue"]


def test_r4_who_completes_in_time_owes_no_answer_even_past_two_hours() -> None:
    assert [told(c)[1:] for c in of("R4.respond", AT_DESK, SENT, DONE)] == [(None, "void")]


def test_r4_who_completes_too_late_has_not_answered_in_time() -> None:
    late = by("completed", "03-04 09:00")
    assert [told(c)[1:] for c in of("R4.respond", AT_DESK, SENT, late)] == [
        ("03-04 09:00", "breached")
    ]


def test_r4_a_recall_past_two_hours_forgives_nothing() -> None:
    early, late = by("recalled", "03-02 11:00"), by("recalled", "03-02 13:00")
    assert [c.state for c in of("R4.respond", AT_DESK, SENT, early)] == ["void"]
    assert [told(c)[1:] for c in of("R4.respond", AT_DESK, SENT, late)] == [
        ("03-02 13:00", "breached")
    ]


# --- [R5] --------------------------------------------------------------------------------------


def test_r5_feedback_is_how_late_the_department_told_the_centre() -> None:
    late = entry("completed", "03-02 15:00", "03-02 17:01", department="engineering")
    assert [told(c) for c in of("R5.feedback", AT_DESK, SENT, DONE)] == [
        ("03-02 15:00", "03-02 15:20", "met")
    ]
    assert [told(c) for c in of("R5.feedback", AT_DESK, SENT, late)] == [
        ("03-02 15:00", "03-02 17:01", "breached")
    ]


def test_r5_the_visit_starts_once_and_again_after_another_dispatch() -> None:
    second = by("completed", "03-02 16:00")
    assert len(of("R5.visit", AT_DESK, SENT, DONE, second)) == 1
    again = dispatched("03-02 17:00", "03-03 18:00")
    third = by("completed", "03-02 18:00")
    found = of("R5.visit", AT_DESK, SENT, DONE, again, third)
    assert [told(c) for c in found] == [
        ("03-02 15:20", None, "void"),
        ("03-02 18:00", None, "overdue"),
    ]


def test_r5_work_recalled_after_a_part_was_done_is_finished() -> None:
    other = dispatched("03-02 10:00", "03-03 18:00", "cleaning")
    recalled = by("recalled", "03-02 16:00", "cleaning")
    [clock] = of("R5.visit", AT_DESK, SENT, other, DONE, recalled)
    assert told(clock)[0] == "03-02 16:00"
    assert of("R5.visit", AT_DESK, other, recalled) == []


def test_r5_a_visit_made_before_it_was_told_counts_from_the_start() -> None:
    visited = entry("visited", "03-02 15:10", "03-02 16:00")
    assert [told(c) for c in of("R5.visit", AT_DESK, SENT, DONE, visited)] == [
        ("03-02 15:20", "03-02 15:20", "met")
    ]


# --- [R6] --------------------------------------------------------------------------------------


def test_r6_the_one_who_took_it_alerts_or_the_front_desk() -> None:
    major_at_desk = entry("received", "03-02 09:00", severity="major", front_desk=True)
    reopened = entry("reopened", "03-05 09:00")
    closed = entry("closed", "03-03 09:00")
    assert [c.holder for c in of("R6.alert", MAJOR)] == ["first_contact"]
    assert [c.holder for c in of("R6.alert", major_at_desk)] == ["front_desk"]
    assert [c.holder for c in of("R6.alert", MAJOR, closed, reopened)] == [
        "first_contact",
        "front_desk",
    ]


def test_r6_needing_the_developer_is_alerted_too_but_not_escalated() -> None:
    needs = entry("received", "03-02 09:00", needs_developer=True)
    alerted = entry("alerted", "03-02 09:02")
    assert [c.state for c in of("R6.alert", needs, alerted)] == ["met"]
    assert of("R6.escalate", needs, alerted) == []


def test_r6_from_major_to_emergency_is_not_becoming() -> None:
    alerted = entry("alerted", "03-02 09:02")
    worse = entry("assessed", "03-02 10:00", severity="emergency")
    assert len(of("R6.alert", MAJOR, alerted, worse)) == 1
    assert len(of("R6.escalate", MAJOR, alerted, worse, SENT)) == 1


def test_r6_escalation_starts_with_the_first_alert_since_it_became_serious() -> None:
    serious = entry("assessed", "03-02 12:00", severity="major")
    alerted = entry("alerted", "03-02 12:02")
    again = entry("alerted", "03-02 12:04")
    found = of("R6.escalate", AT_DESK, SENT, serious, alerted, again)
    assert [told(c)[0] for c in found] == ["03-02 12:02"]


def test_r6_who_was_told_before_need_not_be_told_again() -> None:
    taken = entry("taken_in_charge", "03-02 09:01")
    alerted = entry("alerted", "03-02 09:02")
    assert of("R6.escalate", MAJOR, taken, alerted) == []


def test_r6_the_company_report_is_stopped_by_a_report_of_its_level() -> None:
    board = entry("report_filed", "03-02 12:00", level="board")
    company = entry("report_filed", "03-02 13:00", level="company")
    [clock] = of("R6.report", MAJOR, COMPANY, board, company)
    assert (clock.holder, clock.due_at) == ("site_manager", at("03-03 09:30"))
    assert told(clock)[1:] == ("03-02 13:00", "met")


def test_r6_the_report_is_owed_after_closing_and_counts_on_after_reopening() -> None:
    closed, reopened = entry("closed", "03-02 10:00"), entry("reopened", "03-02 11:00")
    late = entry("report_filed", "03-04 10:00", level="company")
    assert [c.state for c in of("R6.report", MAJOR, COMPANY, closed, reopened)] == ["overdue"]
    assert [c.state for c in of("R6.report", MAJOR, COMPANY, closed, late)] == ["breached"]


# --- [R7] --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["taken_in_charge", "escalated_to_board"])
def test_r7_the_company_leader_takes_it_or_tells_the_board_within_10_minutes(kind: str) -> None:
    [clock] = of("R7.escalate", MAJOR, COMPANY, entry(kind, "03-02 09:40"))
    assert (clock.holder, clock.state) == ("company_leader", "met")


def test_r7_after_the_board_has_heard_the_developer_verifies_and_visits_for_good() -> None:
    board = entry("escalated_to_board", "03-02 09:35")
    closed, reopened = entry("closed", "03-03 09:00"), entry("reopened", "03-04 09:00")
    again = dispatched("03-04 10:00", "03-05 18:00")
    done = by("completed", "03-04 15:00")
    clocks = (MAJOR, COMPANY, board, closed, reopened, again, done)
    assert [told(c)[0] for c in of("R7.verify", *clocks)] == ["03-04 15:00"]
    assert [told(c)[0] for c in of("R7.visit", *clocks)] == ["03-04 15:00"]
    assert of("R5.visit", *clocks) == []
    [report] = of("R7.report", *clocks)
    assert report.due_at == at("03-04 09:35")


def test_r7_a_duty_begins_when_it_exists_and_a_visit_already_made_answers_it() -> None:
    visited = entry("visited", "03-02 16:00")
    needs = entry("assessed", "03-02 17:00", needs_developer=True)
    no_more = entry("assessed", "03-02 18:00", needs_developer=False)
    entries = (AT_DESK, SENT, DONE, visited, needs, no_more, needs)
    assert [told(c) for c in of("R7.visit", *entries)] == [("03-02 17:00", "03-02 17:00", "met")]
    assert [c.started_by for c in of("R7.visit", *entries)] == [2]
    assert [told(c) for c in of("R7.verify", *entries)] == [
        ("03-02 17:00", None, "void"),
        ("03-02 17:00", None, "overdue"),
    ]


def test_r7_the_duty_goes_back_to_the_front_desk_when_the_developer_is_not_needed() -> None:
    needs = entry("assessed", "03-02 17:00", needs_developer=True)
    no_more = entry("assessed", "03-02 18:00", needs_developer=False)
    found = of("R5.visit", AT_DESK, SENT, DONE, needs, no_more)
    assert [(told(c)[0], c.state, c.counted_from) for c in found] == [
        ("03-02 15:20", "void", "recorded_at"),
        ("03-02 18:00", "overdue", "condition"),
    ]


# --- [R8] --------------------------------------------------------------------------------------

VERIFIED = entry("verified", "03-02 16:00")
INFORMED = entry("first_contact_informed", "03-02 16:30")


def test_r8_the_first_contact_is_told_once_after_the_verification() -> None:
    again = entry("verified", "03-02 17:00")
    found = of("R8.inform", RECEIVED, SENT, DONE, VERIFIED, again, INFORMED, again)
    assert [told(c) for c in found] == [("03-02 16:00", "03-02 16:30", "met")]


def test_r8_who_took_it_at_the_front_desk_knows() -> None:
    assert of("R8.inform", AT_DESK, SENT, DONE, VERIFIED, entry("closed", "03-03 09:00")) == []


def test_r8_a_closing_is_told_where_nothing_was_told_since_the_work() -> None:
    closed = entry("closed", "03-03 09:00")
    assert [told(c)[0] for c in of("R8.inform", RECEIVED, SENT, INFORMED, DONE, closed)] == [
        "03-03 09:00"
    ]
    assert of("R8.inform", RECEIVED, SENT, DONE, INFORMED, closed) == []
    assert len(of("R8.inform", RECEIVED, SENT, DONE, VERIFIED, closed)) == 1


def test_r8_a_failed_verification_makes_it_void_and_the_next_one_starts_it_again() -> None:
    failed = entry("verification_failed", "03-02 16:10")
    again = entry("verified", "03-02 18:00")
    assert [told(c) for c in of("R8.inform", RECEIVED, SENT, DONE, VERIFIED, failed, again)] == [
        ("03-02 16:00", None, "void"),
        ("03-02 18:00", None, "overdue"),
    ]


def test_r9_periodic_rules_are_no_complaints_clocks() -> None:
    assert not [c for c in found(RECEIVED) if c.rule.startswith("R9.")]


# --- House rules -------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["customer_informed", "explained", "visited"])
def test_h_contact_the_customer_hears_within_24_hours(kind: str) -> None:
    assert [c.state for c in of("H.contact", RECEIVED, entry(kind, "03-02 12:00"))] == ["met"]


def test_h_tell_the_customer_hears_of_a_delay_within_two_hours() -> None:
    delay = by("delay_reported", "03-02 11:00")
    extended = by("extended", "03-02 11:30", due_at=at("03-05 18:00"))
    informed = entry("customer_informed", "03-02 12:00")
    found = of("H.tell", AT_DESK, SENT, delay, extended, informed)
    assert [told(c) for c in found] == [("03-02 11:00", "03-02 12:00", "met")]


def test_h_update_the_customer_hears_when_told_they_would() -> None:
    first = entry("customer_informed", "03-02 10:00", next_update_at=at("03-02 15:00"))
    second = entry("customer_informed", "03-02 15:30", next_update_at=at("03-03 15:00"))
    last = entry("customer_informed", "03-03 14:00")
    assert [told(c)[1:] for c in of("H.update", RECEIVED, first, second, last)] == [
        ("03-02 15:30", "breached"),
        ("03-03 14:00", "met"),
    ]
    assert of("H.update", RECEIVED, last) == []


def test_h_arrive_somebody_is_there_within_30_minutes_of_the_alert() -> None:
    alerted = entry("alerted", "03-02 09:02")
    arrived = entry("arrived", "03-02 09:25")
    later = entry("dispatched", "03-02 09:30", department="engineering", due_at=at("03-02 13:00"))
    assert [told(c) for c in of("H.arrive", EMERGENCY, alerted, arrived, later)] == [
        ("03-02 09:02", "03-02 09:25", "met")
    ]
    assert of("H.arrive", MAJOR, alerted) == []


def test_h_mediate_a_customer_not_persuaded_is_the_department_heads() -> None:
    refused = entry("explained", "03-02 10:00", accepted=False)
    mediated = entry("mediated", "03-03 10:00")
    [clock] = of("H.mediate", AT_DESK, refused, mediated)
    assert (clock.holder, clock.state) == ("department_head", "met")
    assert of("H.mediate", AT_DESK, entry("explained", "03-02 10:00")) == []
    assert [told(c)[0] for c in of("H.close", AT_DESK, refused, mediated)] == ["03-03 10:00"]


@pytest.mark.parametrize("kind", ["visited", "mediated", "explained"])
def test_h_close_waits_until_nobody_is_at_work(kind: str) -> None:
    then = entry(kind, "03-02 16:00")
    assert of("H.close", AT_DESK, SENT, then) == []
    assert len(of("H.close", AT_DESK, SENT, DONE, then)) == 1


def test_h_total_runs_over_every_dispatch_and_decline() -> None:
    again = [
        e
        for day in ("03-03", "03-04", "03-05")
        for e in (dispatched(f"{day} 10:00", f"{day} 18:00"), by("declined", f"{day} 11:00"))
    ]
    [clock] = of("H.total", AT_DESK, *again, entry("closed", "03-25 10:00"))
    assert (clock.due_at, clock.state) == (at("03-24 00:00"), "breached")


def test_withdrawn_and_merged_leave_nothing_running() -> None:
    for kind in ("withdrawn", "merged"):
        ended = found(AT_DESK, SENT, entry(kind, "03-02 11:00"))
        assert all(clock.ended for clock in ended)
