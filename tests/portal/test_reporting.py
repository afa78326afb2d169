"""A resident reports from a place's code, with an old telephone and without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.portal.conftest import TELEPHONE
from tests.records.files import image

from shouwen.channels import counting
from shouwen.channels.models import ArrivalCount, HeldArrival
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.organization import places
from shouwen.organization.models import Place, Project
from shouwen.records import ledger
from shouwen.records.models import Attachment

LIGHT = {"content": "楼道灯不亮，晚上看不见。", "telephone": "13800009001"}


def send(place: Place, client: Client | None = None, **said: Any) -> Any:
    """What the form sends, and the page that follows."""
    key = said.pop("key", f"k{Complaint.objects.count()}{HeldArrival.objects.count()}")
    given = {"place": place.label, "key": key} | said
    return (client or Client()).post(f"/p/{place.token}/", given, follow=True)


def test_from_a_lift_the_place_is_filled_in_and_the_receipt_says_what_was_promised(
    lift: Place,
) -> None:
    page = Client().get(f"/p/{lift.token}/")
    assert page.status_code == 200
    text = page.content.decode()
    assert 'value="电梯 3栋1单元"' in text
    assert TELEPHONE in text

    receipt = send(lift, **LIGHT, name="住户")
    assert receipt.redirect_chain[0][1] == 302
    complaint = Complaint.objects.get()
    assert complaint.place == "电梯 3栋1单元"
    assert complaint.channel == "web"
    assert complaint.front_desk
    assert complaint.first_contact is not None
    text = receipt.content.decode()
    assert complaint.number in text
    assert complaint.first_contact.name in text
    link = re.search(r'href="(/t/[a-z2-7]{26}/)"', text)
    assert link is not None
    followed = Client().get(link[1])
    assert followed.status_code == 200
    assert complaint.number[-3:] in followed.content.decode()
    contact = ClockRow.objects.get(subject_id=complaint.pk, rule="H.contact")
    assert f"{timezone.localtime(contact.due_at):%H:%M} 前" in text
    # Neither limits nor articles are recited, and nothing said comes back.
    assert not re.search(r"第.条|24 小时内|时限|13800009001", text)


def test_words_of_danger_are_received_as_an_emergency_and_said_beside_the_number(
    lift: Place,
) -> None:
    looked = Client().post(f"/p/{lift.token}/look/", {"content": "电梯停了，里面困着人"})
    assert TELEPHONE in looked.content.decode()
    assert "data-danger" in looked.content.decode()
    receipt = send(lift, content="电梯停了，里面困着人")
    complaint = Complaint.objects.get()
    assert complaint.severity == "emergency"
    text = receipt.content.decode()
    assert "已按紧急情况受理" in text
    assert f'href="tel:{TELEPHONE.replace("-", "")}"' in text
    assert "不要扒门" in text
    assert ClockRow.objects.filter(subject_id=complaint.pk, rule="R6.alert").exists()


def test_the_choice_makes_it_an_emergency_whatever_the_words(lift: Place) -> None:
    send(lift, content="快来", danger="on")
    assert Complaint.objects.get().severity == "emergency"


def test_sent_twice_it_is_one_and_the_same_receipt_with_its_photographs(lift: Place) -> None:
    for _again in range(2):
        photo = SimpleUploadedFile("灯.jpg", image("JPEG"), content_type="image/jpeg")
        receipt = send(lift, key="same", photos=[photo], **LIGHT)
    complaint = Complaint.objects.get()
    assert complaint.number in receipt.content.decode()
    kinds = [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]
    assert kinds.count("attached") == 1
    stored = Attachment.objects.get()
    assert stored.actor_id is None
    # Written anew on the same form it is another matter.
    send(lift, key="same", content="另外门禁也坏了", telephone=LIGHT["telephone"])
    assert Complaint.objects.count() == 2


def test_a_file_that_is_no_photograph_is_left_out_and_said(lift: Place) -> None:
    broken = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff nothing", content_type="image/jpeg")
    receipt = send(lift, photos=[broken], **LIGHT)
    assert Complaint.objects.count() == 1
    assert "1 张照片没有收到" in receipt.content.decode()


def test_nothing_anonymous_where_the_project_takes_none_but_in_danger(
    lift: Place, project: Project
) -> None:
    refused = send(lift, content="楼道灯不亮")
    assert refused.status_code == 422
    assert "请留下称呼或电话" in refused.content.decode()
    assert "楼道灯不亮" in refused.content.decode()
    send(lift, content="着火了")
    assert Complaint.objects.get().severity == "emergency"
    project.anonymous_allowed = True
    project.save()
    assert send(lift, content="楼道灯不亮").status_code == 200
    assert Complaint.objects.count() == 2
    assert send(lift, content="  ").status_code == 422


def test_a_code_out_of_use_or_unknown_says_so_kindly(lift: Place, project: Project) -> None:
    assert Client().get("/p/nnnnnnnnnnnn/").status_code == 404
    places.take_out_of_use(lift)
    page = Client().get(f"/p/{lift.token}/")
    assert page.status_code == 404
    assert "这个二维码已停用" in page.content.decode()
    assert TELEPHONE in page.content.decode()
    entry = places.entry(project)
    project.portal_open = False
    project.save()
    closed = Client().get(f"/p/{entry.token}/")
    assert TELEPHONE in closed.content.decode()
    assert send(entry, **LIGHT).status_code == 503
    assert not Complaint.objects.exists()


def test_too_many_are_held_to_be_looked_at_but_an_emergency_passes(lift: Place) -> None:
    most = counting.AT_A_PLACE[0]
    for number in range(most + 1):
        send(lift, content=f"第 {number} 盏灯不亮", telephone=f"1380000{9000 + number}")
    assert Complaint.objects.count() == most
    held = HeldArrival.objects.get()
    assert held.why == "many"
    emergency = send(lift, content="燃气味很大")
    assert "已按紧急情况受理" in emergency.content.decode()
    # Nothing of address or number lies in what is counted.
    for row in ArrivalCount.objects.all():
        assert re.fullmatch(r"[0-9a-f]{64}", row.who)
    # Held twice it is one row.
    send(lift, content="又一盏", name="住户", key="twice")
    send(lift, content="又一盏", name="住户", key="twice")
    assert HeldArrival.objects.count() == 2


def test_one_telephone_is_counted_wherever_it_sends_from(lift: Place) -> None:
    for number in range(counting.FROM_A_TELEPHONE[0] + 1):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        send(lift, client, content=f"第 {number} 件", telephone="138 0000 9001")
    assert HeldArrival.objects.count() == 1


def test_a_field_that_nobody_sees_leads_to_the_queue(lift: Place) -> None:
    photo = SimpleUploadedFile("a.jpg", image("JPEG"), content_type="image/jpeg")
    receipt = send(lift, **LIGHT, website="https://example.com/", photos=[photo])
    assert HeldArrival.objects.get().why == "machine"
    assert not Complaint.objects.exists()
    assert "已收到您反映的问题" in receipt.content.decode()
    assert "1 张照片没有收到" in receipt.content.decode()
    assert not Attachment.objects.exists()
    send(lift, content="着火了，快来", website="x")
    assert Complaint.objects.get().severity == "emergency"


def test_a_receipt_is_for_a_day_and_for_its_project_alone(lift: Place, project: Project) -> None:
    import time_machine

    receipt = send(lift, **LIGHT)
    path = receipt.redirect_chain[0][0]
    other = places.entry(Project.objects.get(code="YH"))
    assert Client().get(path.replace(lift.token, other.token)).status_code == 404
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert Client().get(path).status_code == 404


def test_on_a_kiosk_there_is_no_link_away_and_the_tracking_link_is_a_code(lift: Place) -> None:
    client = Client()
    assert client.get(f"/p/{lift.token}/?kiosk=1").headers["Location"].endswith("/kiosk/")
    page = client.get(f"/p/{lift.token}/kiosk/").content.decode()
    assert "<a " not in page
    receipt = client.post(f"/p/{lift.token}/kiosk/", LIGHT | {"key": "k"}, follow=True)
    text = receipt.content.decode()
    assert re.findall(r'<a [^>]*href="([^"]+)"', text) == [f"/p/{lift.token}/kiosk/"]
    assert 'class="qr"' in text


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_nothing_of_the_portal_is_indexed_stored_or_told_to_others(
    lift: Place, language: str
) -> None:
    client = Client()
    client.cookies["shouwen_language"] = language
    page = client.get(f"/p/{lift.token}/")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
