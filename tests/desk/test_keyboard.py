"""The whole way without a mouse; drafts that outlive a crash; what can be taken back."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error, Page, expect
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.records import ledger

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def serious(page: Page) -> list[tuple[str, str]]:
    """What keeps somebody from reading or operating the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], each["nodes"][0]["html"][:160])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


def test_a_call_is_taken_dispatched_found_and_noted_without_a_mouse(
    office: Office, sit_down: SitDown
) -> None:
    page = sit_down("front-desk-1")
    press(page, "c")
    page.wait_for_url("**/intake/")
    page.keyboard.type("3栋的电梯里困了一个老人")
    expect(page.locator("[data-accept]")).to_contain_text("采用")
    assert page.locator("#c-lift").is_checked() is False
    assert serious(page) == []
    press(page, "Alt+s")
    expect(page.locator("#c-lift")).to_be_checked()
    expect(page.locator("label.path")).to_contain_text("设施维护")
    press(page, "Alt+s")
    expect(page.locator("#c-lift")).not_to_be_checked()
    expect(page.locator("#s-routine")).to_be_checked()
    press(page, "Alt+s", "Control+Enter")
    page.wait_for_url(re.compile("/complaints/JX-"))
    complaint = Complaint.objects.get()
    assert complaint.category is not None
    assert (complaint.category.code, complaint.severity) == ("lift", "emergency")

    press(page, "d")
    expect(page.locator("#act form")).to_be_visible()
    page.locator("#act input[name=department]").first.focus()
    press(page, "Space", "Control+Enter")
    expect(page.locator("#done")).to_contain_text("派单")

    press(page, "?")
    expect(page.locator("#keys")).to_contain_text("写内部备注")
    expect(page.locator("#keys")).to_contain_text("早会")
    assert serious(page) == []
    for _ in range(4):
        press(page, "Tab")
        assert page.evaluate(
            "document.querySelector('#keys').contains(document.activeElement)"
        ) or (page.evaluate("document.activeElement === document.body"))
    press(page, "Escape", "g", "c")
    page.wait_for_url(re.compile("/complaints/$"))
    press(page, "/")
    page.keyboard.type("电梯里困了")
    press(page, "Enter")
    row = page.locator("[data-row]")
    expect(row).to_have_count(1)
    press(page, "Escape", "Enter")
    page.wait_for_url(re.compile("/complaints/JX-"))

    press(page, "n")
    expect(page.locator("#act textarea")).to_be_focused()
    page.keyboard.type("jk，给错楼栋打了电话")
    press(page, "Enter")
    page.keyboard.type("？")
    expect(page.locator("#act textarea")).to_have_value("jk，给错楼栋打了电话\n？")
    press(page, "Control+Enter")
    expect(page.locator("[data-undo]")).to_be_visible()
    expect(page.locator("#act form")).to_have_count(0)
    page.wait_for_function("document.activeElement !== document.body")
    press(page, "Control+z")
    expect(page.locator(".retracted summary")).to_contain_text("已撤回的备注")
    assert kinds(complaint)[-2:] == ["noted", "retracted"]


def test_what_is_written_in_a_step_outlives_a_crash_and_escape(
    office: Office, sit_down: SitDown
) -> None:
    complaint = office.receive()
    address = f"/complaints/{complaint.number}/"
    page = sit_down("front-desk-1")
    page.goto(address)
    press(page, "n")
    note = "#act textarea"
    page.locator(note).fill("说到一半")
    expect(page.locator("#act [data-draft-saved]")).to_be_visible()
    with pytest.raises(Error):
        page.goto("chrome://crash")

    page = page.context.new_page()
    page.goto(address)
    expect(page.locator(".has-draft")).to_contain_text("写内部备注")
    press(page, "n")
    expect(page.locator(note)).to_have_value("说到一半")
    page.locator("#act [data-draft-drop]").click()
    expect(page.locator(note)).to_have_value("")
    page.locator("#act [data-draft-back]").click()
    expect(page.locator(note)).to_have_value("说到一半")
    page.locator(note).press_sequentially("，又想起来")
    press(page, "Escape")
    expect(page.locator("#act form")).to_have_count(0)
    expect(page.locator("#done")).to_contain_text("已存为草稿")
    assert page.evaluate("document.activeElement.textContent").startswith("写内部备注")
    press(page, "n")
    expect(page.locator(note)).to_have_value("说到一半，又想起来")
    press(page, "Control+Enter")
    expect(page.locator("#done")).to_contain_text("已记下")
    press(page, "n")
    expect(page.locator(note)).to_have_value("")


def test_every_matter_of_a_call_outlives_a_crash_but_a_confidential_name_does_not(
    office: Office, sit_down: SitDown
) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("[data-words]").fill("楼道灯不亮")
    page.locator('[name="name"]').fill("某女士")
    page.locator("[data-add-matter]").click()
    second = page.locator("#more-matters [data-words]")
    second.fill("东门道闸不抬杆")
    expect(page.locator("#more-matters [data-accept]")).to_be_visible()
    second.focus()
    press(page, "Alt+s")
    expect(page.locator("#m2c-gate")).to_be_checked()
    expect(page.locator("[data-draft-saved]")).to_be_visible()
    kept = "JSON.stringify({...localStorage})"
    assert "某女士" in page.evaluate(kept)
    page.wait_for_load_state("networkidle")
    page.goto("/desk/")
    page.goto("/intake/")
    expect(page.locator("#more-matters [data-words]")).to_have_value("东门道闸不抬杆")
    expect(page.locator("#m2c-gate")).to_be_checked()
    expect(page.locator("[data-words]").first).to_have_value("楼道灯不亮")
    page.locator("details.more > summary").first.click()
    page.locator('[name="confidential"]').check()
    page.wait_for_load_state("networkidle")
    assert "某女士" not in page.evaluate(kept)
    assert "东门道闸" in page.evaluate(kept)
