"""One home, one file: finding it, what stands in it, and for whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office
from tests.desk.many import copies

from shouwen.organization import customers, homes
from shouwen.organization.models import Customer, Home, Project

AtDesk = Callable[[str], Client]
NAME, TELEPHONE = "3栋1单元802 业主", "13800009876"


def soon(**delta: float) -> str:
    return (timezone.now() + timedelta(**delta)).isoformat()


def file_of(client: Client, home: int, **query: str) -> str:
    response = client.get(f"/homes/{home}/", query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def home(office: Office) -> int:
    """A home with one more customer than the demo's."""
    found = Home.objects.get(pk=office.home())
    customers.enrol(project=office.project, home=found, name=NAME, telephone=TELEPHONE)
    return found.pk


def test_a_home_is_found_as_people_write_it(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    assert client.get("/homes/").status_code == 200
    for text in ("3-1-802", "三栋一单元802"):
        response = client.post("/homes/", {"home": text, "project": office.project.pk})
        assert response.headers["Location"] == f"/homes/{office.home()}/"
    several = client.post("/homes/", {"home": "3-1-8", "project": office.project.pk})
    assert several.status_code == 200
    assert {"3栋1单元801", "3栋1单元802"} <= set(
        re.findall(r">([^<]+)</a></li>", several.content.decode())
    )
    nothing = client.post("/homes/", {"home": "99-9-9999", "project": office.project.pk})
    assert "没有找到这一户" in nothing.content.decode()


def test_the_file_holds_people_matters_promises_appointments_and_visits(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    complaint = office.dispatch(office.receive(home=home, content="厨房漏水"))
    office.take("engineering-1", "accept", complaint, department="jx-engineering")
    office.take(
        "front-desk-1",
        "inform_customer",
        complaint,
        told="师傅明天上门",
        next_update_at=soon(hours=2),
    )
    office.take("front-desk-2", "inform_customer", complaint, told="师傅已定好时间")
    office.take(
        "engineering-1",
        "appoint",
        complaint,
        department="jx-engineering",
        at=soon(hours=20),
        where="厨房",
    )
    other = office.dispatch(office.receive(home=home, content="门铃不响"))
    office.take("engineering-1", "accept", other, department="jx-engineering")
    office.take("engineering-1", "complete", other, department="jx-engineering", result="已换")
    office.take("front-desk-1", "attempt_visit", other, result="no_answer")
    office.take(
        "front-desk-1", "visit", other, outcome="solved", satisfaction="4", words="师傅客气"
    )
    page = file_of(at_desk("front-desk-1"), home)
    assert NAME in page and "138****9876" in page and TELEPHONE not in page
    assert "近 13 周 2 件，2 件未结；下一项承诺" in page
    assert page.index("门铃不响") < page.index("厨房漏水")
    for words in ("已兑现", "待兑现", "师傅明天上门", "厨房", "无人接听", "已解决 · 满意"):
        assert words in page, words
    assert "“师傅客气”" in page
    assert page.count("<rect") == 13


def test_a_telephone_is_whole_only_when_asked_for_and_only_there(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    client = at_desk("front-desk-1")
    customer = Customer.objects.filter(home=home).order_by("-pk")[0]
    asked = f"/homes/{home}/people/{customer.pk}/telephone/"
    assert TELEPHONE in client.post(asked).content.decode()
    assert client.get(asked).status_code == 405
    elsewhere = homes.find(office.project, "3-1-801")
    assert elsewhere is not None
    assert client.post(asked.replace(f"/{home}/", f"/{elsewhere.pk}/")).status_code == 404
    assert at_desk("yh-front-desk-1").post(asked).status_code == 404


def test_who_does_not_serve_customers_sees_no_home(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    refusals = {"human-resources": 403, "developer-service": 403, "yh-front-desk-1": 404}
    for username, refusal in refusals.items():
        assert at_desk(username).get(f"/homes/{home}/").status_code == refusal, username
    client = at_desk("human-resources")
    assert client.get("/homes/").status_code == 403
    refused = client.post("/homes/", {"home": "3-1-802", "project": office.project.pk})
    assert refused.status_code == 403
    assert "3栋1单元802" not in refused.content.decode()


def test_the_person_it_is_about_finds_it_nowhere(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    about = office.person("front-desk-2")
    complaint = office.receive(home=home, about=about.pk, content="前台说话生硬")
    office.take("front-desk-1", "inform_customer", complaint, told="正在了解情况")
    assert complaint.number in file_of(at_desk("front-desk-1"), home)
    page = file_of(at_desk("front-desk-2"), home)
    assert complaint.number not in page and "正在了解情况" not in page
    assert "近 13 周 0 件" in page


def test_a_confidential_matter_is_not_under_its_home_for_who_may_not_know_the_source(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    complaint = office.dispatch(office.receive(home=home, confidential=True, content="楼上违建"))
    office.take(
        "front-desk-1", "inform_customer", complaint, told="已转办", next_update_at=soon(hours=2)
    )
    page = file_of(at_desk("engineering-1"), home)
    assert complaint.number not in page and "已转办" not in page
    assert "近 13 周 0 件" in page
    page = file_of(at_desk("front-desk-1"), home)
    assert complaint.number in page and "近 13 周 1 件" in page


def test_a_longer_file_asks_no_more_often_and_goes_on_behind_its_last_row(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    client = at_desk("front-desk-1")
    complaint = office.dispatch(office.receive(home=home))
    office.take(
        "front-desk-1", "inform_customer", complaint, told="好", next_update_at=soon(hours=2)
    )
    copies(complaint, 9)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            file_of(client, home)
        return len(queries)

    asked()
    few = asked()
    copies(office.receive(home=home, content="再来一件"), 120)
    assert asked() <= few
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = file_of(client, home, **query)
        seen += re.findall(r'<span><a href="/complaints/(JX-[0-9-]+)/">', page)
        onward = re.search(r'href="\?after=([^"]+)" rel="next"', page)
        if onward is None:
            break
        query = {"after": onward[1].replace("%3A", ":").replace("%2B", "+")}
    assert len(seen) == len(set(seen)) == 131


def test_complaint_caller_and_intake_lead_to_the_home_and_back(
    office: Office, at_desk: AtDesk, home: int
) -> None:
    complaint = office.receive(home=home)
    client = at_desk("front-desk-1")
    assert (
        f'href="/homes/{home}/"' in client.get(f"/complaints/{complaint.number}/").content.decode()
    )
    card = client.post("/intake/caller/", {"telephone": TELEPHONE}).content.decode()
    assert f'href="/homes/{home}/"' in card
    assert f'href="/intake/?home={home}"' in file_of(client, home)
    page = client.get(f"/intake/?home={home}").content.decode()
    assert 'value="3栋1单元802"' in page
    assert f'data-draft="intake-home-{home}"' in page
    # Another project's home opens nothing of it.
    other = Project.objects.exclude(pk=office.project.pk).order_by("pk")[0]
    elsewhere = Home.objects.filter(project=other)[0]
    page = client.get(f"/intake/?home={elsewhere.pk}").content.decode()
    assert elsewhere.label not in page and 'data-draft="intake"' in page


@pytest.mark.django_db(transaction=True)
def test_typing_a_home_offers_it_and_a_click_opens_its_file(
    office: Office, sit_down: Callable[[str], Page]
) -> None:
    page = sit_down("front-desk-1")
    page.goto("/homes/")
    page.keyboard.type("3-1-8")
    expect(page.locator("#homes-found a")).to_have_count(2)
    page.get_by_role("link", name="3栋1单元802").click()
    expect(page.locator("h1")).to_have_text("3栋1单元802")
    assert "802" not in page.url
    file = page.url
    page.set_viewport_size({"width": 390, "height": 800})
    for address in (file, "/morning/", "/complaints/ages/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
    page.set_viewport_size({"width": 1024, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 1024
