"""The morning sheet: what stands on it, for whom, and that it is one page however much there is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import Page
from pypdf import PdfReader
from tests.desk.conftest import Office
from tests.desk.many import copies

from shouwen.complaints import morning
from shouwen.complaints.models import Complaint
from shouwen.desk.views.morning import share

AtDesk = Callable[[str], Client]
AT_NINE = datetime.fromisoformat("2026-11-24T09:00+08:00")


@pytest.fixture
def at_nine() -> Any:
    with time_machine.travel(AT_NINE, tick=False) as traveller:
        yield traveller


def ago(**delta: float) -> datetime:
    return timezone.now() - timedelta(**delta)


def sheet(client: Client, address: str = "/morning/") -> dict[str, str]:
    """The sheet's sentence and its parts, as text without tags."""
    response = client.get(address)
    assert response.status_code == 200
    page = response.content.decode()
    parts = re.findall(r'<section class="sheet-part (\w+)".*?</section>', page, re.S)
    bodies = re.findall(r'<section class="sheet-part \w+".*?</section>', page, re.S)
    found = dict(zip(parts, bodies, strict=True))
    heading = re.search(r"<h1>(.*?)</h1>", page, re.S)
    assert heading is not None
    return {"sentence": heading[1]} | found


def test_the_sheet_says_what_matters_and_each_part_has_its_complaints(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    night = office.receive(content="水管爆裂", severity="emergency", occurred_at=ago(hours=10))
    office.take("front-desk-1", "alert", night, departments=["jx-engineering"], site_manager=True)
    late = office.receive(content="楼道灯不亮", occurred_at=ago(hours=40))
    urged = office.receive(content="电梯异响", occurred_at=ago(hours=20))
    office.take("front-desk-2", "urge", urged, words="都两天了，还没有人来。")
    office.take("front-desk-2", "urge", urged, words="再不来我就上网说。")
    visit = office.dispatch(office.receive(content="门禁坏了", occurred_at=ago(hours=1)))
    office.take("engineering-1", "accept", visit, department="jx-engineering")
    office.take(
        "engineering-1", "complete", visit, department="jx-engineering", result="已换读卡器"
    )
    office.take("front-desk-1", "attempt_visit", visit, result="no_answer")
    at_nine.shift(timedelta(minutes=1))
    found = sheet(at_desk("front-desk-1"))
    assert found["sentence"].startswith("昨夜 1 件新投诉，1 件紧急抢险；")
    assert "1 件被催办" in found["sentence"]
    assert night.number in found["night"] and "知会" in found["night"]
    assert late.number not in found["night"]
    assert late.number in found["overdue"] and "客户中心前台" in found["overdue"]
    assert "前台一号岗" in found["overdue"]
    assert "第二条" in found["overdue"] and "另有 1 个超时" in found["overdue"]
    assert night.number in found["today"]
    assert "第 2 次" in found["pressed"] and "再不来我就上网说。" in found["pressed"]
    assert "都两天了" not in found["pressed"]
    assert visit.number in found["unreached"] and "无人接听" in found["unreached"]
    assert "11月26日 24:00 前" in found["unreached"]


def test_an_empty_sheet_says_so(office: Office, at_desk: AtDesk, at_nine: Any) -> None:
    found = sheet(at_desk("front-desk-1"))
    assert found["sentence"] == "昨夜没有新投诉；没有超时，今天没有到期的。"
    assert "没有超时的时限" in found["overdue"]


def test_the_whole_is_said_only_where_nothing_else_is_late(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    complaint = office.receive(occurred_at=ago(days=40))
    found = sheet(at_desk("front-desk-1"))["overdue"]
    assert "核实、派单" in found and "全程办结" not in found
    office.dispatch(complaint)
    office.take("front-desk-1", "inform_customer", complaint, told="已派工程部。")
    found = sheet(at_desk("front-desk-1"))["overdue"]
    assert complaint.number in found and "全程办结" in found


def test_a_clerk_who_may_not_see_a_complaint_does_not_see_it_here(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    about = office.person("front-desk-2")
    complaint = office.receive(about=about.pk, content="前台说话生硬", occurred_at=ago(hours=40))
    office.take("front-desk-1", "urge", complaint, words="怎么还没有说法")
    assert complaint.number in sheet(at_desk("front-desk-1"))["overdue"]
    for username in ("front-desk-2", "yh-front-desk-1"):
        client = at_desk(username)
        for address in ("/morning/", "/morning/?day=2026-11-23", "/complaints/ages/"):
            page = client.get(address).content.decode()
            assert complaint.number not in page, (username, address)
    assert sheet(at_desk("front-desk-2"))["sentence"].startswith("昨夜没有新投诉；没有超时")


def test_a_confidential_home_is_not_on_the_sheet(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    office.receive(home=office.home(), confidential=True, occurred_at=ago(hours=40))
    for address in ("/morning/", "/complaints/ages/"):
        page = at_desk("front-desk-1").get(address).content.decode()
        assert "5栋楼道灯不亮" in page
        assert "3栋1单元802" not in page


def test_a_day_that_has_passed_shows_its_night_and_what_was_urged(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    at_nine.shift(timedelta(days=-3))
    complaint = office.receive(occurred_at=ago(hours=12))
    office.take("front-desk-1", "urge", complaint, words="等了一夜")
    at_nine.shift(timedelta(days=3))
    client = at_desk("front-desk-1")
    today = sheet(client)
    assert complaint.number not in today["night"] + today["pressed"]
    past = sheet(client, "/morning/?day=2026-11-21")
    assert complaint.number in past["night"]
    assert "overdue" not in past and "today" not in past
    assert "超时" not in past["sentence"]
    # Urged at nine: spoken of at the next morning's meeting.
    assert complaint.number in sheet(client, "/morning/?day=2026-11-22")["pressed"]
    for day in ("2099-01-01", "yesterday", "2026-13-45"):
        assert "overdue" in sheet(client, f"/morning/?day={day}")


def test_the_company_sees_all_projects_together_or_one(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    complaint = office.receive(occurred_at=ago(hours=40))
    client = at_desk("company-leader")
    assert complaint.number in sheet(client)["overdue"]
    assert "锦绣家园" in sheet(client)["overdue"]
    assert complaint.number in sheet(client, "/morning/?project=JX")["overdue"]
    assert complaint.number not in sheet(client, "/morning/?project=YH")["overdue"]
    # Another's project in the address is none of theirs to choose.
    assert complaint.number not in sheet(at_desk("yh-front-desk-1"), "/morning/?project=JX")


def test_many_rows_are_shared_out_and_the_rest_is_one_click_away(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    copies(office.receive(occurred_at=ago(hours=40)), 25)
    client = at_desk("front-desk-1")
    found = sheet(client)["overdue"]
    assert found.count("<tr data-row>") == 15
    assert "其余 11 件" in found
    rest = re.search(r'<span class="rest small"><a href="([^"]+)"', found)
    assert rest is not None
    address = rest[1].replace("&amp;", "&")
    assert address == "/complaints/?is=late&sort=due&project=JX"
    assert client.get(address).status_code == 200


def test_sharing_gives_small_parts_whole_and_never_more_than_the_sheet() -> None:
    assert share([3, 15, 2], [1, 1, 1], 100) == [3, 15, 2]
    assert share([15, 15, 2], [2, 1, 1], 20) == [6, 6, 2]
    assert share([0, 0], [1, 2], 5) == [0, 0]
    assert share([9, 9], [2, 2], 1) == [0, 0]


def test_the_index_of_events_holds_every_kind_that_is_asked_for(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'complaint_events'")
        held = set(re.findall(r"'(\w+)'", cursor.fetchone()[0]))
    assert {*morning.GRAVE_EVENTS, morning.URGED, morning.ATTEMPTED} <= held


def test_a_fuller_sheet_asks_the_database_no_more_often(
    office: Office, at_desk: AtDesk, at_nine: Any
) -> None:
    client = at_desk("front-desk-1")

    def some() -> None:
        complaint = office.receive(occurred_at=ago(hours=40), severity="emergency")
        office.take("front-desk-1", "urge", complaint)
        office.receive("steward-1", occurred_at=ago(hours=10))
        done = office.dispatch(office.receive(occurred_at=ago(hours=1)))
        office.take("engineering-1", "accept", done, department="jx-engineering")
        office.take("engineering-1", "complete", done, department="jx-engineering", result="好")
        office.take("front-desk-1", "attempt_visit", done, result="busy")
        office.dispatch(office.receive(occurred_at=ago(hours=2)))

    def asked(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    some()
    copies(Complaint.objects.order_by("-pk")[0], 10)
    few = {address: asked(address) for address in ("/morning/", "/complaints/ages/")}
    for _ in range(3):
        some()
    for complaint in Complaint.objects.order_by("-pk")[:4]:
        copies(complaint, 250)
    for address, before in few.items():
        assert asked(address) <= before, address


@pytest.mark.django_db(transaction=True)
def test_it_prints_on_one_page_of_a4_however_much_there_is(
    office: Office, sit_down: Callable[[str], Page]
) -> None:
    # When it is printed: the night's part is filled as well, and none stands empty.
    with time_machine.travel(timezone.localtime().replace(hour=8, minute=40)):
        page = _full_sheet(office, sit_down)
        printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    text = printed.pages[0].extract_text()
    assert "今天先办" in text and "登记受理" not in text
    width, height = (round(float(each)) for each in printed.pages[0].mediabox[2:])
    assert (width, height) in {(595, 842), (596, 842)}


def _full_sheet(office: Office, sit_down: Callable[[str], Page]) -> Page:
    """A sheet with more in every part than it can hold, as it is printed."""
    complaint = office.receive(
        content="地下车库照明损坏多处看不清路面希望尽快修复", occurred_at=ago(hours=40)
    )
    office.take("front-desk-1", "urge", complaint, words="等了很久还没有修好，" * 20)
    copies(complaint, 30)
    done = office.dispatch(office.receive(occurred_at=ago(minutes=5)))
    for step, data in (
        ("accept", {"department": "jx-engineering"}),
        ("complete", {"department": "jx-engineering", "result": "好"}),
    ):
        office.take("engineering-1", step, done, **data)
    office.take("front-desk-1", "attempt_visit", done, result="no_answer")
    copies(done, 30)
    page = sit_down("front-desk-1")
    page.goto("/morning/")
    page.emulate_media(media="print")
    return page
