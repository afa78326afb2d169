"""The desk as people use it: by keyboard, live, on a phone, in the dark.

Every page here also promises what the browser fixtures watch: no violation of the content
security policy, no script error, no request that leaves the machine.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone, translation
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import Office, sign_in

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.desk import words
from shouwen.records import ledger

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def press(page: Page, *keys: str) -> int:
    """Press keys one after the other; each key of a chord counts."""
    for key in keys:
        page.keyboard.press(key)
    return sum(len(key.split("+")) for key in keys)


def test_a_routine_row_is_cleared_in_three_keystrokes_and_the_next_is_selected(
    office: Office, sit_down: SitDown
) -> None:
    first, second = (office.dispatch(office.receive()) for _ in range(2))
    page = sit_down("engineering-1")
    expect(page.locator("[data-row].selected")).to_contain_text(first.number)
    pressed = press(page, "y")
    expect(page.locator(".slot form")).to_be_visible()
    pressed += press(page, "Control+Enter")
    expect(page.locator("#done")).to_contain_text(first.number)
    assert pressed <= 3
    assert "accepted" in kinds(first)
    expect(page.locator("[data-row].selected")).to_contain_text(second.number)


def test_j_and_k_move_enter_opens_escape_closes_and_keys_are_dead_in_fields(
    office: Office, sit_down: SitDown
) -> None:
    for _ in range(2):
        office.receive()
    page = sit_down("front-desk-1")
    rows, selected = page.locator("[data-row]"), page.locator("[data-row].selected")
    expect(selected).to_have_count(1)
    press(page, "j")
    assert selected.get_attribute("id") == rows.nth(1).get_attribute("id")
    press(page, "k")
    assert selected.get_attribute("id") == rows.nth(0).get_attribute("id")
    press(page, "Enter")
    words_field = page.locator(".slot textarea").first
    expect(words_field).to_be_visible()
    words_field.focus()
    page.keyboard.type("jkc/?")
    expect(words_field).to_have_value("jkc/?")
    assert selected.get_attribute("id") == rows.nth(0).get_attribute("id")
    press(page, "Escape")
    expect(page.locator(".slot form")).to_have_count(0)
    press(page, "/")
    expect(page.locator("#search")).to_be_focused()
    press(page, "Escape")
    press(page, "?")
    expect(page.locator("#keys")).to_be_visible()


def test_keys_are_dead_while_a_word_is_being_composed(office: Office, sit_down: SitDown) -> None:
    office.receive()
    page = sit_down("front-desk-1")
    page.evaluate(
        "document.body.dispatchEvent(new KeyboardEvent('keydown',"
        " {key: 'c', code: 'KeyC', keyCode: 229, isComposing: true, bubbles: true}))"
    )
    page.wait_for_timeout(300)
    assert page.url.endswith("/desk/")


def test_a_call_is_recorded_by_keyboard_in_twelve_keystrokes_beyond_the_words(
    office: Office, sit_down: SitDown
) -> None:
    page = sit_down("front-desk-1")
    pressed = press(page, "c")
    page.wait_for_url("**/intake/")
    expect(page.locator("[data-words]")).to_be_focused()
    page.keyboard.type("电梯停在七层与八层之间，有人被困。")
    pressed += press(page, "Alt+2", "Alt+r", "Alt+t")
    page.keyboard.type("13800001002")
    caller = page.locator("[data-fill-customer][aria-pressed=true]")
    expect(caller).to_be_visible()
    expect(page.locator("#consequences")).to_contain_text("知会相关部门")
    pressed += press(page, "Control+Enter")
    page.wait_for_url(re.compile("/complaints/JX-"))
    assert pressed <= 12
    complaint = Complaint.objects.get()
    assert complaint.severity == "emergency"
    assert complaint.category is not None
    assert complaint.category.code == "facility"
    assert complaint.home is not None
    assert complaint.subject == "电梯停在七层与八层之间，有人被困"


def test_enter_in_a_line_sends_nothing(office: Office, sit_down: SitDown) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("[data-words]").fill("楼道灯不亮")
    page.locator('[name="place"]').press("Enter")
    page.wait_for_timeout(300)
    assert page.url.endswith("/intake/")
    assert not Complaint.objects.exists()


def test_a_draft_survives_a_crash_and_goes_once_it_was_sent(
    office: Office, sit_down: SitDown
) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("[data-words]").fill("地下车库有积水")
    page.locator("label[for='c-facility']").click()
    expect(page.locator("[data-draft-saved]")).to_be_visible()
    page.goto("/intake/")
    expect(page.locator("[data-words]")).to_have_value("地下车库有积水")
    expect(page.locator("[data-draft-notice]")).to_be_visible()
    expect(page.locator("#c-facility")).to_be_checked()
    press(page, "Control+Enter")
    page.wait_for_url(re.compile("/complaints/JX-"))
    page.goto("/intake/")
    expect(page.locator("[data-words]")).to_have_value("")
    expect(page.locator("[data-draft-notice]")).to_be_hidden()


def test_a_second_matter_is_added_on_the_same_screen(office: Office, sit_down: SitDown) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("[data-words]").fill("楼道灯不亮")
    page.locator("[data-add-matter]").click()
    page.locator("#more-matters [data-words]").fill("东门道闸不抬杆")
    press(page, "Control+Enter")
    page.wait_for_url(re.compile("/complaints/JX-"))
    expect(page.locator("body")).to_contain_text("同一次来电的其他事项")
    assert Complaint.objects.count() == 2


def test_what_others_do_appears_without_reload_but_never_under_the_hands(
    office: Office, sit_down: SitDown
) -> None:
    complaint = office.receive()
    page = sit_down("front-desk-1")
    page.goto(f"/complaints/{complaint.number}/")
    office.take("centre-head", "note", complaint, text="已问过值班电工")
    expect(page.locator(".ledger")).to_contain_text("已问过值班电工", timeout=9000)

    press(page, "n")
    page.locator(".slot textarea").first.fill("正在写的话")
    office.take("centre-head", "note", complaint, text="灯管已到货")
    expect(page.locator("#changed")).to_be_visible(timeout=9000)
    expect(page.locator(".slot textarea").first).to_have_value("正在写的话")
    expect(page.locator(".ledger")).not_to_contain_text("灯管已到货")


def test_without_network_there_is_a_sentence_and_nothing_typed_is_lost(
    office: Office, browser: Browser, live_server: LiveServer
) -> None:
    complaint = office.receive()
    # A browser of its own: a lost connection is what the fixtures' watch counts as a fault.
    page = browser.new_context(base_url=live_server.url, locale="zh-CN").new_page()
    sign_in(page, "front-desk-1")
    page.goto(f"/complaints/{complaint.number}/")
    press(page, "n")
    page.locator(".slot textarea").first.fill("已到现场")
    page.context.route("**/steps/**", lambda route: route.abort())
    page.context.route("**/live/**", lambda route: route.fulfill(status=204))
    press(page, "Control+Enter")
    expect(page.locator("#offline")).to_contain_text("连不上服务器")
    expect(page.locator(".slot textarea").first).to_have_value("已到现场")
    page.context.unroute("**/steps/**")
    press(page, "Control+Enter")
    expect(page.locator("#done")).to_be_visible()
    assert kinds(complaint)[-1] == "noted"
    page.context.close()


LANGUAGES = ("zh-hans", "zh-hant", "en")


def speak(page: Page, language: str) -> None:
    """Choose a language in the menu."""
    page.locator("details.menu summary").click()
    with page.expect_navigation():
        page.locator(f'.menu button[name="language"][value="{language}"]').click()


def test_time_left_ticks_in_the_same_words_as_the_server_writes(
    office: Office, sit_down: SitDown
) -> None:
    page = sit_down("front-desk-1")
    for language in LANGUAGES:
        speak(page, language)
        assert _ticked(page) == _written(language)


SPANS = (
    -200_000, -7200, -3660, -90, -20, 0, 59, 599, 660, 3600, 4320, 172_799, 172_800, 360_000,
)  # fmt: skip


def _written(language: str) -> list[str]:
    now = timezone.now().replace(microsecond=0)
    # Half a second of grace, so that the second does not turn between writing and reading.
    with translation.override(language):
        return [words.time_left(now + timedelta(seconds=span + 0.5), now) for span in SPANS]


def _ticked(page: Page) -> list[str]:
    ticked: list[str] = page.evaluate(
        """spans => {
            const box = document.createElement('div');
            spans.forEach(span => {
                const time = document.createElement('time');
                time.dataset.due = new Date(Date.now() + (span + 0.5) * 1000).toISOString();
                box.append(time);
            });
            document.documentElement.dataset.now = '';
            document.body.append(box);
            document.dispatchEvent(new Event('htmx:afterSwap'));
            return [...box.children].map(time => time.textContent);
        }""",
        SPANS,
    )
    return ticked


def _addresses(office: Office) -> list[str]:
    complaint = office.dispatch(office.receive(severity="emergency", home=office.home()))
    one = f"/complaints/{complaint.number}/"
    return ["/desk/", "/intake/", "/complaints/", "/regulation/", one]


def test_every_page_can_be_read_and_operated_by_everybody(
    office: Office, sit_down: SitDown
) -> None:
    addresses = _addresses(office)
    page = sit_down("front-desk-1")
    for theme, address in itertools.product(("light", "dark"), addresses):
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        page.wait_for_timeout(400)
        found = Axe().run(page).response["violations"]
        serious = [
            (each["id"], each["nodes"][0]["html"][:160], each["nodes"][0].get("failureSummary"))
            for each in found
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], (theme, address)


def test_on_a_phone_every_page_is_one_column(office: Office, sit_down: SitDown) -> None:
    addresses = _addresses(office)
    page = sit_down("front-desk-1")
    page.set_viewport_size({"width": 390, "height": 844})
    for language in LANGUAGES:
        page.goto("/desk/")
        speak(page, language)
        for address in addresses:
            page.goto(address)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, (language, address)


def test_dark_and_light_are_chosen_and_kept(office: Office, sit_down: SitDown) -> None:
    page = sit_down("front-desk-1")
    root = page.locator("html")
    page.locator("details.menu summary").click()
    page.locator('[data-theme="dark"]').click()
    expect(root).to_have_attribute("data-bs-theme", "dark")
    page.goto("/complaints/")
    expect(root).to_have_attribute("data-bs-theme", "dark")
    expect(page.locator("body")).to_have_css("background-color", re.compile(r"rgb\(17, 22, 27\)"))


def test_the_record_fits_one_sheet(office: Office, sit_down: SitDown, browser: Browser) -> None:
    complaint = office.receive(
        content="楼道灯不亮，" * 60,
        wish="尽快修好",
        home=office.home(),
        name="3栋1单元802 业主",
        telephone="13800001002",
    )
    page = sit_down("front-desk-1")
    page.goto(f"/complaints/{complaint.number}/print/record/")
    sheet = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
