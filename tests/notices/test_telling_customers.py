"""Customers told by themselves: by a real gateway, once a matter, written into the ledger as it was said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)
from tests.notices.receivers import Receiver, Request, receiving

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.notices import gateways, rendering
from shouwen.notices.address import Gateway
from shouwen.notices.customers import counting, following, keeping, reaching, sending, suggesting
from shouwen.notices.customers.kept import CustomerMessage, CustomerTemplate
from shouwen.notices.customers.templates import Wrong
from shouwen.notices.gateways import Webhook
from shouwen.notices.models import Notice
from shouwen.notices.outgoing import Again
from shouwen.organization.customers import enrol
from shouwen.records import ledger
from shouwen.records.models import Entry

MOBILE = "13800001001"
State = CustomerMessage.State


@pytest.fixture
def answer() -> dict[str, Any]:
    return {"status": 202, "body": {"accepted": True}}


@pytest.fixture
def gateway(db: None, answer: dict[str, Any]) -> Iterator[Receiver]:
    def take(request: Request) -> tuple[int, Any]:
        return answer["status"], answer["body"]

    with receiving(take) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/sms"
        gateways.save(Gateway.Kind.SMS, Webhook(url=url, secret="a secret of both sides, 32"))
        yield receiver


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now() - timedelta(minutes=30)
    on = {"received": True, "delayed": True, "result": True}
    keeping.set_telling(centre.project, "zh-hans", on)
    return centre


def told() -> list[CustomerMessage]:
    """What the loop and the jobs do about all entries there are."""
    made = following.take(list(Entry.objects.order_by("pk")))
    for message in made:
        sending.send(message.pk)
        message.refresh_from_db()
    return made


def informed(desk: Centre) -> list[Entry]:
    assert desk.complaint is not None
    entries = ledger.entries("complaint", desk.complaint.pk, with_said=True)
    return [entry for entry in entries if entry.kind == "customer_informed"]


def test_what_was_received_is_told_once_and_stands_in_the_ledger_as_it_was_said(
    desk: Centre, gateway: Receiver
) -> None:
    desk.receive(name="陈先生", telephone=MOBILE)
    (message,) = told()
    assert told() == []  # once a matter
    (request,) = gateway.requests
    assert request.json["to"] == "+8613800001001"
    assert (request.json["kind"], request.json["link"]) == ("sms", "")
    assert "请登录" not in request.json["text"]
    (entry,) = informed(desk)
    assert entry.actor_id is None  # the system's own act, nobody's
    assert entry.said["told"] in request.json["text"]
    assert entry.facts["medium"] == "message"
    assert message.state == State.SENT
    # They know when they hear next, and that is a clock.
    reply = ClockRow.objects.get(subject_id=message.complaint_id, rule="H.update")
    assert datetime.fromisoformat(entry.facts["next_update_at"]) == reply.due_at
    assert counting.replies(desk.project.pk, desk.now - timedelta(days=1)).open == 1


def test_nothing_goes_by_itself_until_the_project_says_so(
    centre: Centre,  # noqa: F811
    gateway: Receiver,
) -> None:
    centre.now = timezone.now() - timedelta(minutes=30)
    centre.receive(telephone=MOBILE)
    assert told() == []
    assert gateway.requests == []


def test_a_killed_sender_neither_records_nor_promises_twice(
    desk: Centre, gateway: Receiver
) -> None:
    desk.receive(telephone=MOBILE)
    (message,) = told()
    # As after a kill between the ledger and the row: the job comes back.
    CustomerMessage.objects.update(state=State.WAITING)
    sending.send(message.pk)
    message.refresh_from_db()
    assert message.state == State.SENT
    assert len(informed(desk)) == 1
    assert len(gateway.requests) == 1


def test_a_failure_that_passes_is_tried_again_under_the_same_number(
    desk: Centre, gateway: Receiver, answer: dict[str, Any]
) -> None:
    desk.receive(telephone=MOBILE)
    answer["status"] = 503
    (message,) = following.take(list(Entry.objects.all()))
    with pytest.raises(Again):
        sending.send(message.pk)
    assert informed(desk) == []
    answer["status"] = 202
    sending.send(message.pk)
    assert len({request.json["id"] for request in gateway.requests}) == 1
    assert len(informed(desk)) == 1
    answer |= {"body": {"accepted": False, "code": "nobody_there"}}
    desk.receive(telephone=MOBILE)
    (message,) = told()
    assert (message.state, message.error) == (State.FAILED, "nobody_there")
    assert informed(desk) == []


def test_a_delay_is_told_once_the_desk_has_agreed_and_only_if_its_reason_may_be_repeated(
    desk: Centre, gateway: Receiver
) -> None:
    keeping.set_telling(
        desk.project, "zh-hans", {"received": False, "delayed": True, "result": True}
    )
    desk.receive(telephone=MOBILE)
    due = (desk.now + timedelta(hours=8)).isoformat()
    later = (desk.now + timedelta(days=2)).isoformat()
    desk.take("front_desk", "dispatch", department="jx-engineering", due_at=due)
    enrol(project=desk.project, name="欧阳修竹")
    for reason, state in (("配件未到货", State.SENT), ("欧阳修竹不在家", State.LEFT)):
        desk.take(
            "engineering_member",
            "report_delay",
            department="jx-engineering",
            reason=reason,
            new_due_at=later,
        )
        assert told() == []
        desk.take("front_desk", "extend", department="jx-engineering", due_at=later)
        (message,) = told()
        assert message.state == state
    (entry,) = informed(desk)
    assert "原因：配件未到货。" in str(entry.said["told"])
    assert len(gateway.requests) == 1


def test_who_wants_to_be_called_or_kept_secret_is_left_to_the_desk(
    desk: Centre, gateway: Receiver
) -> None:
    caller = enrol(project=desk.project, name="陈", telephone=MOBILE, preferred_channel="telephone")
    complaint = desk.receive(telephone=MOBILE)
    Complaint.objects.filter(pk=complaint.pk).update(customer=caller)
    (message,) = told()
    assert (message.state, message.error) == (State.LEFT, "no_target")
    fresh = Complaint.objects.get(pk=complaint.pk)
    ready = suggesting.for_customer(fresh, desk.now)
    assert ready is not None and ready.medium == "phone" and "已受理" in ready.words.text
    desk.receive(telephone=MOBILE, confidential=True)
    assert told() == []
    desk.receive(telephone="26000001")  # no mobile telephone
    (message,) = told()
    assert message.state == State.LEFT
    assert gateway.requests == []


def test_what_the_desk_said_meanwhile_is_not_said_again(desk: Centre, gateway: Receiver) -> None:
    desk.receive(telephone=MOBILE)
    (message,) = following.take(list(Entry.objects.all()))
    desk.take("front_desk", "inform_customer", told="马上安排。")
    sending.send(message.pk)
    message.refresh_from_db()
    assert message.state == State.LEFT
    assert gateway.requests == []


def test_at_night_only_what_was_just_received_is_told() -> None:
    zone = ZoneInfo("Asia/Shanghai")
    night = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 23:30 there
    assert following.by_day(night, zone) == datetime(2026, 3, 3, 8, 0, tzinfo=zone)
    early = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)  # 06:00 there
    assert following.by_day(early, zone) == datetime(2026, 3, 2, 8, 0, tzinfo=zone)
    noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    assert following.by_day(noon, zone) == noon


def test_the_first_contact_hears_what_was_done_in_words_they_can_repeat(
    desk: Centre,
) -> None:
    from shouwen.notices import following as notices

    complaint = desk.receive("engineering_member")
    desk.take("front_desk", "relay")
    due = (desk.now + timedelta(hours=8)).isoformat()
    desk.take("front_desk", "dispatch", department="jx-order", due_at=due)
    desk.take("front_desk", "note", text="内部：客户脾气大，别多说")
    desk.take("order_member", "complete", department="jx-order", result="灯管已更换，试过三次。")
    desk.take("front_desk", "verify", how="看过。")
    notices.take(list(Entry.objects.order_by("pk")))
    notice = Notice.objects.select_related("person", "project", "complaint__project").get(
        person=desk.staff["engineering_member"], kind="verified"
    )
    text = "\n".join(rendering.message([notice]).lines)
    assert "jx order已于" in text and "灯管已更换，试过三次。客户中心已核查" in text
    assert "脾气" not in text and "内部" not in text
    assert suggesting.for_first_contact(complaint) in text


def test_a_projects_own_words_have_versions_and_a_way_back(desk: Centre) -> None:
    by, project = desk.person("centre_head"), desk.project
    keeping.keep(project, "received", "en", "Number {number}, next {next}.", by=by)
    keeping.keep(project, "received", "en", "No. {number}, next {next}.", by=by)
    assert keeping.text_for(project.pk, "received", "en").startswith("No.")
    with pytest.raises(Wrong):
        keeping.keep(project, "received", "en", "unjustified {number} {next}", by=by)
    keeping.back_to_shipped(project, "received", "en", by=by)
    assert keeping.text_for(project.pk, "received", "en").startswith("Hello")
    assert list(CustomerTemplate.objects.order_by("version").values_list("version", flat=True)) == [
        1,
        2,
        3,
    ]


def test_a_complaint_by_e_mail_is_answered_by_e_mail_where_its_address_is_known(
    desk: Centre, settings: Any
) -> None:
    settings.SHOUWEN_SMTP_URL = "smtp://127.0.0.1:2525?from=desk@example.cn&tls=no"
    complaint = desk.receive(channel="email")
    assert reaching.way(complaint) is None
    complaint = desk.receive(channel="email", email="somebody@example.cn")
    way = reaching.way(complaint)
    assert way is not None and (way.kind, way.medium) == ("smtp", "email")


def test_without_a_gateway_for_text_messages_an_e_mail_address_serves(
    desk: Centre, settings: Any
) -> None:
    settings.SHOUWEN_SMTP_URL = "smtp://127.0.0.1:2525?from=desk@example.cn&tls=no"
    complaint = desk.receive(telephone="13800001001", email="somebody@example.cn")
    way = reaching.way(complaint)
    assert way is not None and (way.kind, way.medium) == ("smtp", "email")
    confidential = desk.receive(email="somebody@example.cn", confidential=True)
    assert reaching.way(confidential) is None
