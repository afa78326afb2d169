"""An emergency calls one after the other until somebody answers; calling changes no clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.clocks.models import ClockRow
from shouwen.notices import acknowledging, escalating, following, planning, policies, rehearsing
from shouwen.notices.models import Delivery, Escalation, Hop, Notice
from shouwen.organization.models import Post, Staff
from shouwen.organization.positions import Position
from shouwen.records.models import Entry

WALK = [
    {"position": "front_desk", "whole": False, "after": 0},
    {"position": "centre_head", "whole": False, "after": 60},
    {"position": "site_manager", "whole": False, "after": 120},
    {"position": "company_leader", "whole": False, "after": 240},
]


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now()
    policies.keep(centre.project, "emergency", WALK, 180)
    return centre


def emergency(centre: Centre, **data: object) -> Escalation:  # noqa: F811
    centre.receive(severity="emergency", **data)
    following.take(list(Entry.objects.order_by("pk")), centre.now)
    return Escalation.objects.order_by("-pk")[0]


def at(centre: Centre, seconds: float) -> None:  # noqa: F811
    """What the loop does at that moment after the complaint."""
    escalating.fire(centre.now + timedelta(seconds=seconds))


def told(found: Escalation) -> list[str]:
    return [hop.position for hop in Hop.objects.filter(escalation=found)]


def test_the_policy_is_walked_in_order_and_in_time_to_the_company_leader(desk: Centre) -> None:
    found = emergency(desk)
    for seconds in (0, 59, 60, 119, 120, 239, 240):
        at(desk, seconds)
    hops = list(Hop.objects.filter(escalation=found))
    assert [hop.position for hop in hops] == [step["position"] for step in WALK]
    assert [(hop.made_at - desk.now).total_seconds() for hop in hops] == [0, 60, 120, 240]
    assert Notice.objects.filter(kind="alert", person=desk.staff["company_leader"]).exists()
    # Nobody acted, so nothing of it stands in the ledger and every clock runs on.
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert not kinds & {"alerted", "taken_in_charge", "escalated_to_company"}
    assert ClockRow.objects.get(rule="R6.alert").state == ClockRow.State.RUNNING


def test_after_the_last_the_walk_begins_again_and_rests_longer_each_time(desk: Centre) -> None:
    found = emergency(desk)
    for seconds in range(0, 1200, 10):
        at(desk, seconds)
    found.refresh_from_db()
    assert found.rounds >= 2
    ordinals = [hop.ordinal for hop in Hop.objects.filter(escalation=found)]
    assert ordinals == list(range(len(ordinals)))
    leader = Notice.objects.filter(kind="alert", person=desk.staff["company_leader"])
    assert leader.count() == found.rounds  # one notice a round


def test_an_acknowledgement_stops_the_calls_and_nothing_done_starts_them_again(
    desk: Centre,
) -> None:
    found = emergency(desk)
    at(desk, 0)
    notice = Notice.objects.get(kind="alert", person=desk.staff["front_desk"])
    acknowledging.acknowledge(
        notice, desk.staff["front_desk"], now=desk.now + timedelta(seconds=30)
    )
    at(desk, 100)
    assert told(found) == ["front_desk"]
    at(desk, 30 + 179)
    assert told(found) == ["front_desk"]
    at(desk, 30 + 181)
    assert told(found) == ["front_desk", "centre_head"]
    found.refresh_from_db()
    assert found.state == Escalation.State.CALLING


def test_what_somebody_does_ends_it_at_once_even_before_the_ledger_was_followed(
    desk: Centre,
) -> None:
    found = emergency(desk)
    at(desk, 0)
    desk.take("front_desk", "alert", departments=["jx-engineering"])
    at(desk, 300)
    assert told(found) == ["front_desk"]
    found.refresh_from_db()
    assert found.state == Escalation.State.OVER
    with pytest.raises(acknowledging.TooLate):
        acknowledging.acknowledge(
            Notice.objects.filter(escalation=found)[0], desk.staff["front_desk"]
        )


def test_passing_up_calls_the_next_at_once(desk: Centre) -> None:
    found = emergency(desk)
    at(desk, 0)
    notice = Notice.objects.get(kind="alert", person=desk.staff["front_desk"])
    acknowledging.acknowledge(
        notice,
        desk.staff["front_desk"],
        acknowledging.PASSED_UP,
        now=desk.now + timedelta(seconds=5),
    )
    at(desk, 5)
    assert told(found) == ["front_desk", "centre_head"]


def test_a_level_with_nobody_on_duty_is_passed_at_once(desk: Centre) -> None:
    Post.objects.filter(position=Position.CENTRE_HEAD).delete()
    found = emergency(desk)
    for seconds in (0, 60, 61):
        at(desk, seconds)
    hops = list(Hop.objects.filter(escalation=found))
    assert [(hop.position, hop.passed) for hop in hops] == [
        ("front_desk", False),
        ("centre_head", True),
        ("site_manager", False),
    ]
    assert (hops[2].made_at - desk.now).total_seconds() == 60


def test_the_person_complained_about_is_not_called_whatever_their_position(desk: Centre) -> None:
    manager = desk.staff["site_manager"]
    found = emergency(desk, about=manager.pk)
    for seconds in (0, 60, 120, 240):
        at(desk, seconds)
    assert not Notice.objects.filter(person=manager).exists()
    assert Hop.objects.get(escalation=found, position="site_manager").passed


def test_emergencies_of_one_cause_call_once_and_the_next_follows_when_the_first_is_done(
    desk: Centre,
) -> None:
    first = emergency(desk)
    others = [emergency(desk) for _number in range(3)]
    assert all(each.joined_to == first and each.next_at is None for each in others)
    at(desk, 0)
    assert Notice.objects.filter(kind="alert", person=desk.staff["front_desk"]).count() == 1
    escalating.end(first.pk, desk.now)
    others[0].refresh_from_db()
    assert others[0].joined_to is None and others[0].next_at is not None
    others[1].refresh_from_db()
    assert others[1].joined_to == others[0]


def test_the_plan_says_what_the_walk_then_does(desk: Centre) -> None:
    planned = planning.plan(desk.project, "emergency", desk.now)
    found = emergency(desk)
    for level in planned:
        escalating.fire(level.at)
    hops = list(Hop.objects.filter(escalation=found))
    assert [(hop.position, hop.made_at, hop.passed) for hop in hops] == [
        (level.position, level.at, level.passed) for level in planned
    ]
    called = [person for hop in hops for person in hop.persons]
    assert called == [each.person.pk for level in planned for each in level.called]


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"position": "front_desk", "after": 60}],
        [{"position": "front_desk", "after": 0}],
        [{"position": "company_leader", "after": 0}, {"position": "front_desk", "after": 60}],
        [{"position": "front_desk", "after": 0}, {"position": "company_leader", "after": 0}],
        [{"position": "gardener", "after": 0}, {"position": "company_leader", "after": 60}],
    ],
)
def test_a_policy_that_cannot_hold_is_refused(desk: Centre, steps: list[dict[str, object]]) -> None:
    with pytest.raises(policies.Wrong):
        policies.keep(desk.project, "emergency", steps, 180)


def test_a_rehearsal_calls_the_people_on_the_roster_and_reports_who_answered(
    desk: Centre,
) -> None:
    before = Entry.objects.count()
    rehearsal = rehearsing.start(desk.project, "emergency", by=None, now=desk.now)
    at(desk, 0)
    clerk = desk.staff["front_desk"]
    notice = Notice.objects.get(person=clerk, rehearsal=True)
    acknowledging.acknowledge(notice, clerk, now=desk.now + timedelta(seconds=12))
    for seconds in (60, 120, 240, 600, 3600):
        at(desk, seconds)
    answers = rehearsing.answers(rehearsal)
    assert {each.person.pk: each.seconds for each in answers if each.after} == {clerk.pk: 12}
    assert desk.staff["company_leader"].pk in {each.person.pk for each in answers}
    assert rehearsing.finished(rehearsal)
    assert Entry.objects.count() == before


def test_whoever_left_is_not_called(desk: Centre) -> None:
    Staff.objects.filter(pk=desk.staff["company_leader"].pk).update(is_active=False)
    emergency(desk)
    for seconds in (0, 60, 120, 240):
        at(desk, seconds)
    assert not Notice.objects.filter(person=desk.staff["company_leader"]).exists()
    assert not Delivery.objects.filter(person=desk.staff["company_leader"]).exists()
