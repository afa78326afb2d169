"""What customers were promised, as ledgers and clocks tell it; why a complaint is open still."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.complaints.conftest import Centre

from shouwen.clocks import reading as clocks_reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import promises, reading
from shouwen.complaints.promises import Kind, Outcome, Promise

DEPARTMENT = "jx-engineering"


def promised(centre: Centre) -> list[Promise]:
    """The promises of the centre's complaint as of its present moment."""
    assert centre.complaint is not None
    pk = centre.complaint.pk
    return promises.of(reading.ledgers([pk])[pk], reading.clocks([pk])[pk], centre.now)


def later(centre: Centre, **delta: float) -> str:
    return (centre.now + timedelta(**delta)).isoformat()


def outcomes(centre: Centre, kind: Kind) -> list[Outcome]:
    """The outcomes of one kind, in the order in which they were promised."""
    found = sorted(promised(centre), key=lambda each: each.entry.number)
    return [each.outcome for each in found if each.kind == kind]


def at_work(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "dispatch", department=DEPARTMENT, due_at=later(centre, hours=8))
    centre.take("engineering_member", "accept", department=DEPARTMENT)


def inform(centre: Centre, **data: str) -> None:
    centre.take("front_desk", "inform_customer", told="正在处理。", **data)


def test_a_reply_is_open_then_kept_then_broken(centre: Centre) -> None:
    at_work(centre)
    inform(centre, next_update_at=later(centre, hours=2))
    assert outcomes(centre, Kind.REPLY) == [Outcome.OPEN]
    centre.wait(hours=1)
    inform(centre, next_update_at=later(centre, hours=2))
    assert outcomes(centre, Kind.REPLY) == [Outcome.KEPT, Outcome.OPEN]
    centre.wait(hours=3)
    assert [each.late for each in promised(centre)] == [True, False]
    inform(centre)
    assert outcomes(centre, Kind.REPLY) == [Outcome.KEPT, Outcome.BROKEN]
    assert not any(each.late for each in promised(centre))


def test_a_new_date_is_promised_when_the_customer_hears_of_it(centre: Centre) -> None:
    at_work(centre)
    due = later(centre, hours=20)
    centre.take(
        "engineering_member",
        "report_delay",
        department=DEPARTMENT,
        reason="等配件。",
        new_due_at=due,
    )
    centre.take("front_desk", "extend", department=DEPARTMENT, due_at=due)
    assert outcomes(centre, Kind.FINISH) == []
    inform(centre)
    (promise,) = promised(centre)
    assert (promise.kind, promise.outcome) == (Kind.FINISH, Outcome.OPEN)
    assert promise.due_at == datetime.fromisoformat(due)
    assert promise.department == DEPARTMENT
    centre.take("engineering_member", "complete", department=DEPARTMENT, result="已换。")
    assert outcomes(centre, Kind.FINISH) == [Outcome.KEPT]


def test_a_date_moved_again_in_time_is_moved_and_the_last_one_counts(centre: Centre) -> None:
    at_work(centre)
    for hours in (20, 40):
        due = later(centre, hours=hours)
        centre.take("front_desk", "extend", department=DEPARTMENT, due_at=due)
        inform(centre)
    assert outcomes(centre, Kind.FINISH) == [Outcome.MOVED, Outcome.OPEN]
    centre.wait(hours=50)
    centre.take("engineering_member", "complete", department=DEPARTMENT, result="已换。")
    assert outcomes(centre, Kind.FINISH) == [Outcome.MOVED, Outcome.BROKEN]


def test_a_date_told_without_agreement_is_judged_by_the_completion(centre: Centre) -> None:
    at_work(centre)
    centre.take(
        "engineering_member",
        "report_delay",
        department=DEPARTMENT,
        reason="等配件。",
        new_due_at=later(centre, hours=30),
    )
    inform(centre)
    assert outcomes(centre, Kind.FINISH) == [Outcome.OPEN]
    centre.wait(hours=31)
    assert [each.late for each in promised(centre)] == [True]
    centre.take("engineering_member", "complete", department=DEPARTMENT, result="已换。")
    assert outcomes(centre, Kind.FINISH) == [Outcome.BROKEN]


def test_appointments_are_kept_missed_or_moved(centre: Centre) -> None:
    at_work(centre)

    def appoint() -> None:
        centre.take(
            "engineering_member", "appoint", department=DEPARTMENT, at=later(centre, hours=1)
        )

    def result(outcome: str) -> None:
        centre.wait(hours=1)
        centre.take(
            "engineering_member", "keep_appointment", department=DEPARTMENT, outcome=outcome
        )

    appoint()
    appoint()
    assert outcomes(centre, Kind.APPOINTMENT) == [Outcome.MOVED, Outcome.OPEN]
    result("missed_by_us")
    appoint()
    result("missed_by_customer")
    appoint()
    result("kept")
    assert outcomes(centre, Kind.APPOINTMENT)[1:] == [
        Outcome.BROKEN,
        Outcome.ABSENT,
        Outcome.KEPT,
    ]


def test_what_is_withdrawn_leaves_nothing_to_keep(centre: Centre) -> None:
    at_work(centre)
    centre.take("front_desk", "extend", department=DEPARTMENT, due_at=later(centre, hours=20))
    inform(centre, next_update_at=later(centre, hours=2))
    centre.take("engineering_member", "appoint", department=DEPARTMENT, at=later(centre, hours=3))
    centre.take("front_desk", "withdraw", reason="客户不再追究。")
    assert {each.outcome for each in promised(centre)} == {Outcome.SETTLED}
    assert len(promised(centre)) == 3


def test_the_reason_is_the_delay_until_the_work_turns(centre: Centre) -> None:
    at_work(centre)
    complaint = centre.complaint
    assert complaint is not None

    def reason() -> str:
        return promises.reason(reading.ledgers([complaint.pk])[complaint.pk]).kind

    assert reason() == "accepted"
    centre.take(
        "engineering_member",
        "report_delay",
        department=DEPARTMENT,
        reason="等配件。",
        new_due_at=later(centre, hours=30),
    )
    centre.take("front_desk", "extend", department=DEPARTMENT, due_at=later(centre, hours=30))
    inform(centre)
    centre.take("front_desk", "note", text="客户很着急。")
    assert reason() == "delay_reported"
    centre.take("engineering_member", "complete", department=DEPARTMENT, result="已换。")
    assert reason() == "completed"


def test_the_next_reply_is_the_promised_one_and_the_whole_presses_last(centre: Centre) -> None:
    at_work(centre)
    complaint = centre.complaint
    assert complaint is not None

    def running() -> list[ClockRow]:
        return reading.clocks([complaint.pk], running=True)[complaint.pk]

    first = promises.next_reply(running())
    assert first is not None and first.rule == "H.contact"
    inform(centre, next_update_at=later(centre, hours=30))
    told = promises.next_reply(running())
    assert told is not None and told.rule == "H.update"
    whole = [row for row in running() if row.rule == promises.WHOLE]
    pressing = promises.pressing(running())
    assert whole and pressing is not None and pressing.rule != promises.WHOLE
    assert promises.pressing(whole) == whole[0]
    assert promises.pressing([]) is None


def test_who_hold_agrees_with_who_holds(centre: Centre) -> None:
    centre.receive("steward", severity="emergency")
    centre.take("front_desk", "alert", departments=[DEPARTMENT], site_manager=True)
    centre.receive(about=centre.staff["second_clerk"].pk)
    at_work(centre)
    rows = list(ClockRow.objects.all())
    assert len({row.holder for row in rows}) >= 4
    together = clocks_reading.who_hold(rows)
    for row in rows:
        assert together[row.pk] == clocks_reading.who_holds(row), row.rule
