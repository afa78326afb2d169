"""One customer: found, everything held shown masked, handed over, corrected and erased [PIPL]."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.desk.views import attachments
from shouwen.organization import customers
from shouwen.organization.models import Customer, Home
from shouwen.records import attachments as kept
from shouwen.records import verification
from shouwen.records.models import Access, Attachment

AtDesk = Callable[[str], Client]
NAME, NUMBER, MASKED = "欧阳测试人", "13800771234", "138****1234"
WORDS = "紫藤花架旁渗水特别厉害"


@pytest.fixture
def customer(office: Office, tmp_path: Any, settings: Any) -> Customer:
    """A customer with a home and one open complaint that has a file."""
    settings.SHOUWEN_HOME = tmp_path
    home = Home.objects.get(pk=office.home())
    found = customers.enrol(project=office.project, home=home, name=NAME, telephone=NUMBER)
    complaint = office.receive(
        name=NAME, telephone=NUMBER, content=WORDS, home=home.pk, customer=found.pk
    )
    upload = SimpleUploadedFile("谈话.txt", WORDS.encode())
    assert attachments.add(office.person("front-desk-1"), complaint, [upload]) == []
    return found


def page_of(client: Client, customer: Customer, more: str = "") -> str:
    response = client.get(f"/customers/{customer.pk}/{more}")
    assert response.status_code == 200
    return response.content.decode()


def test_a_customer_is_found_by_the_number_and_from_the_home(
    office: Office, at_desk: AtDesk, customer: Customer
) -> None:
    client = at_desk("front-desk-1")
    for number in (NUMBER, "+86 138 0077 1234", "1234"):
        found = client.post("/customers/", {"telephone": number})
        assert found.headers["Location"] == f"/customers/{customer.pk}/"
    assert "没有找到" in client.post("/customers/", {"telephone": "999"}).content.decode()
    assert (
        f"/customers/{customer.pk}/" in client.get(f"/homes/{customer.home_id}/").content.decode()
    )
    # Somebody of another project finds nobody.
    other = at_desk("yh-front-desk-1").post("/customers/", {"telephone": NUMBER})
    assert other.status_code == 200 and NAME not in other.content.decode()
    assert at_desk("yh-front-desk-1").get(f"/customers/{customer.pk}/").status_code == 404


def test_everything_held_is_shown_and_no_number_whole_until_asked_for(
    at_desk: AtDesk, customer: Customer
) -> None:
    page = page_of(at_desk("front-desk-1"), customer)
    for held in (NAME, MASKED, WORDS, "谈话.txt", "3栋1单元802", "投诉登记", "附件"):
        assert held in page
    assert NUMBER not in page
    revealed = at_desk("front-desk-1").post(f"/customers/{customer.pk}/telephone/")
    assert NUMBER in revealed.content.decode()
    assert Access.objects.get(action="telephone_seen").subject_id == customer.pk


def test_who_may_read_correct_hand_over_and_erase(at_desk: AtDesk, customer: Customer) -> None:
    at = f"/customers/{customer.pk}/"
    expected = {
        "front-desk-1": {"": 200, "correct/": 200, "erase/": 403},
        "centre-head": {"": 200, "correct/": 200, "erase/": 200},
        "auditor": {"": 200, "correct/": 403, "erase/": 403},
        "administrator": {"": 200, "correct/": 200, "erase/": 200},
    }
    for username, answers in expected.items():
        client = at_desk(username)
        assert {more: client.get(at + more).status_code for more in answers} == answers
    for username, status in {"front-desk-1": 403, "auditor": 403, "centre-head": 200}.items():
        client = at_desk(username)
        assert client.post(f"{at}export/", {"format": "json"}).status_code == status
    assert at_desk("auditor").post(f"{at}telephone/").status_code == 403


def test_what_is_held_is_handed_over_for_machines_and_for_people(
    at_desk: AtDesk, customer: Customer
) -> None:
    client, at = at_desk("centre-head"), f"/customers/{customer.pk}/export/"
    told = json.load(io.BytesIO(client.post(at, {"format": "json"}).content))
    assert told["customer"][0]["held"][0]["telephone"] == NUMBER
    assert WORDS in json.dumps(told["complaints"], ensure_ascii=False)
    response = client.post(at, {"format": "html"})
    assert response.headers["Content-Disposition"].endswith('.html"')
    readable = response.content.decode()
    for held in (NAME, NUMBER, WORDS, "谈话.txt", "电话", "个人信息副本"):
        assert held in readable
    assert Access.objects.filter(action="customer_exported", subject_id=customer.pk).count() == 2


def test_a_confidential_source_is_known_on_neither_page_nor_copy_by_who_may_not(
    office: Office, at_desk: AtDesk, customer: Customer
) -> None:
    Complaint.objects.update(confidential=True)
    assert WORDS in page_of(at_desk("front-desk-1"), customer)
    assert WORDS not in page_of(at_desk("auditor"), customer)
    copy = at_desk("administrator").post(f"/customers/{customer.pk}/export/").content.decode()
    assert NAME in copy and WORDS not in copy
    preview = at_desk("administrator").post(
        f"/customers/{customer.pk}/erase/", {"what": "everything", "reason": "本人申请"}
    )
    assert Complaint.objects.get().number not in preview.content.decode()


def test_a_correction_is_told_with_what_was_there_before(
    at_desk: AtDesk, customer: Customer
) -> None:
    client, at = at_desk("front-desk-1"), f"/customers/{customer.pk}/correct/"
    form = client.get(at).content.decode()
    assert NUMBER not in form and "3栋1单元802" in form
    said = {"name": "欧阳", "telephone": "", "home": "3-1-801", "relation": "tenant"}
    assert client.post(at, said | {"home": "99-9-9999"}).status_code == 422
    assert client.post(at, said | {"telephone": "没有"}).status_code == 422
    assert client.post(at, said).headers["Location"].endswith("?done=corrected")
    customer.refresh_from_db()
    assert (customer.name, customer.telephone) == ("欧阳", NUMBER)
    assert customer.home is not None and customer.home.label == "3栋1单元801"
    page = page_of(client, customer, "?done=corrected")
    assert "更正客户资料" in page and NAME in page and "原房屋" in page


def test_an_erasure_shows_what_goes_asks_about_open_ones_and_leaves_nothing(
    at_desk: AtDesk,
    customer: Customer,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    client, at = at_desk("centre-head"), f"/customers/{customer.pk}/erase/"
    asked = {"what": "everything", "reason": "本人申请"}
    assert client.post(at, {"what": "everything", "reason": " "}).status_code == 422
    preview = client.post(at, asked).content.decode()
    number = Complaint.objects.get().number
    for told in (number, "未结案", "附件 1 个", "我知道，仍要删除"):
        assert told in preview
    assert client.post(at, asked | {"do": "1"}).status_code == 422
    customer.refresh_from_db()
    assert customer.name == NAME

    file = Attachment.objects.get().path
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(at, asked | {"do": "1", "open_too": "on"})
    assert done.headers["Location"] == f"/customers/{customer.pk}/?done=erased"
    page = page_of(client, customer, "?done=erased")
    assert "本人申请" in page and "投诉 1 件" in page
    for gone in (NAME, MASKED, WORDS, "3栋1单元802"):
        assert gone not in page
    assert not file.exists() and kept.files() == []
    assert verification.verify() == []


def test_only_who_it_was_goes_where_that_is_asked(at_desk: AtDesk, customer: Customer) -> None:
    client = at_desk("centre-head")
    said = {"what": "who", "reason": "本人申请", "do": "1", "open_too": "on"}
    assert client.post(f"/customers/{customer.pk}/erase/", said).status_code == 302
    complaint = Complaint.objects.get()
    assert (complaint.name, complaint.home, complaint.content) == ("", None, WORDS)
    assert Attachment.objects.get().erased_at is None
    assert "只删身份信息" in page_of(client, customer)
