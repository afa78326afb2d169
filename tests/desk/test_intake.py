"""Recording a call: the record, the caller, several matters, and what follows from it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone
from PIL import Image
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.organization.models import Customer
from shouwen.records.models import Attachment

AtDesk = Callable[[str], Client]
HTMX = {"HX-Request": "true"}
CALL = {"content": "楼道灯不亮，晚上看不见。请尽快修。", "severity": "routine", "channel": "phone"}


def photo() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (20, 20), "grey").save(file, "JPEG")
    file.seek(0)
    file.name = "现场.jpg"
    return file


def test_a_call_becomes_a_complaint_with_its_whole_record(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("front-desk-1").post(
        "/intake/",
        CALL
        | {
            "name": "3栋1单元802 业主",
            "telephone": "13800001002",
            "home_text": "3-1-802",
            "relation": "owner",
            "category": "power",
            "place": "5栋2单元楼道",
            "wish": "今晚亮灯",
            "reach_when": "晚上",
        },
    )
    complaint = Complaint.objects.get()
    assert response.headers["Location"] == f"/complaints/{complaint.number}/?received=1"
    assert complaint.subject == "楼道灯不亮，晚上看不见"
    assert complaint.home is not None
    assert complaint.home.label == "3栋1单元802"
    assert complaint.first_contact == office.person("front-desk-1")
    assert complaint.front_desk
    assert complaint.telephone == "13800001002"


def test_a_call_taken_earlier_keeps_both_times_apart(office: Office, at_desk: AtDesk) -> None:
    earlier = timezone.localtime(timezone.now() - timedelta(hours=3))
    at_desk("front-desk-1").post("/intake/", CALL | {"occurred_at": f"{earlier:%Y-%m-%dT%H:%M}"})
    complaint = Complaint.objects.get()
    assert complaint.recorded_at - complaint.received_at > timedelta(hours=2)


def test_several_matters_of_one_call_are_linked_and_share_the_caller(
    office: Office, at_desk: AtDesk
) -> None:
    at_desk("front-desk-1").post(
        "/intake/",
        CALL
        | {
            "name": "3栋1单元802 业主",
            "home_text": "3-1-802",
            "matter": "m2",
            "m2-content": "东门道闸经常不抬杆",
            "m2-severity": "complex",
            "m2-category": "gate",
        },
    )
    first, second = Complaint.objects.order_by("pk")
    assert first.group is not None
    assert first.group == second.group
    assert (second.name, second.home) == (first.name, first.home)
    assert (first.severity, second.severity) == ("routine", "complex")


def test_a_call_without_words_is_not_recorded(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("front-desk-1").post("/intake/", {"place": "东门", "severity": "routine"})
    assert response.status_code == 422
    assert "东门" in response.content.decode()
    assert not Complaint.objects.exists()


def test_a_home_that_is_none_is_named(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("front-desk-1").post("/intake/", CALL | {"home_text": "99-9-9999"})
    assert response.status_code == 422
    assert "没有这个房号" in response.content.decode()


def test_the_caller_is_known_by_the_last_four_digits(office: Office, at_desk: AtDesk) -> None:
    customer = Customer.objects.exclude(home=None).first()
    assert customer is not None
    earlier = office.receive(home=customer.home_id, content="上次的水渍还在")
    response = at_desk("front-desk-1").post(
        "/intake/caller/", {"telephone": customer.telephone[-4:]}, headers=HTMX
    )
    page = response.content.decode()
    assert str(customer.home) in page
    assert earlier.subject in page
    assert customer.telephone not in page


def test_consequences_are_those_of_the_engine(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("front-desk-1").post(
        "/intake/preview/", CALL | {"severity": "emergency", "category": "lift"}, headers=HTMX
    )
    page = response.content.decode()
    assert "知会相关部门" in page
    assert "由您" in page
    assert "不要扒门" in page
    assert not Complaint.objects.exists()


def test_photographs_are_kept_and_what_is_no_photograph_is_named(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    script = io.BytesIO(b"#!/bin/sh\nrm -rf /\n\x00\x01")
    script.name = "a.sh"
    response = client.post("/intake/", CALL | {"files": [photo(), script]}, follow=True)
    attachment = Attachment.objects.get()
    page = response.content.decode()
    assert f"/attachments/{attachment.pk}/" in page
    assert "a.sh" in page
    served = client.get(f"/attachments/{attachment.pk}/")
    assert served.status_code == 200
    assert served.headers["Content-Type"] == "image/jpeg"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    assert at_desk("yh-front-desk-1").get(f"/attachments/{attachment.pk}/").status_code == 404
