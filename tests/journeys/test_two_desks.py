"""Two desks at once: nobody overwrites anybody, and everybody sees what is new."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.journeys.conftest import Book, Desk, fill


def test_two_clerks_one_is_told_what_changed(desk: Desk, another_desk: Desk) -> None:
    book = Book(desk.office.receive().number)
    desk.number = another_desk.number = book.number

    desk.sit_down("front-desk-1")
    form = desk.begin("派单", desk.row())
    fill(form, {"主办部门": "工程部", "处理要求": "请带高梯，六米灯杆"})
    another_desk.take_from_page("front-desk-2", "核实评估", {"核实情况": "灯具进水，整条线路跳闸"})

    # Sent off on an older state: what was done meanwhile is shown, what was typed is kept.
    form.get_by_role("button", name="派单").click()
    told = form.get_by_role("alert")
    expect(told).to_contain_text("核实评估")
    expect(told).to_contain_text("前台二号岗")
    expect(told).to_contain_text("灯具进水，整条线路跳闸")
    expect(form.get_by_label("处理要求")).to_have_value("请带高梯，六米灯杆")
    expect(form.get_by_role("radio", name="工程部")).to_be_checked()
    assert "dispatched" not in book.kinds()

    # Read, and sent off again: once in the book.
    desk.finish("派单", form)
    assert book.kinds() == ["received", "relayed", "assessed", "dispatched"]


def test_the_desk_follows_without_reload(desk: Desk, another_desk: Desk) -> None:
    desk.sit_down("front-desk-1")
    expect(desk.page.get_by_text("现在没有等您办理的事")).to_be_visible()
    desk.page.evaluate("window.notReloaded = true")

    another_desk.sit_down("front-desk-2")
    number = another_desk.record(
        "电梯里有烟味，按了呼叫没人应。",
        ("设施维护", "电梯"),
        {"紧急程度": "紧急抢险"},
        effect="知会相关部门",
    )
    desk.number = number
    expect(desk.row("知会")).to_be_visible(timeout=10_000)

    # The colleague acts; the row goes from this desk as well.
    another_desk.take_at_once("front-desk-2", "知会", {"知会部门": ("工程部",)})
    expect(desk.row("知会")).to_have_count(0, timeout=10_000)
    assert desk.page.evaluate("window.notReloaded") is True
