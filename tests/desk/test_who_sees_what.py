"""What a page shows to whom: the source of a complaint, other projects, the person it is about."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_url_caches
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.clocks.models import HeartBeat
from shouwen.complaints.models import Complaint
from shouwen.config import urls as all_urls
from shouwen.desk import urls

AtDesk = Callable[[str], Client]
NAME, TELEPHONE = "3栋1单元802 业主", "13800001002"


def test_a_confidential_source_is_hidden_from_the_department(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.dispatch(
        office.receive(confidential=True, name=NAME, telephone=TELEPHONE, home=office.home())
    )
    addresses = (
        f"/complaints/{complaint.number}/",
        f"/complaints/{complaint.number}/print/record/",
        f"/complaints/{complaint.number}/print/work-order/jx-engineering/",
        "/desk/",
        "/complaints/",
    )
    for address in addresses:
        page = at_desk("engineering-1").get(address).content.decode()
        assert complaint.subject in page, address
        for secret in (NAME, TELEPHONE, "138****1002", "3栋1单元802"):
            assert secret not in page, address
    assert (
        at_desk("engineering-1").post(f"/complaints/{complaint.number}/telephone/").status_code
        == 403
    )
    assert NAME in at_desk("front-desk-1").get(addresses[0]).content.decode()
    # Whoever prints it: the work order leaves the centre.
    assert NAME not in at_desk("front-desk-1").get(addresses[2]).content.decode()


def test_a_confidential_source_is_on_no_paper(office: Office, at_desk: AtDesk) -> None:
    complaint = office.dispatch(
        office.receive(confidential=True, name=NAME, telephone=TELEPHONE, home=office.home())
    )
    for sheet in ("record", "work-order/jx-engineering"):
        address = f"/complaints/{complaint.number}/print/{sheet}/"
        page = at_desk("front-desk-1").get(address).content.decode()
        assert complaint.subject in page, sheet
        assert not [each for each in (NAME, TELEPHONE, "3栋1单元802") if each in page], sheet


@pytest.fixture
def in_the_morning() -> Iterator[None]:
    """The hour at which the morning sheet, which tells of the night, is printed."""
    with time_machine.travel(timezone.localtime().replace(hour=8, minute=40)):
        yield


def test_human_resources_see_conduct_and_no_customer(
    in_the_morning: None, office: Office, at_desk: AtDesk
) -> None:
    about = office.person("front-desk-2")
    said = {"name": NAME, "telephone": TELEPHONE, "home": office.home()}
    conduct = office.receive(about=about.pk, content="前台说话生硬", **said)
    other = office.receive(content="楼道灯不亮", **said)
    client = at_desk("human-resources")
    address = f"/complaints/{conduct.number}/"
    for page in (
        address,
        f"{address}print/record/",
        "/complaints/",
        "/morning/",
        "/complaints/ages/",
    ):
        shown = client.get(page).content.decode()
        assert conduct.subject in shown, page
        assert other.subject not in shown, page
        assert not [each for each in (NAME, "138****1002", "3栋1单元802") if each in shown], page
    assert client.post(f"{address}telephone/").status_code == 403
    assert client.get(f"/complaints/{other.number}/").status_code == 404
    assert conduct.subject not in client.get(f"/complaints/?q={TELEPHONE}").content.decode()
    assert conduct.subject not in client.get(f"/complaints/?home={office.home()}").content.decode()


def test_an_auditor_reads_all_and_changes_nothing(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive()
    client = at_desk("auditor")
    assert client.get(f"/complaints/{complaint.number}/").status_code == 200
    step = client.post(f"/complaints/{complaint.number}/steps/note/", {"text": "已看"})
    assert step.status_code == 403
    assert client.post("/intake/", {"content": "–"}).status_code == 403
    assert Complaint.objects.get().version == complaint.version


def test_a_telephone_is_whole_only_when_asked_for(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive(telephone=TELEPHONE)
    client = at_desk("front-desk-1")
    page = client.get(f"/complaints/{complaint.number}/").content.decode()
    assert TELEPHONE not in page
    assert "138****1002" in page
    assert TELEPHONE in client.post(f"/complaints/{complaint.number}/telephone/").content.decode()


def test_the_person_it_is_about_finds_nothing(office: Office, at_desk: AtDesk) -> None:
    about = office.person("front-desk-2")
    complaint = office.receive(about=about.pk, content="前台说话生硬")
    client = at_desk("front-desk-2")
    assert client.get(f"/complaints/{complaint.number}/").status_code == 404
    for address in ("/desk/", "/complaints/", "/complaints/?q=生硬"):
        assert complaint.number not in client.get(address).content.decode()


def test_another_project_finds_nothing(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive()
    client = at_desk("yh-front-desk-1")
    assert client.get(f"/complaints/{complaint.number}/").status_code == 404
    assert client.get(f"/live/?of={complaint.number}&token=1").status_code == 404


@pytest.fixture
def without_demo(settings: pytest.FixtureRequest) -> Iterator[None]:
    settings.SHOUWEN_DEMO = False  # type: ignore[attr-defined]
    _route_anew()
    yield
    settings.SHOUWEN_DEMO = True  # type: ignore[attr-defined]
    _route_anew()


def _route_anew() -> None:
    importlib.reload(urls)
    importlib.reload(all_urls)
    clear_url_caches()


def test_signing_in_by_a_click_does_not_exist_outside_the_demo(
    office: Office, without_demo: None
) -> None:
    client = Client()
    assert client.post("/demo/sign-in/front-desk-1/").status_code == 404
    assert "front-desk-1" not in client.get("/accounts/login/").content.decode()
    assert "_auth_user_id" not in client.session


def test_signing_in_by_a_click_needs_the_page_it_is_on(office: Office) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/sign-in/front-desk-1/").status_code == 403
    assert Client().get("/demo/sign-in/front-desk-1/").status_code == 405


def test_a_page_asks_again_only_when_something_changed(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive()
    client = at_desk("front-desk-1")
    page = client.get("/desk/").content.decode()
    token = re.search(r"token=(\w+)", page)
    assert token is not None
    ask = f"/live/?of=worklist&token={token[1]}"
    assert "HX-Trigger" not in client.get(ask).headers
    office.take("centre-head", "note", complaint, text="已看")
    assert client.get(ask).headers["HX-Trigger"] == "desk:changed"


def test_a_timekeeper_that_stands_still_is_seen_on_every_desk(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    assert "计时程序没有运行" not in client.get("/desk/").content.decode()
    HeartBeat.objects.update(beat_at=timezone.now() - timedelta(minutes=5))
    assert "计时程序没有运行" in client.get("/desk/").content.decode()


def test_the_list_goes_on_behind_its_last_row(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shouwen.desk.views.listing.PAGE", 2)
    numbers = [office.receive(content=f"第{n}件楼道灯").number for n in range(5)]
    client, address, seen = at_desk("front-desk-1"), "/complaints/?q=楼道", []
    while address:
        page = client.get(address).content.decode()
        seen += re.findall(r'href="/complaints/(JX-[0-9-]+)/" data-opens', page)
        onward = re.search(r'href="(/complaints/\?q=[^"]*after=[^"]+)"', page)
        address = onward[1].replace("&amp;", "&") if onward else ""
    assert seen == numbers[::-1]


def test_a_whole_number_leads_straight_to_its_complaint(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive()
    response = at_desk("front-desk-1").get("/complaints/", {"q": complaint.number.lower()})
    assert response.headers["Location"] == f"/complaints/{complaint.number}/"
    assert Complaint.objects.count() == 1


def test_a_longer_desk_asks_the_database_no_more_often(
    office: Office, at_desk: AtDesk, django_assert_num_queries: Callable[..., Any]
) -> None:
    client = at_desk("front-desk-1")
    office.receive()
    client.get("/desk/")
    with CaptureQueriesContext(connection) as few:
        client.get("/desk/")
    for _ in range(5):
        office.dispatch(office.receive())
        office.receive()
    with django_assert_num_queries(len(few)):
        client.get("/desk/")


def test_a_post_that_nobody_holds_is_seen(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert "无人任职" not in client.get("/desk/").content.decode()
    office.person("finance-head").posts.update(until=timezone.localdate() - timedelta(days=1))
    assert "无人任职" in client.get("/desk/").content.decode()


def test_gravity_recognised_later_shows_the_time_from_receipt(
    office: Office, at_desk: AtDesk
) -> None:
    earlier = timezone.now() - timedelta(hours=2)
    complaint = office.receive(occurred_at=earlier)
    office.take("front-desk-1", "assess", complaint, facts="水已进配电房", severity="emergency")
    page = at_desk("front-desk-1").get(f"/complaints/{complaint.number}/").content.decode()
    assert "自受理起 2 小时" in page


def test_a_homes_other_complaints_tell_no_confidential_source(
    office: Office, at_desk: AtDesk
) -> None:
    kept = office.dispatch(office.receive(confidential=True, home=office.home()))
    other = office.dispatch(office.receive(home=office.home()))
    address = f"/complaints/{other.number}/"
    assert kept.number not in at_desk("engineering-1").get(address).content.decode()
    assert kept.number in at_desk("front-desk-1").get(address).content.decode()
