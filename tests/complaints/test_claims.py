"""A clock lies on the desks of all on duty until one claims it [C4]."""

from __future__ import annotations

import datetime

import pytest
from tests.complaints.conftest import Centre

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.clocks.rebuild import rebuild
from shouwen.complaints.refusals import Changed, NotAllowed, WrongStatus
from shouwen.organization.models import Department, Shift, Staff
from shouwen.organization.structure import appoint

HOUR = datetime.timedelta(hours=1)


def dispatch_clock(centre: Centre) -> ClockRow:
    assert centre.complaint is not None
    return ClockRow.objects.get(subject_id=centre.complaint.pk, rule="R2.dispatch")


def on_desk(centre: Centre, who: str) -> set[str]:
    return {row.rule for row in reading.held_by(centre.person(who))}


def folded(centre: Centre, who: str) -> set[str]:
    desk = reading.desk_of(centre.person(who))
    return {row.rule for row in reading.taken_by_others(desk, 50)}


def test_what_one_claims_leaves_the_others_desks_and_can_be_taken_over(centre: Centre) -> None:
    centre.receive()
    assert on_desk(centre, "front_desk") == on_desk(centre, "second_clerk") != set()
    before = on_desk(centre, "front_desk")
    centre.take("front_desk", "claim")
    assert on_desk(centre, "front_desk") == before
    assert on_desk(centre, "second_clerk") == set()
    assert folded(centre, "second_clerk") == before
    assert reading.who_holds(dispatch_clock(centre)) == [centre.staff["front_desk"]]
    centre.take("second_clerk", "claim")
    assert on_desk(centre, "front_desk") == set()
    assert reading.who_holds(dispatch_clock(centre)) == [centre.staff["second_clerk"]]


def test_what_is_given_back_lies_on_all_desks_again(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "claim")
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "claim")
    with pytest.raises(WrongStatus):
        centre.take("second_clerk", "give_back")
    centre.take("front_desk", "give_back")
    assert dispatch_clock(centre).claimed_by_id is None
    assert on_desk(centre, "front_desk") == on_desk(centre, "second_clerk") != set()


def test_acting_needs_no_claim(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "claim")
    centre.take("second_clerk", "dispatch", department="jx-engineering")


def test_of_two_who_claim_at_once_the_second_is_told(centre: Centre) -> None:
    complaint = centre.receive()
    centre.take("front_desk", "claim", expected_version=complaint.version)
    with pytest.raises(Changed):
        centre.take("second_clerk", "claim", expected_version=complaint.version)


def test_what_starts_later_is_not_claimed_yet(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "claim")
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_member", "accept", department="jx-engineering")
    centre.take("engineering_member", "complete", department="jx-engineering", result="已修好。")
    assert centre.complaint is not None
    visit = ClockRow.objects.get(subject_id=centre.complaint.pk, rule="R5.visit")
    assert visit.claimed_by_id is None
    assert "R5.visit" in on_desk(centre, "second_clerk")


def test_a_department_claims_by_accepting_and_its_head_keeps_it_in_sight(centre: Centre) -> None:
    department = Department.objects.get(code="jx-engineering")
    other = Staff.objects.create_user("jx-engineering-2", name="技工二")
    appoint(other, "department_member", department=department, since=datetime.date(2020, 1, 1))
    centre.staff["other"] = other
    centre.receive()
    centre.take("front_desk", "dispatch", department="jx-engineering")
    for who in ("engineering_member", "engineering_head", "other"):
        assert "R2.handle" in on_desk(centre, who), who
    centre.take("engineering_member", "accept", department="jx-engineering")
    assert "R2.handle" in on_desk(centre, "engineering_member")
    assert "R2.handle" in on_desk(centre, "engineering_head")
    assert on_desk(centre, "other") == set()
    assert folded(centre, "other") == {"R2.handle"}


def test_a_claim_rests_when_its_claimant_goes_off_duty_or_leaves(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "claim")
    now = datetime.datetime.now(datetime.UTC)
    shift = Shift.objects.create(
        project=centre.project,
        position="front_desk",
        staff=centre.staff["second_clerk"],
        starts_at=now - HOUR,
        ends_at=now + HOUR,
    )
    assert on_desk(centre, "front_desk") == set()
    assert "R2.dispatch" in on_desk(centre, "second_clerk")
    assert reading.who_holds(dispatch_clock(centre)) == [centre.staff["second_clerk"]]
    shift.delete()
    assert on_desk(centre, "second_clerk") == set()
    Staff.objects.filter(pk=centre.staff["front_desk"].pk).update(is_active=False)
    assert "R2.dispatch" in on_desk(centre, "second_clerk")


def test_nobody_claims_what_is_not_theirs(centre: Centre) -> None:
    centre.receive()
    for who in ("steward", "engineering_head", "auditor", "human_resources"):
        with pytest.raises(NotAllowed):
            centre.take(who, "claim")


def test_claims_are_rebuilt_from_the_ledger(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "claim")
    assert list(rebuild(now=centre.now)) == []
    ClockRow.objects.update(claimed_by_id=None)
    assert list(rebuild(write=True, now=centre.now))
    assert dispatch_clock(centre).claimed_by_id == centre.staff["front_desk"].pk
