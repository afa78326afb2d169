"""Any employee records what they heard by the code on their card, and hears what came of it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pydantic import SecretStr
from tests.desk.conftest import Office
from tests.notices.receivers import Receiver, receiving
from tests.portal.test_tracking import kinds, picture

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.notices import gateways
from shouwen.notices.gateways import Webhook
from shouwen.organization import cards, changing
from shouwen.organization.models import CardCode, Post, Staff, StaffCard
from shouwen.portal import tasks
from shouwen.records.models import Attachment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def steward(office: Office) -> Staff:
    return office.person("steward-1")


def opened(staff: Staff) -> str:
    return f"/card/{cards.issue(staff, by=None)}/"


def record(address: str, **said: Any) -> HttpResponse:
    data = {"key": str(uuid.uuid4()), "content": "大堂门禁坏了。", "place": "一栋大堂"} | said
    response = Client(enforce_csrf_checks=True).post(address, data)
    return response  # type: ignore[return-value]


def text(address: str) -> str:
    return Client().get(address).content.decode()


def test_what_is_heard_is_received_by_them_and_relaying_is_owed(steward: Staff) -> None:
    address = opened(steward)
    assert record(address, name="刘女士", photos=picture()).status_code == 303
    complaint = Complaint.objects.get()
    assert complaint.first_contact == steward and not complaint.front_desk
    assert (complaint.status, complaint.channel, complaint.name) == (
        "received",
        "front_desk",
        "刘女士",
    )
    assert Attachment.objects.get().actor_id == steward.pk
    row = ClockRow.objects.get(subject_id=complaint.pk, rule="R1.relay")
    assert (row.state, row.person_id) == ("running", steward.pk)
    page = text(address)
    assert complaint.subject in page and "已告诉前台" in page and "刘女士" not in page
    Client().post(f"{address}c/{complaint.number}/relay/")
    row.refresh_from_db()
    assert row.state == "met" and kinds(complaint)[-1] == "relayed"
    assert "客服中心正在核实" in text(address) and "已告诉前台" not in text(address)


@pytest.mark.parametrize("said", [{"danger": "1"}, {"content": "电梯困人了，快来人。"}])
def test_danger_is_an_emergency_whose_first_call_is_theirs(
    steward: Staff, said: dict[str, str]
) -> None:
    address = opened(steward)
    response = record(address, **said)
    complaint = Complaint.objects.get()
    assert complaint.severity == "emergency"
    row = ClockRow.objects.get(subject_id=complaint.pk, rule="R6.alert")
    assert (row.holder, row.person_id) == ("first_contact", steward.pk)
    assert "马上打电话" in text(response["Location"])
    assert "已打电话通知" in text(address)
    Client().post(f"{address}c/{complaint.number}/alert/")
    row.refresh_from_db()
    assert row.state == "met"


def test_sent_twice_it_is_one_complaint_with_one_photograph(steward: Staff) -> None:
    address = opened(steward)
    for _again in range(2):
        assert record(address, key="one", photos=picture()).status_code == 303
    assert Complaint.objects.count() == 1 and Attachment.objects.count() == 1


def test_they_hear_what_came_of_it_in_the_same_place(office: Office, steward: Staff) -> None:
    address = opened(steward)
    record(address)
    complaint = Complaint.objects.get()
    Client().post(f"{address}c/{complaint.number}/relay/")
    office.dispatch(complaint)
    assert "工程部正在处理" in text(address)
    assert "已转工程部" in text(f"{address}c/{complaint.number}/")


def test_a_card_shows_and_changes_nothing_of_others(office: Office, steward: Staff) -> None:
    address, other = opened(steward), office.receive(subject="别人的事")
    assert "别人的事" not in text(address)
    assert Client().get(f"{address}c/{other.number}/").status_code == 404
    assert Client().post(f"{address}c/{other.number}/relay/").status_code == 404


def test_a_new_card_stops_the_old_one_and_stopping_stops_both(steward: Staff) -> None:
    first, second = opened(steward), opened(steward)
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    cards.stop(steward, by=None)
    assert Client().get(second).status_code == 404
    assert record(second).status_code == 404 and not Complaint.objects.exists()


def test_the_card_of_whoever_leaves_opens_nothing_from_then_on(
    office: Office, steward: Staff
) -> None:
    address = opened(steward)
    changing.carry_out(
        changing.Change(
            person=steward,
            by=office.person("administrator"),
            posts=list(changing.open_posts(steward)),
            last_day=timezone.localdate(),
            leaving=True,
            reason="合同到期",
        )
    )
    assert Client().get(address).status_code == 404 and record(address).status_code == 404
    # Whoever comes back gets a new one.
    changing.bring_back(steward, by=office.person("administrator"))
    assert Client().get(address).status_code == 404


def test_without_a_post_there_is_nothing_to_record_for(steward: Staff) -> None:
    address = opened(steward)
    yesterday = timezone.localdate() - timedelta(days=1)
    Post.objects.filter(staff=steward).update(until=yesterday)
    assert "没有可以登记的项目" in text(address)
    assert record(address).status_code == 404 and not Complaint.objects.exists()


def test_the_keeper_of_the_account_issues_and_stops_it_on_the_staff_page(
    office: Office, steward: Staff, at_desk: Any
) -> None:
    client = at_desk("administrator")
    printed = client.post(f"/settings/staff/{steward.pk}/card/").content.decode()
    assert "<svg" in printed and "只在这一页显示一次" in printed
    assert StaffCard.objects.filter(staff=steward).count() == 1
    assert "重新发卡" in client.get(f"/settings/staff/{steward.pk}/").content.decode()
    client.post(f"/settings/staff/{steward.pk}/card/stop/")
    assert not StaffCard.objects.filter(staff=steward).exists()


# -- by the telephone number they are known by


NUMBER = "13800001234"


@pytest.fixture
def texts(office: Office) -> Iterator[Receiver]:
    """The company's gateway for text messages, on loopback."""
    with receiving(lambda request: (202, {"accepted": True})) as receiver:
        url = f"http://127.0.0.1:{receiver.port}/sms"
        gateways.save("sms", Webhook(url=url, secret=SecretStr("a secret of both sides, 32 bytes")))
        yield receiver


def ask(number: str) -> str:
    """The page's answer, with what names the request taken out; the job is done as the worker does."""
    page = Client().post("/card/", {"number": number}).content.decode()
    for asked in CardCode.objects.filter(code_digest=""):
        tasks.send_card_code(asked=str(asked.pk))
        page = page.replace(str(asked.pk), "")
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def test_a_number_alone_opens_nothing_and_the_code_sent_to_it_does_for_a_shift(
    steward: Staff, texts: Receiver
) -> None:
    steward.telephone = "138 0000 1234"
    steward.save()
    known, unknown = ask(NUMBER), ask("13800009999")
    assert known == unknown
    (sent,) = texts.requests
    assert sent.json["to"] == "+8613800001234"
    (code,) = re.findall(r"\d{6}", sent.json["text"])
    asked = CardCode.objects.exclude(code_digest="").get()
    assert code not in str(asked.__dict__) and "1234" not in asked.number_index[-4:]
    wrong = Client().post("/card/", {"asked": str(asked.pk), "code": "x"})
    assert wrong.status_code == 422
    right = Client().post("/card/", {"asked": str(asked.pk), "code": code})
    assert right.status_code == 302 and record(right["Location"]).status_code == 303
    assert Complaint.objects.get().first_contact == steward
    assert Client().post("/card/", {"asked": str(asked.pk), "code": code}).status_code == 422
    StaffCard.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(right["Location"]).status_code == 404


def test_a_code_can_be_mistaken_five_times_and_asked_for_three_times(
    steward: Staff, texts: Receiver
) -> None:
    steward.telephone = NUMBER
    steward.save()
    ask(NUMBER)
    (code,) = re.findall(r"\d{6}", texts.requests[0].json["text"])
    asked = str(CardCode.objects.get().pk)
    for _time in range(5):
        Client().post("/card/", {"asked": asked, "code": "000000x"})
    assert Client().post("/card/", {"asked": asked, "code": code}).status_code == 422
    ask(NUMBER), ask(NUMBER)
    assert Client().post("/card/", {"number": NUMBER}).status_code == 429
    assert len(texts.requests) == 3


def test_without_a_gateway_the_number_opens_nothing_and_the_card_is_named(office: Office) -> None:
    response = Client().post("/card/", {"number": "13800001234"})
    assert "扫您工牌" in response.content.decode() and not CardCode.objects.exists()
