"""The portal in a browser, on a phone's screen: an old one, a slow one, one without a connection."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, expect
from pytest_django.live_server_helper import LiveServer
from tests.records.files import image

from shouwen.complaints import incidents
from shouwen.complaints.models import Complaint
from shouwen.organization import places
from shouwen.organization.models import Place, Staff
from shouwen.records.models import Attachment

pytestmark = pytest.mark.django_db(transaction=True)
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "locale": "zh-CN",
}
Open = Callable[..., BrowserContext]


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Open]:
    """Opens browsers of a phone; without a service worker unless asked for one."""
    opened: list[BrowserContext] = []

    def context(**options: Any) -> BrowserContext:
        kept = {"service_workers": "block", "base_url": live_server.url} | PHONE | options
        opened.append(browser.new_context(**kept))
        return opened[-1]

    yield context
    for each in opened:
        each.close()


def write(page: Page, words: str, telephone: str = "13800009001") -> None:
    page.get_by_label("发生了什么").fill(words)
    page.get_by_label("您的电话").fill(telephone)


def test_from_a_lifts_code_to_the_receipt(lift: Place, phone: Open) -> None:
    page = phone().new_page()
    page.goto(f"/p/{lift.token}/")
    expect(page.get_by_label("在哪里")).to_have_value("电梯 3栋1单元")
    write(page, "轿厢里的灯一直闪")
    page.locator("#album").set_input_files(
        [{"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": image("JPEG")}] * 2
    )
    expect(page.locator("[data-previews] li")).to_have_count(2)
    page.locator("[data-previews] button").first.click()
    expect(page.locator("[data-previews] li")).to_have_count(1)
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible()
    complaint = Complaint.objects.get()
    expect(page.locator("main")).to_contain_text(complaint.number)
    expect(page.locator("main")).to_contain_text(re.compile("[天日] ..:.. 前"))
    assert page.get_by_role("link", name="查看进展").get_attribute("href") is not None
    assert Attachment.objects.filter(subject_id=complaint.pk).count() == 1
    # The draft is gone: the next report begins empty.
    page.goto(f"/p/{lift.token}/")
    expect(page.get_by_label("发生了什么")).to_have_value("")


def test_what_is_written_survives_a_reload(lift: Place, phone: Open) -> None:
    page = phone().new_page()
    page.goto(f"/p/{lift.token}/")
    write(page, "轿厢里的灯一直闪")
    page.reload()
    expect(page.get_by_label("发生了什么")).to_have_value("轿厢里的灯一直闪")


def test_danger_is_said_while_typing_and_after_sending_beside_the_number(
    lift: Place, phone: Open
) -> None:
    page = phone().new_page()
    page.goto(f"/p/{lift.token}/")
    page.get_by_label("发生了什么").fill("电梯卡在七楼，里面困着人")
    expect(page.locator("[data-danger]")).to_contain_text("先打电话")
    expect(page.locator("[data-danger] a[href^='tel:']")).to_be_visible()
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已按紧急情况受理")).to_be_visible()
    expect(page.locator("main a[href^='tel:']")).to_be_visible()
    assert Complaint.objects.get().severity == "emergency"


def test_the_choice_shows_the_number_without_any_script(lift: Place, phone: Open) -> None:
    page = phone(java_script_enabled=False).new_page()
    page.goto(f"/p/{lift.token}/")
    number = page.locator(".danger-words a[href^='tel:']")
    expect(number).to_be_hidden()
    page.locator("label[for=danger]").click()
    expect(number).to_be_visible()
    page.get_by_label("发生了什么").fill("快来")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已按紧急情况受理")).to_be_visible()
    assert Complaint.objects.get().severity == "emergency"


def test_without_javascript_and_with_photographs(lift: Place, phone: Open) -> None:
    page = phone(java_script_enabled=False).new_page()
    page.goto(f"/p/{lift.token}/")
    write(page, "轿厢里的灯一直闪", telephone="")
    page.locator("#album").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": image("JPEG")}
    )
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#telephone-wrong")).to_contain_text("请留下称呼或电话")
    expect(page.get_by_label("发生了什么")).to_have_value("轿厢里的灯一直闪")
    page.get_by_label("怎么称呼您").fill("住户")
    page.locator("#album").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": image("JPEG")}
    )
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible()
    assert Attachment.objects.filter(subject_id=Complaint.objects.get().pk).count() == 1


def test_what_the_server_wants_mended_is_said_at_its_field_and_nothing_is_lost(
    lift: Place, phone: Open
) -> None:
    page = phone().new_page()
    page.goto(f"/p/{lift.token}/")
    write(page, "轿厢里的灯一直闪", telephone="")
    page.locator("#album").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": image("JPEG")}
    )
    expect(page.locator("[data-previews] li")).to_have_count(1)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("#telephone-wrong")).to_contain_text("请留下称呼或电话")
    expect(page.locator("[data-previews] li")).to_have_count(1)
    page.get_by_label("您的电话").fill("13800009001")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible()
    assert Attachment.objects.count() == 1


def test_sent_without_a_connection_and_the_reply_lost_it_arrives_once(
    lift: Place, phone: Open
) -> None:
    context = phone()
    page = context.new_page()
    page.goto(f"/p/{lift.token}/")
    write(page, "单元门关不上")
    page.locator("#album").set_input_files(
        {"name": "门.jpg", "mimeType": "image/jpeg", "buffer": image("JPEG")}
    )
    expect(page.locator("[data-previews] li")).to_have_count(1)
    attempts = []

    def lose(route: Route) -> None:
        if route.request.method != "POST" or "/look/" in route.request.url:
            return route.continue_()
        attempts.append(route.request.url)
        if len(attempts) == 1:
            return route.abort("internetdisconnected")
        if len(attempts) == 2:
            route.fetch(max_redirects=0)  # it arrives, and the reply is lost
            return route.abort("connectionreset")
        return route.continue_()

    context.route("**/p/**", lose)
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-kept]")).to_be_visible()
    assert not Complaint.objects.exists()
    # Put away and opened again, it waits still, and goes by itself: the reply to that is lost.
    page.goto("about:blank")
    page.goto(f"/p/{lift.token}/")
    expect(page.locator("[data-kept]")).to_be_visible()
    while not Complaint.objects.exists():
        page.wait_for_timeout(50)
    page.wait_for_timeout(300)
    expect(page.locator("[data-kept]")).to_be_visible()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible()
    assert len(attempts) == 3
    complaint = Complaint.objects.get()
    expect(page.locator("main")).to_contain_text(complaint.number)
    assert Attachment.objects.filter(entry__isnull=False).count() == 1
    page.goto(f"/p/{lift.token}/")
    expect(page.locator("[data-kept]")).to_be_hidden()
    expect(page.get_by_label("发生了什么")).to_have_value("")


def test_installed_it_opens_without_a_connection(lift: Place, phone: Open) -> None:
    context = phone(service_workers="allow")
    page = context.new_page()
    page.goto(f"/p/{lift.token}/")
    manifest = page.request.get(page.locator("link[rel=manifest]").get_attribute("href") or "")
    assert manifest.json()["start_url"] == f"/p/{lift.token}/"
    assert manifest.json()["scope"] == "/p/"
    page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "caches.open('shouwen-portal-1').then(c => c.keys()).then(k => k.length >= 4)"
    )
    context.set_offline(True)
    page.reload()
    write(page, "单元门关不上")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-kept]")).to_be_visible()
    context.set_offline(False)
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible(timeout=30_000)
    assert Complaint.objects.count() == 1


def test_an_incident_nearby_is_offered_and_joined(lift: Place, phone: Open) -> None:
    head = Staff.objects.get(username="centre-head")
    incident = incidents.begin(
        lift.project, person=head, title="3栋1单元电梯停运", place="3栋1单元电梯"
    )
    page = phone().new_page()
    page.goto(f"/p/{lift.token}/")
    write(page, "电梯停运了，按了没反应")
    expect(page.locator("[data-looked]")).to_contain_text("是这件事吗")
    page.locator("[data-looked] label", has_text=incident.title).click()
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已受理您反映的问题")).to_be_visible()
    complaint = Complaint.objects.get()
    assert complaint.incident_id == incident.pk
    assert complaint.content == "电梯停运了，按了没反应"


def test_on_a_kiosk_nothing_stays_and_nothing_leads_away(lift: Place, phone: Open) -> None:
    page = phone(viewport={"width": 1080, "height": 1400}, is_mobile=False).new_page()
    page.goto(f"/p/{lift.token}/kiosk/")
    write(page, "轿厢里的灯一直闪")
    assert page.evaluate("Object.keys(localStorage).length") == 0
    page.context.route("**/kiosk/", lambda route: route.abort())
    page.get_by_role("button", name="发送").click()
    expect(page.locator("[data-kept]")).to_contain_text("没有发出")
    page.context.unroute("**/kiosk/")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("svg.qr")).to_be_visible()
    page.get_by_role("link", name="完成").click()
    expect(page.get_by_label("发生了什么")).to_have_value("")
    # Nobody there for a while: it begins anew, and says so before.
    page.clock.install()
    page.goto(f"/p/{lift.token}/kiosk/")
    page.get_by_label("发生了什么").fill("写到一半")
    page.clock.run_for(75_000)
    expect(page.get_by_role("alertdialog")).to_be_visible()
    page.clock.run_for(20_000)
    expect(page.get_by_label("发生了什么")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_it_breaks_a_rule_of_accessibility(
    lift: Place, phone: Open, scheme: str
) -> None:
    context = phone(color_scheme=scheme)
    page = context.new_page()
    found = []

    def check() -> None:
        found.extend(Axe().run(page).response["violations"])

    page.goto(f"/p/{lift.token}/")
    page.locator("label[for=danger]").click()
    check()
    page.locator("label[for=danger]").click()
    page.get_by_label("发生了什么").fill("电梯卡在七楼，里面困着人")
    expect(page.locator("[data-danger]")).to_be_visible()
    check()
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("heading", name="已按紧急情况受理")).to_be_visible()
    check()
    page.goto(f"/p/{lift.token}/kiosk/")
    check()
    write(page, "灯不亮")
    page.get_by_role("button", name="发送").click()
    expect(page.locator("svg.qr")).to_be_visible()
    check()
    places.take_out_of_use(lift)
    page.goto(f"/p/{lift.token}/")
    check()
    assert found == []


def test_it_is_light_and_the_form_needs_nothing_after_what_the_page_names(
    lift: Place, phone: Open
) -> None:
    page = phone().new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"/p/{lift.token}/", wait_until="networkidle")
    html = answers[0].text()
    weight = sum(len(gzip.compress(each.body())) for each in answers)
    assert weight < 150_000
    # Whatever the form is made of stands in the page itself: one round trip after it, no other.
    for each in answers[1:]:
        path = each.url.split("/", 3)[3]
        assert f"/{path}" in html, path
        assert each.request.redirected_from is None
    assert not re.search(
        r"@import|url\(", "".join(each.text() for each in answers if each.url.endswith(".css"))
    )
