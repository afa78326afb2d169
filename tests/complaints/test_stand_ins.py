"""While somebody is away, a named stand-in acts for them; the ledger names both [C4]."""

from __future__ import annotations

import datetime

import pytest
from tests.complaints.conftest import Centre

from shouwen.clocks import reading
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.rules import see_source
from shouwen.complaints.state import State, fold
from shouwen.organization.isolation import projects_ever
from shouwen.organization.models import Delegation, Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint
from shouwen.records import ledger

DAY = datetime.timedelta(days=1)


@pytest.fixture
def centre(centre: Centre) -> Centre:
    """The centre, now: what is lent is lent at a moment."""
    centre.now = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    return centre


def lend(centre: Centre, who: str, to: str, days: int = 3) -> Delegation:
    return Delegation.objects.create(
        person=centre.staff[who],
        stand_in=centre.staff[to],
        since=centre.now - DAY,
        until=centre.now + days * DAY,
        made_by=centre.staff[who],
        made_at=centre.now,
    )


def entries(complaint: Complaint) -> list[tuple[str, int | None, int | None]]:
    return [
        (entry.kind, entry.actor_id, entry.acting_for_id)
        for entry in ledger.entries(SUBJECT, complaint.pk)
    ]


def test_a_stand_in_acts_by_the_lent_post_and_the_ledger_names_both(centre: Centre) -> None:
    complaint = centre.receive("front_desk")
    with pytest.raises(NotAllowed):
        centre.take("steward", "assess", facts="已核实。")
    lend(centre, "front_desk", "steward")
    centre.take("steward", "assess", facts="已核实。")
    steward, clerk = centre.staff["steward"].pk, centre.staff["front_desk"].pk
    assert entries(complaint)[-1] == ("assessed", steward, clerk)
    centre.take("steward", "note", text="交接清楚")
    assert entries(complaint)[-1] == ("noted", steward, None)  # their own right suffices


def test_before_and_after_the_dates_nothing_is_lent(centre: Centre) -> None:
    complaint = centre.receive("front_desk")
    lent = lend(centre, "front_desk", "steward")
    assert visible_to(centre.person("steward"), Complaint).filter(pk=complaint.pk).exists()
    lent.until = centre.now - datetime.timedelta(seconds=1)
    lent.save()
    assert not visible_to(centre.person("steward"), Complaint).filter(pk=complaint.pk).exists()
    with pytest.raises(NotAllowed):
        centre.take("steward", "assess", facts="已核实。")


def test_a_stand_in_from_another_project_sees_it_only_meanwhile(centre: Centre) -> None:
    elsewhere = Project.objects.create(company=centre.project.company, code="YH", name="云河湾")
    other = Staff.objects.create_user("yh-clerk", name="云河湾前台")
    appoint(other, Position.FRONT_DESK, project=elsewhere, since=datetime.date(2020, 1, 1))
    centre.staff["other"] = other
    assert projects_ever(centre.person("other")) == {elsewhere.pk}
    lent = lend(centre, "front_desk", "other")
    assert projects_ever(centre.person("other")) == {elsewhere.pk, centre.project.pk}
    lent.delete()
    assert projects_ever(centre.person("other")) == {elsewhere.pk}


@pytest.mark.parametrize("position", ["human_resources", "auditor", "administrator"])
def test_accounts_staff_and_checking_are_not_lent(centre: Centre, position: str) -> None:
    lend(centre, position, "steward")
    at = lifecycle.stand(centre.person("steward"), None, State(), project=centre.project)
    assert at.roles == {"steward"}
    lend(centre, "centre_head", "steward")
    at = lifecycle.stand(centre.person("steward"), None, State(), project=centre.project)
    assert at.roles == {"steward", "centre_head"}


def test_an_auditor_does_not_begin_to_act_by_standing_in(centre: Centre) -> None:
    centre.receive()
    lend(centre, "centre_head", "auditor")
    with pytest.raises(NotAllowed):
        centre.take("auditor", "assess", facts="已核实。")


def test_nothing_about_the_stand_in_or_about_the_absent_is_lent(centre: Centre) -> None:
    lend(centre, "centre_head", "second_clerk")
    about_stand_in = centre.receive("front_desk")
    centre.take("front_desk", "assess", facts="已核实。", about=centre.staff["second_clerk"].pk)
    stand_in = centre.person("second_clerk")
    assert not visible_to(stand_in, Complaint).filter(pk=about_stand_in.pk).exists()
    about_absent = centre.receive("front_desk", confidential=True)
    centre.take("front_desk", "assess", facts="已核实。", about=centre.staff["centre_head"].pk)
    at = lifecycle.stand(
        centre.person("second_clerk"),
        Complaint.objects.get(pk=about_absent.pk),
        fold(ledger.entries(SUBJECT, about_absent.pk)),
    )
    assert "centre_head" not in at.roles
    assert see_source(at.person, at)  # by their own post at the front desk


def test_the_second_person_is_neither_the_assessor_nor_who_acts_for_them(centre: Centre) -> None:
    lend(centre, "centre_head", "steward")
    centre.receive()
    centre.take("centre_head", "assess", facts="无责。", justified="no")
    with pytest.raises(NotAllowed):
        centre.take("steward", "confirm", agreed="yes")
    centre.take("site_manager", "confirm", agreed="yes")


def test_own_clocks_of_who_is_away_lie_with_the_stand_in(centre: Centre) -> None:
    complaint = centre.receive("steward")
    clerk, away = centre.person("second_clerk"), centre.person("steward")
    row = reading.of_subject(SUBJECT, complaint.pk).get(rule="R1.relay")
    assert reading.who_holds(row) == [away]
    lend(centre, "steward", "second_clerk")
    assert reading.who_holds(row) == [clerk]
    assert row in reading.held_by(centre.person("second_clerk"))
    assert row not in reading.held_by(centre.person("steward"))
