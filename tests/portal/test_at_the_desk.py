"""The desk's side of the portal: codes kept and printed, what was held back looked at."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.portal.conftest import TELEPHONE
from tests.records.files import image

from shouwen.channels import adding, by_web, held
from shouwen.channels.models import HeldArrival
from shouwen.complaints.models import Complaint
from shouwen.organization import places
from shouwen.organization.customers import enrol
from shouwen.organization.models import Place, Project, Staff
from shouwen.organization.personal import CUSTOMER
from shouwen.records import attachments, personal, retention
from shouwen.records.models import Attachment
from shouwen.records.rendering import qr_svg

WORDS = {"content": "楼道灯不亮", "name": "住户", "telephone": "13800009001"}
At = Callable[[str], Client]


@pytest.fixture
def at(project: Project) -> At:
    """A client in which somebody is signed in."""

    def signed_in(username: str) -> Client:
        client = Client()
        client.force_login(
            Staff.objects.get(username=username),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        return client

    return signed_in


def hold(project: Project, *, hours: int = 3, photo: bool = False) -> HeldArrival:
    """Something held some hours ago."""
    row = held.hold(
        project, WORDS, key="k", why="machine", now=timezone.now() - timedelta(hours=hours)
    )
    if photo:
        upload = SimpleUploadedFile("灯.jpg", image("JPEG"), content_type="image/jpeg")
        adding.store(held.SUBJECT, row.pk, project.pk, upload)
    return row


def test_let_in_it_counts_from_when_it_arrived_with_its_photographs(
    project: Project, at: At
) -> None:
    row = hold(project, photo=True)
    client = at("front-desk-1")
    assert "1 件网页来件待查看" in client.get("/desk/").content.decode()
    page = client.get("/arrivals/held/").content.decode()
    assert "楼道灯不亮" in page
    assert "13800009001" not in page
    answer = client.post(f"/arrivals/held/{row.pk}/release/")
    complaint = Complaint.objects.get()
    assert answer.headers["Location"] == f"/complaints/{complaint.number}/"
    assert complaint.received_at == row.arrived_at
    assert complaint.telephone == "13800009001"
    stored = Attachment.objects.get()
    assert (stored.subject_type, stored.subject_id) == ("complaint", complaint.pk)
    assert stored.entry is not None
    row.refresh_from_db()
    assert (row.state, row.payload, row.telephone_index) == ("released", "", "")
    # Who sent it and lost the reply hears what became of it.
    assert by_web.answered(project, "k") == complaint
    # A second colleague is told that it has been done.
    assert client.post(f"/arrivals/held/{row.pk}/release/").status_code == 422
    assert Complaint.objects.count() == 1


def test_discarded_with_a_reason_nothing_of_it_stays(project: Project, at: At) -> None:
    row = hold(project, photo=True)
    client = at("centre-head")
    assert client.post(f"/arrivals/held/{row.pk}/discard/", {"reason": " "}).status_code == 422
    client.post(f"/arrivals/held/{row.pk}/discard/", {"reason": "广告"})
    row.refresh_from_db()
    assert (row.state, row.payload, str(row.reason)) == ("discarded", "", "广告")
    assert Attachment.objects.get().erased_at is not None
    assert "没有待查看的来件" in client.get("/arrivals/held/").content.decode()
    assert not Complaint.objects.exists()


def test_what_waits_is_another_projects_business_to_nobody(project: Project, at: At) -> None:
    row = hold(project)
    other = at("yh-front-desk-1")
    assert "楼道灯不亮" not in other.get("/arrivals/held/").content.decode()
    assert other.post(f"/arrivals/held/{row.pk}/release/").status_code == 404
    assert at("engineering-1").get("/arrivals/held/").status_code == 403


def test_what_waits_lies_encrypted_is_handed_over_erased_and_goes_in_time(
    project: Project,
) -> None:
    row = hold(project, photo=True)
    raw = HeldArrival.objects.extra(select={"raw": "payload"}).get().raw  # type: ignore[attr-defined]
    assert "楼道灯" not in raw
    customer = enrol(project=project, name="住户", telephone="138 0000 9001")
    told = personal.export(CUSTOMER, customer.pk)
    assert any("楼道灯不亮" in str(each["held"]) for each in told)
    # Its photograph is not swept away while it waits.
    Attachment.objects.update(stored_at=timezone.now() - timedelta(days=2))
    attachments.sweep()
    assert Attachment.objects.filter(erased_at=None).exists()
    kind = retention.KINDS["held_arrivals"]
    cutoff = timezone.now() - timedelta(hours=1)
    assert kind.due(cutoff) == 1
    assert kind.apply(cutoff) == 1
    assert kind.due(cutoff) == 0
    assert not HeldArrival.objects.filter(pk=row.pk).exists()
    hold(project)
    holding = next(each for each in personal.HELD if each.room == "channels")
    assert holding.erase(CUSTOMER, customer.pk, None) == 1
    assert not HeldArrival.objects.exists()


def test_codes_for_all_buildings_at_once_one_more_and_out_of_use(project: Project, at: At) -> None:
    Place.objects.all().delete()
    client = at("centre-head")
    address = "/settings/projects/JX/places/"
    assert client.post(address, {"act": "buildings", "of": ["building", "lift"]}).status_code == 302
    assert Place.objects.filter(project=project, kind="building").count() == 6
    assert Place.objects.filter(project=project, kind="lift").count() == 12
    client.post(address, {"act": "buildings", "of": ["building", "lift"]})
    assert Place.objects.filter(project=project).exclude(kind="project").count() == 18
    client.post(address, {"act": "one", "kind": "equipment", "label": "2号水泵房"})
    again = client.post(address, {"act": "one", "kind": "equipment", "label": "2号水泵房"})
    assert again.status_code == 422
    assert client.post(address, {"act": "one", "kind": "project", "label": "x"}).status_code == 422
    place = Place.objects.get(label="2号水泵房")
    assert re.fullmatch(r"[2-9a-hj-km-np-z]{12}", place.token)
    client.post(f"{address}{place.pk}/retire/")
    assert places.found(place.token) is None
    # The same place may have another code afterwards.
    client.post(address, {"act": "one", "kind": "equipment", "label": "2号水泵房"})
    assert Place.objects.filter(label="2号水泵房", is_active=True).count() == 1


def test_the_printed_codes_lead_to_the_public_address(
    project: Project, at: At, settings: Any
) -> None:
    settings.SHOUWEN_PUBLIC_ADDRESS = "https://complaints.example.cn"
    settings.ALLOWED_HOSTS = ["*"]
    sheet = at("centre-head").get("/settings/projects/JX/places/sheet/").content.decode()
    assert TELEPHONE in sheet
    kept = Place.objects.filter(project=project, is_active=True)
    assert sheet.count('class="qr"') == len(kept)
    for place in kept:
        assert qr_svg(f"https://complaints.example.cn/p/{place.token}/") in sheet


def test_a_project_says_whether_and_how_it_can_be_reached(project: Project, at: At) -> None:
    client = at("centre-head")
    given = {"name": project.name, "code": project.code, "timezone": project.timezone,
             "developer_stand_in": project.developer_stand_in, "is_active": "on"}  # fmt: skip
    wrong = client.post("/settings/projects/JX/", given | {"public_telephone": "请打前台"})
    assert wrong.status_code == 422
    said = given | {"public_telephone": "0755-2600 0001", "anonymous_allowed": "on"}
    assert client.post("/settings/projects/JX/", said).status_code == 302
    project.refresh_from_db()
    assert project.anonymous_allowed
    assert not project.portal_open
