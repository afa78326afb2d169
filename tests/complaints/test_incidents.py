"""Incidents (同因事项): one cause, many complaints, each with its own history."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.complaints.conftest import Centre

from shouwen.complaints import incident_ledger, incidents, places, projection, together
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.complaints.together import Result
from shouwen.organization import homes
from shouwen.records import ledger
from shouwen.records.erasure import erase

DAY = timedelta(days=1)
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


# -- a step taken for all


def _told(
    centre: Centre, incident: Incident, key: str = "k1", name: str = "inform_customer"
) -> list[Result]:
    data = {"told": "工程部正在抢修供水主阀，预计两小时来水。"}
    return together.take(incident, name, person=centre.person("front_desk"), data=data, key=key)


def test_one_broadcast_and_each_complainant_has_an_entry_of_their_own(centre: Centre) -> None:
    complaints = [_water(centre, room) for room in ("802", "902", "1002")]
    incident = _incident(centre, *complaints)
    with time_machine.travel(centre.now):
        results = _told(centre, incident)
    assert [each.done for each in results] == [True] * 3
    for complaint in complaints:
        last = ledger.entries("complaint", complaint.pk)[-1]
        assert last.kind == "customer_informed"
        assert last.facts["incident"] == incident.pk
        assert projection.differences(complaint.pk) == []
    last = ledger.entries("incident", incident.pk)[-1]
    assert last.kind == "step_taken"
    assert last.facts["complaints"] == sorted(each.pk for each in complaints)


def test_sent_again_nobody_is_told_twice(centre: Centre) -> None:
    complaint = _water(centre, "802")
    incident = _incident(centre, complaint)
    with time_machine.travel(centre.now):
        _told(centre, incident)
        again = _told(centre, incident)
    assert [each.replayed for each in again] == [True]
    kinds = [entry.kind for entry in ledger.entries("complaint", complaint.pk)]
    assert kinds.count("customer_informed") == 1
    assert [e.kind for e in ledger.entries("incident", incident.pk)].count("step_taken") == 1


def test_one_that_is_refused_says_why_and_the_others_stand(centre: Centre) -> None:
    first, second = _water(centre, "802"), _water(centre, "902")
    incident = _incident(centre, first, second)
    centre.complaint = first
    centre.take("front_desk", "dispatch", department="jx-engineering")
    with time_machine.travel(centre.now):
        results = together.take(
            incident,
            "accept",
            person=centre.person("engineering_member"),
            data={"department": "jx-engineering"},
            key="k",
        )
    # The member sees only what was sent to their department.
    assert [(each.complaint, each.done) for each in results] == [(first, True)]
    with time_machine.travel(centre.now):
        results = together.take(
            incident,
            "extend",
            person=centre.person("front_desk"),
            data={"department": "jx-engineering", "due_at": (centre.now + DAY).isoformat()},
            key="e",
        )
    assert {each.complaint: each.done for each in results} == {first: True, second: False}
    assert all(each.words for each in results if not each.done)


def test_a_visit_remains_each_complaints_own(centre: Centre) -> None:
    assert not together.is_taken_together("visit")
    assert not together.is_taken_together("join_incident")
    incident = _incident(centre, _water(centre, "802"))
    with pytest.raises(LookupError):
        _told(centre, incident, name="visit")


@settings(
    deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(["dispatch", "inform_customer", "note", "close"]), max_size=4))
def test_whatever_is_done_for_all_each_row_is_its_own_ledger(
    centre: Centre, names: list[str]
) -> None:
    told = {
        "dispatch": {"department": "jx-engineering"},
        "inform_customer": {"told": "正在抢修。"},
        "note": {"text": "已联系自来水公司。"},
        "close": {},
    }
    with transaction.atomic():
        complaints = [_water(centre, room) for room in ("802", "902")]
        incident = _incident(centre, *complaints)
        centre.wait(minutes=1)
        with time_machine.travel(centre.now):
            for place, name in enumerate(names):
                results = together.take(
                    incident,
                    name,
                    person=centre.person("front_desk"),
                    data=told[name],
                    key=f"{place}",
                )
                assert len(results) <= len(complaints)
        for complaint in complaints:
            assert projection.differences(complaint.pk) == []
        assert ledger.verify() == []
        transaction.set_rollback(True)


def test_the_row_of_an_incident_is_what_its_ledger_says_and_its_words_can_be_erased(
    centre: Centre,
) -> None:
    incident = _incident(centre, _water(centre, "802"))
    head = centre.person("centre_head")
    with time_machine.travel(centre.now + timedelta(minutes=5)):
        incidents.change(incident, person=head, title="3栋主阀停水", place="3栋")
        incidents.end(incident, person=head)
        assert incident_ledger.differences(incident.pk) == []
        erase("incident", incident.pk, None, actor_id=None, reason="写了人名")
    incident.refresh_from_db()
    assert (incident.title, incident.place) == (incident.number, "")
    assert incident_ledger.differences(incident.pk) == []
    assert ledger.verify() == []


def test_who_was_merged_is_still_told_and_both_ledgers_stay(centre: Centre) -> None:
    first, second = _water(centre, "802"), _water(centre, "902")
    centre.complaint = second
    centre.take("front_desk", "merge", into=first.number)
    told = centre.take("front_desk", "inform_customer", told="与邻居反映的是同一处，已在抢修。")
    assert told.complaint.status == "merged"
    kinds = [entry.kind for entry in ledger.entries("complaint", second.pk)]
    assert kinds == ["received", "relayed", "merged", "customer_informed"]
    note = ledger.entries("complaint", first.pk)[-1]
    assert note.facts == {"merged_here": second.number}
