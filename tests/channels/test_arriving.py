"""What comes in without a member of staff is taken at the front desk, once, with its clocks."""

from __future__ import annotations

import datetime

import pytest
from tests.complaints.conftest import Centre, centre  # noqa: F401

from shouwen.channels.arriving import NobodyAnswers, arrive
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.organization.models import Post, Shift
from shouwen.records import ledger

LIGHTS = {"content": "楼道灯不亮，晚上看不见。", "telephone": "13800001001"}


def test_it_is_relayed_at_once_and_followed_by_the_clerk_on_duty(centre: Centre) -> None:  # noqa: F811
    Shift.objects.create(
        project=centre.project,
        position="front_desk",
        staff=centre.staff["second_clerk"],
        starts_at=centre.now - datetime.timedelta(hours=1),
        ends_at=centre.now + datetime.timedelta(hours=7),
    )
    complaint = arrive(
        centre.project, LIGHTS, channel=Channel.WEB, key="form-1", now=centre.now
    ).complaint
    assert complaint.first_contact_id == centre.staff["second_clerk"].pk
    assert complaint.front_desk
    assert complaint.status == Status.RELAYED
    assert complaint.channel == Channel.WEB
    entries = ledger.entries(SUBJECT, complaint.pk)
    assert [entry.kind for entry in entries] == ["received", "relayed"]
    # Nobody of the staff wrote it, and the ledger does not say so of anybody.
    assert {entry.actor_id for entry in entries} == {None}
    assert entries[0].facts["unattended"] is True
    running = ClockRow.objects.filter(subject_id=complaint.pk, state="running")
    assert set(running.values_list("rule", flat=True)) >= {"R2.dispatch", "H.contact"}


def test_sent_twice_it_is_one_complaint_whoever_is_on_duty_then(centre: Centre) -> None:  # noqa: F811
    first = arrive(centre.project, LIGHTS, channel=Channel.WEB, key="form-1", now=centre.now)
    centre.wait(hours=8)
    Post.objects.filter(staff=centre.staff["front_desk"]).delete()
    again = arrive(centre.project, LIGHTS, channel=Channel.WEB, key="form-1", now=centre.now)
    assert again.replayed
    assert again.complaint.number == first.complaint.number
    assert Complaint.objects.count() == 1


def test_words_of_danger_make_it_an_emergency_and_a_chosen_one_is_never_lowered(
    centre: Centre,  # noqa: F811
) -> None:
    trapped = {"content": "电梯停了，里面困着人，快来！", "severity": "routine"}
    found = arrive(centre.project, trapped, channel=Channel.CHAT, key="1", now=centre.now)
    assert found.complaint.severity == Severity.EMERGENCY
    chosen = LIGHTS | {"severity": "emergency"}
    found = arrive(centre.project, chosen, channel=Channel.WEB, key="2", now=centre.now)
    assert found.complaint.severity == Severity.EMERGENCY
    rules = ClockRow.objects.filter(subject_id=found.complaint.pk).values_list("rule", flat=True)
    assert "R6.alert" in set(rules)


def test_its_clocks_run_from_when_it_arrived(centre: Centre) -> None:  # noqa: F811
    arrived = centre.now - datetime.timedelta(hours=2)
    found = arrive(
        centre.project, LIGHTS, channel=Channel.EMAIL, key="m", arrived_at=arrived, now=centre.now
    )
    dispatch = ClockRow.objects.get(subject_id=found.complaint.pk, rule="R2.dispatch")
    assert dispatch.started_at == arrived


def test_where_no_post_is_held_it_says_so_and_nothing_is_lost_quietly(centre: Centre) -> None:  # noqa: F811
    Post.objects.all().delete()
    with pytest.raises(NobodyAnswers):
        arrive(centre.project, LIGHTS, channel=Channel.WEB, key="1", now=centre.now)
