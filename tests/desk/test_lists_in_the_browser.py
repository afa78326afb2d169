"""Lists as people use them: filters by click, a view kept, one step for many by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.desk.models import ListColumns, SavedView
from shouwen.records import ledger

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


def kinds(complaint: Complaint) -> list[str]:
    return [entry.kind for entry in ledger.entries(SUBJECT, complaint.pk)]


def test_filter_save_the_view_and_take_a_step_on_all_of_it(
    office: Office, sit_down: SitDown
) -> None:
    major = [office.receive(severity="major", content=f"水管爆裂 {n}") for n in range(12)]
    other = office.receive(content="楼道灯不亮")
    page = sit_down("front-desk-1")
    page.goto("/complaints/")
    rows = page.locator("tr[data-row]")
    expect(rows).to_have_count(13)

    # Filters: by click, the menu stays open, the address follows; a chip goes by keyboard.
    page.locator("#filter-menu > summary").click()
    page.locator("#filter-severity > summary").click()
    page.locator("#filter-severity label", has_text="重大").click()
    page.wait_for_url("**/complaints/?severity=major")
    expect(rows).to_have_count(12)
    page.locator("#filter-severity label", has_text="一般").click()
    page.wait_for_url(re.compile("severity=routine"))
    expect(rows).to_have_count(13)
    page.locator("#filter-menu > summary").click()
    page.locator(".taken .chip", has_text="一般").press("Enter")
    page.wait_for_url("**/complaints/?severity=major")
    expect(rows).to_have_count(12)
    expect(page.locator(".taken .chip")).to_be_focused()
    page.locator(".taken", has_text="全部清除").get_by_text("全部清除").click()
    expect(rows).to_have_count(13)
    page.locator("#page .note").get_by_text("撤销").click()
    expect(rows).to_have_count(12)

    # The view is kept, and a click leads back to it.
    page.locator("#views-menu > summary").click()
    page.locator("#view-name").fill("重大的")
    page.locator("#views-menu form .btn.main").click()
    expect(page.locator("#page .note")).to_contain_text("已保存：重大的")
    assert SavedView.objects.get().query == "severity=major"
    page.locator(".tabs").get_by_text("全部").click()
    expect(rows).to_have_count(13)
    page.locator("#views-menu > summary").click()
    page.get_by_role("link", name="重大的").click()
    expect(rows).to_have_count(12)
    page.go_back()
    expect(rows).to_have_count(13)
    page.go_forward()
    expect(rows).to_have_count(12)

    # Columns are moved in place and kept.
    page.locator("#columns-menu > summary").click()
    page.locator("#up-number").press("Enter")
    page.locator("#columns-menu .btn.main").click()
    expect(page.locator("thead th").nth(1)).to_have_text("编号")
    assert ListColumns.objects.get().columns[0] == "number"

    # Rows are picked by key and by range, and one form serves them all, in chunks.
    expect(page.locator("[data-row].selected")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.locator("#bulk-count")).to_have_text("已选 1 件")
    page.locator("[data-pick]").last.click(modifiers=["Shift"])
    expect(page.locator("#bulk-count")).to_have_text("已选 12 件")
    expect(page.locator("#bulk-steps")).to_contain_text("派单")
    office.take("front-desk-2", "withdraw", major[3], reason="客户说不用了")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    page.keyboard.press("d")
    page.locator("#bulk-slot").get_by_text("工程部").first.click()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#bulk-slot")).to_contain_text("派单：办了 11 件，共选 12 件")
    refused = page.locator('.bulk-results [data-done="0"]')
    expect(refused).to_contain_text(major[3].number)
    assert [url.rpartition("/lists")[2] for url in sent] == ["/complaints/bulk/dispatch/"] * 2
    done = [each for each in major if each.pk != major[3].pk]
    assert [kinds(each).count("dispatched") for each in done] == [1] * 11
    assert "dispatched" not in [*kinds(major[3]), *kinds(other)]
    expect(page.locator("#found")).to_contain_text("处理中")
    expect(page.locator("[data-row].selected")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#bulk-bar")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
