"""The step table holds for every step, position and status, and the buttons equal the calls."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from django.db import transaction
from tests.complaints.conftest import Centre
from tests.complaints.samples import told, walk

from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, projection
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import NotAllowed, Refused, WrongStatus
from shouwen.complaints.state import State, fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import Status
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to
from shouwen.records import ledger
from shouwen.regulation.entries import KINDS

ENGINEERING = {"department": "jx-engineering"}

# Ways to bring a complaint into each status, by steps; several where a status has several faces.
JOURNEYS: dict[str, tuple[Status, dict[str, object], list[tuple[str, str, dict[str, object]]]]] = {
    "received": (Status.RECEIVED, {"by": "steward"}, []),
    "relayed": (Status.RELAYED, {}, []),
    "emergency": (Status.RELAYED, {"severity": "emergency"}, []),
    "escalated": (
        Status.RELAYED,
        {"severity": "major"},
        [
            ("site_manager", "escalate_to_company", {"spoke_to": "主管领导", "reason": "难。"}),
            ("company_leader", "escalate_to_board", {"spoke_to": "董事领导", "reason": "难。"}),
        ],
    ),
    "confirmation asked": (
        Status.RELAYED,
        {},
        [("front_desk", "assess", {"facts": "已核实。", "justified": "no"})],
    ),
    "confirmed": (
        Status.RELAYED,
        {},
        [
            ("front_desk", "assess", {"facts": "已核实。", "justified": "no"}),
            ("centre_head", "confirm", {"agreed": "yes"}),
        ],
    ),
    "dispatched": (Status.AT_WORK, {}, [("front_desk", "dispatch", ENGINEERING)]),
    "accepted, with an appointment": (
        Status.AT_WORK,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "accept", ENGINEERING),
            ("engineering_member", "appoint", ENGINEERING | {"at": "2026-03-02T20:00:00+08:00"}),
        ],
    ),
    "approval asked": (
        Status.AT_WORK,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "propose", ENGINEERING | {"solution": "换。", "cost": 9000}),
        ],
    ),
    "lead asked": (
        Status.RELAYED,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_head", "decline", ENGINEERING | {"reason": "不归我。"}),
            ("front_desk", "dispatch", {"department": "jx-order"}),
            ("order_head", "decline", {"department": "jx-order", "reason": "不归我。"}),
        ],
    ),
    "finished": (
        Status.FINISHED,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "complete", ENGINEERING | {"result": "已修。"}),
        ],
    ),
    "finished, with the developer": (
        Status.FINISHED,
        {"needs_developer": True},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "complete", ENGINEERING | {"result": "已修。"}),
        ],
    ),
    "verified": (
        Status.VERIFIED,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "complete", ENGINEERING | {"result": "已修。"}),
            ("front_desk", "verify", {"how": "看过。"}),
        ],
    ),
    "visited": (
        Status.VISITED,
        {},
        [
            ("front_desk", "dispatch", ENGINEERING),
            ("engineering_member", "complete", ENGINEERING | {"result": "已修。"}),
            ("front_desk", "visit", {"outcome": "solved"}),
            ("front_desk", "verify", {"how": "看过。"}),
        ],
    ),
    "explained, not accepted": (
        Status.EXPLAINED,
        {},
        [
            ("front_desk", "assess", {"facts": "已核实。"}),
            (
                "front_desk",
                "explain",
                {"explanation": "解释。", "accepted": "no", "department": "jx-order"},
            ),
        ],
    ),
    "withdrawn": (Status.WITHDRAWN, {}, [("front_desk", "withdraw", {"reason": "好了。"})]),
    "closed": (
        Status.CLOSED,
        {},
        [
            ("front_desk", "assess", {"facts": "已核实。"}),
            ("front_desk", "explain", {"explanation": "解释。", "accepted": "yes"}),
            ("front_desk", "close", {}),
        ],
    ),
    "merged": (Status.MERGED, {"other": True}, [("front_desk", "merge", {})]),
}


def go(centre: Centre, journey: str) -> Complaint:
    """Bring a complaint about by the named journey."""
    status, start, steps = JOURNEYS[journey]
    data = dict(start)
    other = centre.receive()  # for merging
    by = str(data.pop("by", "front_desk"))
    data.pop("other", None)
    centre.receive(by, **data)
    for who, name, told_ in steps:
        centre.take(who, name, **({"into": other.number} if name == "merge" else told_))
    assert centre.complaint is not None
    assert centre.complaint.status == status
    return Complaint.objects.select_related("project").get(pk=centre.complaint.pk)


def test_every_status_has_a_journey() -> None:
    assert {status for status, _start, _steps in JOURNEYS.values()} == set(Status)


def test_the_table_covers_every_kind_of_the_contract() -> None:
    assert {step.kind for step in STEPS.values()} >= KINDS


@pytest.mark.parametrize("journey", sorted(JOURNEYS))
def test_what_is_offered_is_what_is_accepted(centre: Centre, journey: str) -> None:
    """Every step × position: the table's word and the offered buttons agree, and the call too.

    The call itself is made by one of those who are offered a step. Of those who are not, one
    position tries a third of the steps, other ones in each journey.
    """
    called: Counter[str] = Counter()
    complaint = go(centre, journey)
    state = fold(ledger.entries("complaint", complaint.pk))
    centre.wait(minutes=1)
    people = sorted(centre.staff)
    for turn, who in enumerate(people):
        person = centre.person(who)
        sees = visible_to(person, Complaint).filter(pk=complaint.pk).exists()
        at = lifecycle.stand(person, complaint, state, now=centre.now)
        buttons = lifecycle.possible(person, complaint, state)
        offered = {step.name for step in buttons}
        letters = [step.letter for step in buttons if step.letter]
        assert len(letters) == len(set(letters)), (who, letters)
        for place, (name, step) in enumerate(STEPS.items()):
            if name == "receive":
                continue
            by_table = sees and bool(at.roles.intersection(step.who)) and step.open_at(at)
            assert (name in offered) == by_table, (who, name)
            called[name] += name in offered
            tried = place % 3 == len(journey) % 3
            turned = tried and (place + len(journey)) % len(people) == turn
            if turned or (name in offered and called[name] == 1):
                assert _accepts(centre, name, person, complaint, state) == by_table, (who, name)


def _accepts(centre: Centre, name: str, person: Staff, complaint: Complaint, state: State) -> bool:
    with transaction.atomic():
        try:
            lifecycle.take(
                name,
                person=person,
                complaint=complaint,
                data=told(name, centre, person, state),
                now=centre.now,
            )
        except (NotAllowed, WrongStatus):
            return False
        after = Status(Complaint.objects.values_list("status", flat=True).get(pk=complaint.pk))
        transaction.set_rollback(True)
    assert after == complaint.status or after in STEPS[name].becomes, (name, after)
    return True


@pytest.mark.parametrize("seed", range(6))
def test_wherever_steps_lead_the_row_is_its_ledger_and_somebody_holds_a_clock(
    centre: Centre, seed: int
) -> None:
    from shouwen.clocks.reading import who_holds

    rng = random.Random(seed)
    centre.receive()
    centre.receive(severity=rng.choice(["routine", "complex", "major", "emergency"]))
    walk(centre, rng, 40)
    complaint = centre.complaint
    assert complaint is not None
    assert projection.differences(complaint.pk) == []
    assert ledger.verify() == []
    if not complaint.ended:
        running = ClockRow.objects.filter(
            subject_type="complaint", subject_id=complaint.pk, state="running"
        ).exclude(rule="H.total")
        assert running.exists()
        for row in running:
            assert who_holds(row), (row.rule, row.holder, row.department)


def test_a_refused_step_writes_nothing(centre: Centre) -> None:
    complaint = go(centre, "relayed")
    before = len(ledger.entries("complaint", complaint.pk))
    for person in Staff.objects.all():
        for name in ("close", "verify", "mediate", "accept"):
            with pytest.raises(Refused):
                lifecycle.take(name, person=person, complaint=complaint, data={}, now=centre.now)
    assert len(ledger.entries("complaint", complaint.pk)) == before
