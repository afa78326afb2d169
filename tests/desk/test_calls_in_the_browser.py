"""A call as the agent sees it: it rings, the card is up, the form is filled, it is saved."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import Office, sign_in
from tests.desk.telephone import event, line_of, post

from shouwen.channels.models import Call, Extension
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


def a_customer() -> Customer:
    """Somebody who is alone known by their number, with a home."""
    found = Customer.objects.select_related("home").filter(project__code="JX", home__isnull=False)
    alone = [
        each
        for each in found
        if each.telephone
        and Customer.objects.filter(telephone_index=each.telephone_index).count() == 1
    ]
    return alone[0]


def test_a_call_rings_its_card_comes_up_the_form_is_filled_and_saved(
    office: Office, sit_down: SitDown, live_server: LiveServer
) -> None:
    line = line_of(office.project, recordings="https://pbx.example.cn/recordings/")
    customer = a_customer()
    assert customer.home is not None
    earlier = office.receive(home=customer.home_id, content="单元门禁坏了，刷卡没有反应。")
    Extension.objects.create(line=line, number="801", staff=office.person("front-desk-1"))
    page = sit_down("front-desk-1")
    expect(page.locator("#calls[data-goes-on]")).to_be_attached()

    told = {"caller": customer.telephone, "called": "02088880000", "extension": "801"}
    assert post(live_server.url, line, event("ringing", "c1", **told)) == (
        200,
        {"taken": True, "again": False},
    )
    card = page.locator(".call-card")
    expect(card).to_be_visible()
    expect(card).to_contain_text(customer.name)
    expect(card).to_contain_text(customer.home.label)
    expect(card).to_contain_text("****")
    expect(card).not_to_contain_text(customer.telephone)
    expect(card.get_by_role("link", name=earlier.subject)).to_be_visible()

    post(live_server.url, line, event("answered", "c1", **told))
    expect(card).to_contain_text("通话中")
    page.keyboard.press("c")
    page.wait_for_url(re.compile(r"/intake/\?call="))
    expect(page.locator("[name=telephone]")).to_have_value(customer.telephone)
    expect(page.locator("[name=name]")).to_have_value(customer.name)
    expect(page.locator("[name=home_text]")).to_have_value(customer.home.label)
    expect(page.locator("[name=channel][value=phone]")).to_be_checked()
    expect(page.locator(".call-chip")).to_contain_text("来电")
    expect(page.locator(".call-card")).to_have_count(0)
    page.locator("[data-words]").fill("楼道灯坏了两天，晚上看不见台阶。")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/complaints/.*received="))

    call = Call.objects.get()
    assert call.complaint is not None
    assert call.complaint.customer_id == customer.pk
    assert call.complaint.channel == "phone"
    assert call.complaint.received_at == call.answered_at
    url = "https://pbx.example.cn/recordings/1.mp3"
    post(live_server.url, line, event("recording", "c1", recording_url=url))
    page.reload()
    expect(page.get_by_role("link", name="打开录音")).to_be_visible()
    assert url not in page.content()


def test_a_call_is_on_the_screens_of_whoever_may_take_it(
    office: Office,
    open_context: Callable[[], BrowserContext],
    live_server: LiveServer,
) -> None:
    line = line_of(office.project)
    Extension.objects.create(line=line, number="802", staff=office.person("front-desk-2"))
    first = sign_in(open_context().new_page(), "front-desk-1")
    second = sign_in(open_context().new_page(), "front-desk-2")
    post(live_server.url, line, event("ringing", "c1", caller="anonymous"))
    for page in (first, second):
        expect(page.locator(".call-card")).to_contain_text("号码未显示")
    post(live_server.url, line, event("answered", "c1", extension="802"))
    expect(second.locator(".call-card")).to_contain_text("通话中")
    expect(first.locator(".call-card")).to_have_count(0)
    # Put away, it does not come back.
    second.get_by_role("button", name="收起这张来电卡").click()
    expect(second.locator(".call-card")).to_have_count(0)
    second.reload()
    expect(second.locator("#calls[data-goes-on]")).to_be_attached()
    expect(second.locator(".call-card")).to_have_count(0)
    assert Complaint.objects.count() == 0


def test_the_card_is_read_by_everybody(
    office: Office, sit_down: SitDown, live_server: LiveServer
) -> None:
    line = line_of(office.project)
    page = sit_down("front-desk-1")
    page.emulate_media(reduced_motion="reduce")  # colours change at once
    post(live_server.url, line, event("ringing", "c1", caller=a_customer().telephone))
    expect(page.locator(".call-card")).to_be_visible()
    for theme in ("light", "dark"):
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme; }", theme)
        assert Axe().run(page).response["violations"] == []


def test_a_missed_call_is_called_back(
    office: Office, sit_down: SitDown, live_server: LiveServer
) -> None:
    line = line_of(office.project)
    page = sit_down("front-desk-1")
    for turn in range(3):
        post(live_server.url, line, event("ringing", f"c{turn}", caller="13800139999"))
        post(live_server.url, line, event("missed", f"c{turn}", caller="13800139999"))
    page.goto("/calls/missed/")
    row = page.locator("tr[data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("一小时内 3 次")
    assert "13800139999" not in page.content()
    row.get_by_role("button", name="显示").click()
    expect(row.get_by_role("link", name="13800139999")).to_have_attribute("href", "tel:13800139999")
    row.get_by_role("button", name="已回电").click()
    expect(page.get_by_text("没有要回的电话")).to_be_visible()
    assert not Call.objects.filter(settled_at=None).exists()
    assert Call.objects.filter(settled_at__gte=timezone.now() - timedelta(minutes=5)).count() == 3
