"""What comes in and is no complaint: kept with its answer, under house rules only."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from tests.complaints.conftest import Centre

from shouwen.clocks import reading, subjects
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, one_customer
from shouwen.complaints.contacts import door, personal, projection
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.retention import _apply, _due
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import Changed, InvalidData, NotAllowed, WrongStatus
from shouwen.organization import homes
from shouwen.organization.customers import enrol
from shouwen.records import erasure, ledger
from shouwen.records import personal as register

ENGINEERING = "department:jx-engineering"


def record(centre: Centre, who: str = "front_desk", **data: Any) -> Contact:
    given = {"nature": "repair", "content": "厨房水龙头滴水，请来修。"} | data
    return door.receive(
        person=centre.person(who), project=centre.project, data=given, now=centre.now
    ).contact


def take(centre: Centre, who: str, name: str, contact: Contact, **data: Any) -> door.Outcome:
    centre.wait(minutes=1)
    options = {each: data.pop(each) for each in ("expected_version", "key") if each in data}
    return door.take(
        name, person=centre.person(who), contact=contact, data=data, now=centre.now, **options
    )


def clocks(contact: Contact) -> dict[str, ClockRow]:
    return {row.rule: row for row in reading.of_subject("contact", contact.pk)}


def kinds(contact: Contact) -> list[str]:
    return [entry.kind for entry in ledger.entries("contact", contact.pk)]


def test_an_enquiry_answered_at_once_is_settled_and_starts_no_clock(centre: Centre) -> None:
    contact = record(
        centre, nature="enquiry", content="停车月卡怎么办？", answer="带行驶证到前台办。"
    )
    assert kinds(contact) == ["contacted", "answered", "settled"]
    assert (contact.status, contact.answer) == ("settled", "带行驶证到前台办。")
    assert contact.settled_at == centre.now and contact.next_due_at is None
    assert not clocks(contact)
    assert contact.number.startswith("JX-20260302-C")
    assert not Complaint.objects.exists()


def test_a_repair_lies_on_the_desk_of_the_department_it_was_handed_to(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    found = clocks(contact)
    assert set(found) == {"H.first_reply", "H.settle"}
    first = found["H.first_reply"]
    assert (first.holder, first.department, first.article) == ("department", "jx-engineering", "")
    assert first.due_at == centre.now + datetime.timedelta(hours=24)
    assert contact.next_due_at == first.due_at
    mine = reading.held_by(centre.person("engineering_member"), centre.now)
    assert [row.rule for row in mine] == ["H.first_reply"]
    assert not reading.held_by(centre.person("order_member"), centre.now)
    # The whole is the front desk's to settle, whoever works on it.
    desk = reading.held_by(centre.person("front_desk"), centre.now)
    assert [row.rule for row in desk] == ["H.settle"]


def test_what_nobody_was_named_for_is_the_front_desks(centre: Centre) -> None:
    contact = record(centre, nature="enquiry", content="暖气几号来？")
    assert clocks(contact)["H.first_reply"].holder == "front_desk"


@pytest.mark.parametrize("nature", ["praise", "suggestion"])
def test_praise_and_suggestions_are_kept_and_ask_nothing_of_anybody(
    centre: Centre, nature: str
) -> None:
    praised = {"praised": centre.staff["steward"].pk} if nature == "praise" else {}
    contact = record(centre, nature=nature, content="保安小哥帮我提东西。", **praised)
    assert contact.status == "kept" and not clocks(contact)
    assert contact.about_id == praised.get("praised")


def test_only_praise_names_somebody(centre: Centre) -> None:
    with pytest.raises(InvalidData) as refused:
        record(centre, praised=centre.staff["steward"].pk)
    assert set(refused.value.errors) == {"praised"}
    with pytest.raises(InvalidData):
        record(centre, answer="好的", to=ENGINEERING)
    with pytest.raises(InvalidData):
        record(centre, to="department:nowhere")


def test_an_answer_that_promises_the_next_reply_is_held_to_it(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    promised = centre.now + datetime.timedelta(hours=5)
    done = take(
        centre, "engineering_member", "answer", contact,
        told="下午三点师傅上门看。", next_reply_at=promised,
    ).contact  # fmt: skip
    found = clocks(contact)
    assert found["H.first_reply"].state == "met"
    assert found["H.next_reply"].due_at == promised == done.next_reply_at
    assert found["H.next_reply"].department == "jx-engineering"
    assert done.status == "promised"
    done = take(centre, "engineering_member", "answer", done, told="修好了。").contact
    assert done.status == "settled" and done.answer == "修好了。"
    assert {row.state for row in clocks(contact).values()} == {"met"}


def test_a_promise_goes_along_when_it_is_handed_on(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    promised = centre.now + datetime.timedelta(hours=5)
    take(
        centre, "engineering_member", "answer", contact, told="五点前答复。", next_reply_at=promised
    )
    handed = take(centre, "engineering_head", "hand-on", contact, to="department:jx-order").contact
    rows = reading.of_subject("contact", contact.pk).filter(rule="H.next_reply")
    assert [(row.department, row.state, row.due_at) for row in rows] == [
        ("jx-engineering", "void", promised),
        ("jx-order", "running", promised),
    ]
    assert handed.status == "promised" and handed.department == "jx-order"


def test_handing_on_forgives_nothing_and_the_whole_keeps_its_limit(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    settle = clocks(contact)["H.settle"].due_at
    centre.wait(hours=25)
    take(centre, "front_desk", "hand-on", contact, to="position:site_manager")
    rows = reading.of_subject("contact", contact.pk)
    assert [row.state for row in rows.filter(rule="H.first_reply")] == ["breached", "running"]
    assert [row.due_at for row in rows.filter(rule="H.settle")] == [settle]
    with pytest.raises(InvalidData):
        take(centre, "front_desk", "hand-on", contact, to="position:site_manager")


def test_settled_without_an_answer_says_why(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    with pytest.raises(InvalidData):
        take(centre, "front_desk", "settle", contact)
    done = take(centre, "front_desk", "settle", contact, reason="客户来电说已经好了。").contact
    assert done.status == "settled" and done.next_due_at is None
    states = {rule: row.state for rule, row in clocks(contact).items()}
    assert states == {"H.first_reply": "void", "H.settle": "met"}
    with pytest.raises(WrongStatus):
        take(centre, "front_desk", "answer", contact, told="好")


def test_it_becomes_a_complaint_whose_clocks_start_now_by_the_regulation(centre: Centre) -> None:
    home = homes.find(centre.project, "3-1-802")
    assert home is not None
    contact = record(
        centre, to=ENGINEERING, place="3栋1单元", name="周女士", telephone="13800001001",
        home=home.pk, relation="owner",
    )  # fmt: skip
    centre.wait(hours=3)
    outcome = take(centre, "front_desk", "become-complaint", contact)
    complaint = outcome.complaint
    assert complaint is not None
    assert (complaint.content, complaint.place) == (contact.content, contact.place)
    assert (complaint.name, complaint.telephone) == ("周女士", "13800001001")
    assert (complaint.home_id, complaint.relation) == (home.pk, "owner")
    # Received when it was said to be one, not when the tap dripped first.
    assert complaint.received_at == centre.now
    received = ledger.entries("complaint", complaint.pk)[0]
    assert received.facts["from_contact"] == contact.number
    rows = reading.of_subject("complaint", complaint.pk)
    assert rows.get(rule="R2.dispatch").started_at == centre.now
    # Both ways.
    fresh = Contact.objects.get(pk=contact.pk)
    assert (fresh.status, fresh.complaint_id) == ("complaint", complaint.pk)
    assert ledger.entries("contact", contact.pk)[-1].facts == {"complaint": complaint.number}
    assert {row.state for row in clocks(contact).values()} == {"void"}


def test_it_becomes_one_complaint_only(centre: Centre) -> None:
    contact = record(centre)
    first = take(centre, "front_desk", "become-complaint", contact, key="k")
    again = take(centre, "front_desk", "become-complaint", contact, key="k")
    assert again.replayed and first.complaint == again.complaint
    with pytest.raises(WrongStatus):
        take(centre, "front_desk", "become-complaint", contact)
    assert Complaint.objects.count() == 1


def test_what_is_recorded_again_with_the_same_key_is_recorded_once(centre: Centre) -> None:
    data = {"nature": "repair", "content": "灯坏了"}
    told = {"person": centre.person("front_desk"), "project": centre.project, "data": data}
    first = door.receive(**told, key="one", now=centre.now)
    again = door.receive(**told, key="one", now=centre.now)
    assert again.replayed and again.contact == first.contact
    assert Contact.objects.count() == 1


def test_who_sees_it_and_who_answers(centre: Centre) -> None:
    contact = record(centre, "steward", to=ENGINEERING)
    for who in ("front_desk", "centre_head", "site_manager", "engineering_member", "steward"):
        assert contact in door.visible_to(centre.person(who), Contact), who
    for who in ("order_member", "developer_service", "human_resources", "employee"):
        assert contact not in door.visible_to(centre.person(who), Contact), who
    names = [step.name for step in door.possible(centre.person("engineering_member"), contact)]
    assert names == ["answer", "hand-on", "settle", "become-complaint"]
    assert door.possible(centre.person("steward"), contact) == []
    with pytest.raises(NotAllowed):
        take(centre, "steward", "answer", contact, told="好")
    with pytest.raises(NotAllowed):
        take(centre, "auditor", "answer", contact, told="好")


def test_nobody_answers_over_what_somebody_else_wrote_meanwhile(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING)
    seen = contact.version
    take(centre, "engineering_head", "hand-on", contact, to="department:jx-order")
    with pytest.raises(Changed):
        take(centre, "front_desk", "answer", contact, told="好", expected_version=seen)


def test_the_row_says_what_the_ledger_says_and_is_rebuilt_from_it(centre: Centre) -> None:
    contact = record(centre, to=ENGINEERING, name="周女士", telephone="13800001001")
    take(centre, "engineering_member", "answer", contact, told="明天修好。")
    assert projection.differences(contact.pk) == []
    Contact.objects.filter(pk=contact.pk).update(status="open", answer="")
    assert set(projection.differences(contact.pk)) == {"status", "answer"}
    projection.rebuild(contact.pk)
    assert projection.differences(contact.pk) == []
    assert subjects.find(contact.number) == ("contact", contact.pk)


def test_a_customer_is_handed_over_and_erased_with_their_contacts(centre: Centre) -> None:
    customer = enrol(project=centre.project, name="周女士", telephone="13800001001")
    contact = record(centre, name="周女士", telephone="138 0000 1001", answer="好的")
    assert list(personal.of_customer(customer)) == [contact]
    held = json.dumps(register.export("contact", contact.pk), default=str, ensure_ascii=False)
    assert "周女士" in held and contact.content in held and "好的" in held
    erasure.erase("contact", contact.pk, actor_id=None, reason="客户要求")
    held = json.dumps(register.export("contact", contact.pk), default=str, ensure_ascii=False)
    assert "周女士" not in held and contact.content not in held and "好的" not in held
    assert list(personal.of_customer(customer)) == []
    assert projection.differences(contact.pk) == []
    assert ledger.verify() == []


def test_erasing_a_customer_takes_their_contacts_too(centre: Centre) -> None:
    customer = enrol(project=centre.project, name="周女士", telephone="13800001001")
    contact = record(centre, name="周女士", telephone="13800001001", to=ENGINEERING)
    told = one_customer.held(customer, None)["contacts"]
    assert [each["number"] for each in told] == [contact.number] and told[0]["held"]
    head = centre.person("centre_head")
    seen = one_customer.preview(customer, by=head, everything=True)
    assert seen.contacts == (contact,) and seen.still_open == (contact,) and seen.texts == 3
    with pytest.raises(one_customer.StillOpen):
        one_customer.erase(customer, by=head, reason="本人申请", everything=True)
    one_customer.erase(customer, by=head, reason="本人申请", everything=True, open_too=True)
    fresh = Contact.objects.get(pk=contact.pk)
    assert (fresh.name, fresh.telephone, fresh.content) == ("", "", "")


def test_what_is_over_its_period_goes(centre: Centre) -> None:
    settled = record(centre, answer="好的")
    record(centre, to=ENGINEERING)
    praise = record(centre, nature="praise", content="服务好")
    centre.wait(days=1)
    assert _due(centre.now).count() == 2
    assert _apply(centre.now) == 2
    assert _due(centre.now).count() == 0
    for contact in (settled, praise):
        assert Contact.objects.get(pk=contact.pk).content == ""


def test_the_complaints_ledger_is_asked_nothing_new(centre: Centre) -> None:
    complaint = centre.receive()
    rules = {row.rule for row in reading.of_subject("complaint", complaint.pk)}
    assert not rules & {"H.first_reply", "H.next_reply", "H.settle"}
    assert lifecycle.possible(centre.person("front_desk"), complaint)
