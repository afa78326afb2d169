"""Incidents (同因事项): one cause, many complaints, each with its own history."""

from __future__ import annotations

import pytest
from tests.complaints.conftest import Centre

from shouwen.complaints import incidents, places, projection
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.organization import homes
from shouwen.records import ledger

NO_WATER = {"content": "家里停水了，一点水都没有。", "category": "water"}


def _water(centre: Centre, room: str) -> Complaint:
    home = homes.ensure(centre.project, "3", "1", room)
    return centre.receive(home=home.pk, **NO_WATER)


def _incident(centre: Centre, *complaints: Complaint, title: str = "3栋1单元停水") -> Incident:
    return incidents.begin(
        centre.project,
        person=centre.person("front_desk"),
        title=title,
        place="3栋1单元",
        category=Category.objects.get(code="water"),
        complaints=complaints,
        now=centre.now,
    )


def test_complaints_of_one_cause_belong_to_one_incident_and_both_ledgers_say_so(
    centre: Centre,
) -> None:
    first, second = _water(centre, "802"), _water(centre, "902")
    incident = _incident(centre, first, second)
    assert incident.since == first.received_at
    assert set(incident.complaints.all()) == {first, second}
    kinds = [entry.kind for entry in ledger.entries("incident", incident.pk)]
    assert kinds == ["opened", "joined_incident", "joined_incident"]
    assert incident.version == 3
    for complaint in (first, second):
        assert ledger.entries("complaint", complaint.pk)[-1].facts == {"incident": incident.pk}
        assert projection.differences(complaint.pk) == []
    assert ledger.verify() == []


def test_what_belongs_is_told_by_the_ledger_alone(centre: Centre) -> None:
    complaint = _water(centre, "802")
    incident = _incident(centre, complaint)
    Complaint.objects.update(incident=None)
    projection.rebuild(complaint.pk)
    complaint.refresh_from_db()
    assert complaint.incident == incident


def test_another_incident_is_joined_by_leaving_the_first(centre: Centre) -> None:
    complaint = _water(centre, "802")
    first, second = _incident(centre, complaint), _incident(centre, title="3栋1单元水压低")
    complaint.refresh_from_db()
    incidents.join(second, complaint, person=centre.person("front_desk"), now=centre.now)
    assert not first.complaints.exists()
    assert [e.kind for e in ledger.entries("incident", first.pk)][-1] == "left_incident"
    complaint.refresh_from_db()
    again = incidents.join(second, complaint, person=centre.person("front_desk"), now=centre.now)
    assert again is None


def test_a_customer_joins_without_a_member_of_staff(centre: Centre) -> None:
    complaint = _water(centre, "802")
    incident = _incident(centre)
    incidents.join(incident, complaint, unattended=True, now=centre.now)
    entry = ledger.entries("complaint", complaint.pk)[-1]
    assert (entry.kind, entry.actor_id) == ("joined_incident", None)


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("3栋1单元", "家里突然停水，水龙头没水。"),
        ("3-1-1002", "又停水了"),
        ("三栋一单元厨房", "没水，做不了饭"),
    ],
)
def test_who_writes_of_the_same_is_offered_the_open_incident(
    centre: Centre, place: str, content: str
) -> None:
    incident = _incident(centre)
    assert incidents.look_alike(centre.project, place=place, content=content) == [incident]


@pytest.mark.parametrize(
    ("place", "content"),
    [
        ("5栋1单元", "家里突然停水，水龙头没水。"),
        ("3栋2单元", "家里突然停水，水龙头没水。"),
        ("3栋1单元", "楼上半夜很吵，睡不着。"),
        ("3栋1单元", "电梯坏了，停在一楼不动。"),
        ("", "物业费怎么交？"),
        ("3栋1单元", ""),
    ],
)
def test_another_place_or_another_cause_is_not_offered(
    centre: Centre, place: str, content: str
) -> None:
    _incident(centre)
    assert incidents.look_alike(centre.project, place=place, content=content) == []


def test_an_ended_incident_is_offered_to_nobody(centre: Centre) -> None:
    incident = _incident(centre)
    incidents.end(incident, person=centre.person("centre_head"))
    found = incidents.look_alike(centre.project, place="3栋1单元", content="家里停水")
    assert found == []


def test_a_title_names_no_home(centre: Centre) -> None:
    with pytest.raises(InvalidData):
        _incident(centre, title="3栋1单元802停水")
    assert places.public("3栋1单元802厨房") == "3栋1单元"
    assert places.public("地下车库 B1 东侧") == "地下车库 B1 东侧"


def test_only_the_customer_centre_opens_incidents(centre: Centre) -> None:
    with pytest.raises(NotAllowed):
        incidents.begin(centre.project, person=centre.person("steward"), title="停水")
