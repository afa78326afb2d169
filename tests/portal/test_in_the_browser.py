"""The tracking page and the card on a telephone: light, dark, without script, without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from pytest_django.live_server_helper import LiveServer
from tests.browser import Watch
from tests.desk.conftest import Office, sign_in
from tests.portal.test_card import opened
from tests.portal.test_tracking import closed, done, kinds, link_of, picture

from shouwen.complaints.models import Complaint
from shouwen.records.models import Attachment

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


@pytest.fixture
def phone(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A telephone; a fault on its pages fails the test."""
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=PHONE)
    watch = Watch(context, live_server.url)
    yield context.new_page()
    context.close()
    # Chromium says so itself when there is no network, which some tests bring about.
    assert [each for each in watch.faults if "net::ERR_" not in each] == []


@pytest.fixture
def plain(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A telephone whose browser runs no script."""
    context = browser.new_context(
        base_url=live_server.url, viewport=PHONE, java_script_enabled=False
    )
    yield context
    context.close()


def fits(page: Page) -> bool:
    wide: bool = page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    return wide


def test_a_photograph_is_added_on_the_telephone_without_script(
    office: Office, plain: BrowserContext
) -> None:
    complaint = office.receive()
    page = plain.new_page()
    page.goto(link_of(complaint))
    page.get_by_role("link", name="补充情况或照片").click()
    page.get_by_label("要补充什么").fill("三楼也不亮。")
    made = picture()
    page.locator("input[type=file]").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": made.read()}
    )
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_role("status")).to_contain_text("已收到您补充的情况")
    expect(page.get_by_text("三楼也不亮。")).to_be_visible()
    expect(page.get_by_alt_text("照片 1")).to_be_visible()
    assert Attachment.objects.filter(subject_id=complaint.pk).count() == 1


def test_a_closed_matter_is_reopened_on_the_telephone(office: Office, phone: Page) -> None:
    complaint = closed(office)
    phone.goto(link_of(complaint))
    phone.get_by_role("link", name="问题又出现了，重新处理").click()
    phone.get_by_label("现在是什么情况").fill("又不亮了。")
    phone.get_by_role("button", name="重新处理").click()
    expect(phone.locator(".headline")).to_contain_text("已重新受理")
    assert Complaint.objects.get(pk=complaint.pk).round == 2


def test_the_link_is_stopped_after_being_asked_twice(office: Office, phone: Page) -> None:
    complaint = office.receive()
    link = link_of(complaint)
    phone.goto(link)
    phone.get_by_role("link", name="停用此链接").click()
    phone.get_by_role("button", name="确定停用").click()
    expect(phone.get_by_role("heading", name="链接已停用")).to_be_visible()
    phone.goto(link)
    expect(phone.get_by_role("heading", name="这个链接不能用了")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_barrier_or_is_wider_than_the_telephone(
    office: Office, phone: Page, scheme: str
) -> None:
    phone.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    open_one, finished, over = office.receive(), done(office), closed(office)
    office.take("front-desk-1", "ask_customer", open_one, question="是几楼的灯？")
    office.take("front-desk-1", "inform_customer", finished, told="已修好，请看看。")
    grave = office.receive(severity="emergency", content="水管爆裂，水往电梯井流。" * 8)
    card = opened(office.person("steward-1"))
    stopped = link_of(office.receive())
    links = [link_of(each) for each in (open_one, finished, over, grave)]
    pages = [
        *links,
        *(f"{links[0]}{name}/" for name in ("add", "answer", "urge", "withdraw", "stop")),
        *(f"{links[1]}{name}/" for name in ("confirm", "dispute")),
        *(f"{links[2]}{name}/" for name in ("rate", "reopen")),
        *(card, "/card/", f"{card[:-3]}xx/", f"{stopped[:-3]}xx/"),
    ]
    for address in pages:
        phone.goto(address)
        results = Axe().run(phone)
        assert results.violations_count == 0, (address, results.generate_report())
        assert fits(phone), address


def test_what_is_heard_without_a_network_is_sent_once_when_it_returns(
    office: Office, phone: Page
) -> None:
    card = opened(office.person("steward-1"))
    phone.goto(card)
    phone.context.set_offline(True)
    phone.get_by_label("客户说了什么").fill("大堂门禁坏了。")
    phone.get_by_role("button", name="记下来").click()
    expect(phone.locator("#kept-here")).to_contain_text("先存在手机上")
    assert not Complaint.objects.exists()
    phone.context.set_offline(False)
    expect(phone.locator("section.after li")).to_contain_text("大堂门禁坏了")
    assert Complaint.objects.count() == 1


def test_a_record_whose_reply_is_lost_arrives_once(office: Office, phone: Page) -> None:
    card = opened(office.person("steward-1"))
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)  # it arrived; nobody hears so
            route.abort("connectionreset")
        else:
            route.continue_()

    phone.goto(card)
    phone.route(f"**{card}", lose)
    phone.get_by_label("客户说了什么").fill("大堂门禁坏了。")
    phone.get_by_role("button", name="记下来").click()
    expect(phone.locator("#kept-here")).to_contain_text("先存在手机上")
    phone.evaluate("window.dispatchEvent(new Event('online'))")
    expect(phone.locator("section.after li")).to_contain_text("大堂门禁坏了")
    assert lost == [200] and Complaint.objects.count() == 1


def test_the_form_opens_without_a_network_and_holds_no_list(office: Office, phone: Page) -> None:
    steward = office.person("steward-1")
    office.receive("steward-1", subject="听到过的事")
    card = opened(steward)
    phone.goto(card)
    expect(phone.get_by_text("听到过的事")).to_be_visible()
    phone.evaluate("navigator.serviceWorker.ready.then(() => true)")
    phone.wait_for_function("caches.match(location.pathname + '?shell=1').then(Boolean)")
    phone.context.set_offline(True)
    phone.reload()
    expect(phone.get_by_label("客户说了什么")).to_be_visible()
    expect(phone.get_by_text("听到过的事")).to_have_count(0)
    phone.context.set_offline(False)


def test_a_card_works_without_script(office: Office, plain: BrowserContext) -> None:
    page = plain.new_page()
    page.goto(opened(office.person("steward-1")))
    page.get_by_label("客户说了什么").fill("大堂门禁坏了。")
    page.get_by_label("在哪里").fill("一栋大堂")
    page.get_by_role("button", name="记下来").click()
    expect(page.get_by_role("status").first).to_contain_text("已记下")
    page.get_by_role("button", name="已告诉前台").click()
    expect(page.get_by_text("客服中心正在核实")).to_be_visible()
    assert kinds(Complaint.objects.get())[-1] == "relayed"


def test_the_desk_shows_the_link_stops_it_and_makes_another(office: Office, page: Page) -> None:
    complaint = office.receive()
    sign_in(page, "front-desk-1")
    page.goto(f"/complaints/{complaint.number}/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="显示链接和二维码").click()
    first = page.locator("#tracking-address").input_value()
    assert link_of(complaint) in first
    expect(page.locator(".tracking-qr svg")).to_be_visible()
    page.locator("#link").get_by_role("button", name="停用").click()
    expect(page.locator("#link")).to_contain_text("链接已停用")
    page.locator("#link").get_by_role("button", name="新建链接").click()
    expect(page.locator("#tracking-address")).not_to_have_value(first)
