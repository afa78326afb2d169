"""What is no complaint, on the pages: recorded, answered, handed on, and a complaint by one key."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from tests.desk.conftest import Office

from shouwen.clocks import reading
from shouwen.complaints.contacts import door, listing
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import Complaint
from shouwen.records import ledger
from shouwen.records.models import Attachment

At = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    settings.SHOUWEN_HOME = tmp_path


def record(office: Office, username: str = "front-desk-1", **data: Any) -> Contact:
    given = {"nature": "repair", "content": "厨房水龙头滴水。"} | data
    person = office.person(username)
    return door.receive(person=person, project=office.project, data=given).contact


def picture(drawn: bool = True) -> bytes:
    made = Image.new("RGB", (60, 20), "white")
    if drawn:
        ImageDraw.Draw(made).line((5, 15, 50, 5), fill="black", width=2)
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue()


# -- intake


def test_intake_asks_the_nature_and_a_complaint_stays_the_default(
    office: Office, at_desk: At
) -> None:
    page = at_desk("front-desk-1").get("/intake/").content.decode()
    assert re.search(r'value="complaint"[^>]* checked', page)
    for nature, key in (("repair", "z"), ("enquiry", "x"), ("praise", "b"), ("suggestion", "y")):
        assert f'value="{nature}" id="nature-{nature}" data-key="{key}"' in page


def test_a_repair_is_recorded_and_handed_on(office: Office, at_desk: At) -> None:
    client = at_desk("front-desk-1")
    told = {
        "nature": "repair", "content": "厨房水龙头滴水，请来修。", "place": "3栋1单元",
        "name": "周女士", "telephone": "13800001001", "home_text": "3-1-802",
        "to": "department:jx-engineering", "key": "k1",
    }  # fmt: skip
    answer = client.post("/intake/", told)
    contact = Contact.objects.get()
    assert answer["Location"] == f"/contacts/{contact.number}/?received=1"
    assert (contact.nature, contact.department) == ("repair", "jx-engineering")
    assert contact.home_id == office.home() and contact.name == "周女士"
    assert not Complaint.objects.exists()
    page = client.get(answer["Location"]).content.decode()
    assert "厨房水龙头滴水" in page and "138****1001" in page and "13800001001" not in page
    assert "内规" in page
    # Sent twice by a slow network it is one.
    client.post("/intake/", told)
    assert Contact.objects.count() == 1


def test_an_enquiry_answered_at_once_is_settled(office: Office, at_desk: At) -> None:
    told = {"nature": "enquiry", "content": "月卡怎么办？", "answer": "到前台办理。"}
    at_desk("front-desk-1").post("/intake/", told)
    assert Contact.objects.get().status == "settled"


def test_what_is_wrong_with_it_is_said_and_nothing_is_lost(office: Office, at_desk: At) -> None:
    told = {
        "nature": "repair", "content": "灯坏了", "answer": "好的", "to": "department:jx-engineering",
    }  # fmt: skip
    answer = at_desk("front-desk-1").post("/intake/", told)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "灯坏了" in page and "已当场答复就不用再交办" in page
    assert re.search(r'value="repair"[^>]* checked', page)
    assert not Contact.objects.exists()


def test_a_number_in_the_words_is_named_before_it_is_kept(office: Office, at_desk: At) -> None:
    told = {"nature": "enquiry", "content": "请打 13800001234 找我爱人", "answer": "好"}
    answer = at_desk("front-desk-1").post("/intake/", told)
    assert answer.status_code == 422 and not Contact.objects.exists()
    assert "138****1234" in answer.content.decode()


def test_consequences_say_which_house_clocks_start(office: Office, at_desk: At) -> None:
    client = at_desk("front-desk-1")
    told = {"nature": "repair", "content": "灯坏了", "to": "department:jx-engineering"}
    page = client.post("/intake/preview/", told).content.decode()
    assert "答复联系事项" in page and "内规" in page and "核实、派单" not in page
    page = client.post("/intake/preview/", told | {"to": "", "answer": "好"}).content.decode()
    assert "不开始任何时限" in page


# -- the list, the page, the steps


def test_the_list_shows_whose_each_is_and_narrows_by_chips(office: Office, at_desk: At) -> None:
    record(office, to="department:jx-engineering")
    praised = office.person("steward-1").pk
    record(office, nature="praise", content="保安帮我提东西。", praised=praised)
    client = at_desk("front-desk-1")
    page = client.get("/contacts/").content.decode()
    assert "工程部" in page and "保安帮我提东西" in page and "共 2 件" in page
    page = client.get("/contacts/?nature=praise").content.decode()
    assert "保安帮我提东西" in page and "厨房水龙头" not in page
    assert 'class="chip" href="/contacts/"' in page
    page = client.get("/contacts/?is=open").content.decode()
    assert "厨房水龙头" in page and "保安帮我" not in page
    assert "没有找到" in client.get("/contacts/?nature=nonsense").content.decode()


def test_the_list_is_paged_by_marks(office: Office) -> None:
    for number in range(5):
        record(office, content=f"第{number}件")
    person = office.person("front-desk-1")
    first = listing.find(person, listing.Asked(), limit=2)
    second = listing.find(person, listing.Asked(), limit=2, after=first.after)
    third = listing.find(person, listing.Asked(), limit=2, after=second.after)
    seen = [each.content for found in (first, second, third) for each in found.rows]
    assert seen == ["第4件", "第3件", "第2件", "第1件", "第0件"] and not third.after
    back = listing.find(person, listing.Asked(), limit=2, before=second.before)
    assert back.rows == first.rows and not back.before
    due = listing.find(person, listing.Asked(sort="due"), limit=10)
    assert [each.content for each in due.rows] == seen[::-1]


def test_it_lies_on_the_desk_of_whom_it_was_handed_to(office: Office, at_desk: At) -> None:
    contact = record(office, to="department:jx-engineering")
    page = at_desk("engineering-head").get("/desk/").content.decode()
    assert "答复联系事项" in page and f"/contacts/{contact.number}/steps/answer/" in page
    # The front desk, which only sees to the whole, is not bothered with it yet.
    assert contact.number not in at_desk("front-desk-1").get("/desk/").content.decode()


def test_a_complaint_and_a_contact_of_one_id_are_not_taken_for_each_other(
    office: Office, at_desk: At
) -> None:
    contact = record(office, to="department:jx-engineering")
    complaint = office.receive(content="别人的投诉")
    # Their ids are counted apart, so that both may have the same.
    Contact.objects.filter(pk=contact.pk).update(content="灯不亮")
    client = at_desk("engineering-1")
    page = client.get("/desk/").content.decode()
    assert "灯不亮" in page and "别人的投诉" not in page and complaint.number not in page


def test_answered_on_the_desk(office: Office, at_desk: At) -> None:
    contact = record(office, to="department:jx-engineering")
    client = at_desk("engineering-head")
    form = client.get(f"/contacts/{contact.number}/steps/answer/", headers={"HX-Request": "true"})
    assert "答复内容" in form.content.decode()
    address = f"/contacts/{contact.number}/steps/answer/"
    seen = {"version": contact.version, "key": "a"}
    effects = client.post(address + "preview/", seen).content.decode()
    assert "停止计时" in effects
    refused = client.post(address, seen, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    done = client.post(address, seen | {"told": "已修好。"}, headers={"HX-Request": "true"})
    assert done.status_code == 204 and "desk:done" in done["HX-Trigger"]
    contact.refresh_from_db()
    assert contact.status == "settled" and contact.answer == "已修好。"


def test_who_wrote_meanwhile_is_shown_before_it_is_sent_again(office: Office, at_desk: At) -> None:
    contact = record(office, to="department:jx-engineering")
    door.take(
        "hand-on",
        person=office.person("front-desk-1"),
        contact=contact,
        data={"to": "position:site_manager"},
    )
    told = {"version": contact.version, "told": "已修好。"}
    answer = at_desk("front-desk-1").post(f"/contacts/{contact.number}/steps/answer/", told)
    assert answer.status_code == 409 and "有了新进展" in answer.content.decode()


def test_it_becomes_a_complaint_and_both_pages_lead_to_each_other(
    office: Office, at_desk: At
) -> None:
    contact = record(office, name="周女士", telephone="13800001001", home=office.home())
    client = at_desk("front-desk-1")
    address = f"/contacts/{contact.number}/steps/become-complaint/"
    answer = client.post(address, {"key": "x"})
    complaint = Complaint.objects.get()
    assert answer["Location"] == f"/complaints/{complaint.number}/"
    page = client.get(answer["Location"]).content.decode()
    assert f"/contacts/{contact.number}/" in page and "由联系单转来" in page
    page = client.get(f"/contacts/{contact.number}/").content.decode()
    assert f"/complaints/{complaint.number}/" in page and "已转投诉" in page
    # Pressed twice it leads to the same.
    assert client.post(address, {"key": "y"})["Location"] == answer["Location"]
    assert Complaint.objects.count() == 1
    assert reading.of_subject("complaint", complaint.pk).filter(rule="R2.dispatch").exists()


def test_its_files_go_along(office: Office, at_desk: At) -> None:
    client = at_desk("front-desk-1")
    upload = io.BytesIO(picture())
    upload.name = "水龙头.png"
    client.post("/intake/", {"nature": "repair", "content": "滴水", "files": [upload]})
    contact = Contact.objects.get()
    file = Attachment.objects.get()
    assert client.get(f"/attachments/{file.pk}/").status_code == 200
    assert at_desk("yh-front-desk-1").get(f"/attachments/{file.pk}/").status_code == 404
    client.post(f"/contacts/{contact.number}/steps/become-complaint/")
    complaint = Complaint.objects.get()
    kept = Attachment.objects.get(subject_type="complaint", subject_id=complaint.pk)
    assert (kept.name, kept.entry is not None) == ("水龙头.png", True)


def test_a_clock_of_a_contact_is_explained(office: Office, at_desk: At) -> None:
    contact = record(office, to="department:jx-engineering")
    row = reading.of_subject("contact", contact.pk).get(rule="H.first_reply")
    page = at_desk("front-desk-1").get(f"/contacts/{contact.number}/clocks/{row.pk}/")
    assert page.status_code == 200 and "怎样计算" in page.content.decode()


def test_the_number_leads_to_it_and_a_stranger_finds_nothing(office: Office, at_desk: At) -> None:
    contact = record(office)
    client = at_desk("front-desk-1")
    found = client.post("/complaints/search/", {"q": contact.number.lower()})
    assert found["Location"] == f"/contacts/{contact.number}/"
    other = at_desk("yh-front-desk-1")
    assert other.get(f"/contacts/{contact.number}/").status_code == 404
    telephone = client.post(f"/contacts/{contact.number}/telephone/")
    assert telephone.status_code == 200


def test_the_page_stays_live(office: Office, at_desk: At) -> None:
    contact = record(office)
    client = at_desk("front-desk-1")
    same = client.get(f"/live/?of={contact.number}&token={contact.version}")
    assert same.status_code == 204 and "HX-Trigger" not in same
    assert "HX-Trigger" in client.get(f"/live/?of={contact.number}&token=0")


# -- a pasted chat


def test_the_speakers_of_a_pasted_chat_are_offered(office: Office, at_desk: At) -> None:
    at = timezone.localtime() - timedelta(hours=2)
    text = f"3-1-802 周 {at:%Y/%m/%d %H:%M}\n电梯又停了\n[图片]\n物业小李 {at:%H:%M}\n马上看"
    page = at_desk("front-desk-1").post("/intake/pasted/", {"pasted": text}).content.decode()
    assert 'data-name="3-1-802 周"' in page and 'data-name="物业小李"' in page
    assert f'data-occurred="{at:%Y-%m-%dT%H:%M}"' in page


# -- signed at the counter


def signed(content: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(content).decode()


def test_a_signature_is_kept_and_printed(office: Office, at_desk: At) -> None:
    client = at_desk("front-desk-1")
    told = {
        "nature": "complaint", "content": "楼道灯不亮", "category": "power",
        "channel": "front_desk", "signature": signed(picture()),
    }  # fmt: skip
    answer = client.post("/intake/?at=counter", told)
    complaint = Complaint.objects.get()
    assert answer["Location"] == f"/complaints/{complaint.number}/?received=counter"
    file = Attachment.objects.get()
    attached = next(e for e in ledger.entries("complaint", complaint.pk) if e.kind == "attached")
    assert attached.facts["purpose"] == "signature" and file.entry_id == attached.pk
    page = client.get(answer["Location"]).content.decode()
    assert "打印登记表" in page and "接待下一位" in page
    page = client.get(f"/complaints/{complaint.number}/print/record/").content.decode()
    assert f'src="/attachments/{file.pk}/"' in page
    # Of a confidential source not even the hand is on paper.
    Complaint.objects.update(confidential=True)
    page = client.get(f"/complaints/{complaint.number}/print/record/").content.decode()
    assert str(file.pk) not in page


@pytest.mark.parametrize("wrong", ["data:image/png;base64,***", "https://x.cn/a.png"])
def test_what_is_no_signature_is_refused_with_everything_kept(
    office: Office, at_desk: At, wrong: str
) -> None:
    told = {"nature": "complaint", "content": "楼道灯不亮", "signature": wrong}
    answer = at_desk("front-desk-1").post("/intake/?at=counter", told)
    assert answer.status_code == 422 and "请再签一次" in answer.content.decode()
    assert not Complaint.objects.exists()


# -- in the browser

Sit = Callable[[str], Page]


@pytest.mark.django_db(transaction=True)
def test_a_repair_becomes_a_complaint_with_one_key(office: Office, sit_down: Sit) -> None:
    page = sit_down("front-desk-1")
    page.keyboard.press("c")
    page.wait_for_url("**/intake/")
    page.keyboard.type("厨房水龙头滴水，请来修。")
    # One key says what it is; what only a complaint is asked goes away.
    page.keyboard.press("Alt+z")
    expect(page.locator("#nature-repair")).to_be_checked()
    expect(page.locator("[data-categories]")).to_be_hidden()
    page.select_option("[name=to]", "department:jx-engineering")
    expect(page.locator("#consequences")).to_contain_text("答复联系事项")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/contacts/**")
    expect(page.locator(".now .sentence")).to_contain_text("答复联系事项")
    page.keyboard.press("b")
    page.wait_for_url("**/complaints/**")
    expect(page.locator("h1")).to_contain_text("厨房水龙头滴水")
    page.locator("a.tag", has_text="由联系单转来").click()
    page.wait_for_url("**/contacts/**")
    expect(page.locator(".now")).to_contain_text("已转投诉")


@pytest.mark.django_db(transaction=True)
def test_a_pasted_chat_is_saved_as_a_complaint(office: Office, sit_down: Sit) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.keyboard.press("Alt+v")
    at = timezone.localtime() - timedelta(hours=2)
    text = f"张三 {at:%Y/%m/%d %H:%M}\n3栋电梯又停了\n[图片]\n李四 {at:%H:%M}\n+1"
    page.fill("#pasted-text", text)
    page.locator("[data-speaker]", has_text="张三").click()
    content = page.locator("[name=content]")
    expect(content).to_have_value(re.compile("3栋电梯又停了"))
    expect(page.locator("[name=name]")).to_have_value("张三")
    expect(page.locator("[name=channel][value=chat]")).to_be_checked()
    expect(page.locator("[name=occurred_at]")).to_have_value(f"{at:%Y-%m-%dT%H:%M}")
    # A screenshot pasted anywhere on the page is a file of the matter.
    page.evaluate(PASTE, base64.b64encode(picture()).decode())
    expect(page.locator(".file-list")).to_contain_text("chat-")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/complaints/**")
    complaint = Complaint.objects.get()
    assert (complaint.channel, complaint.name) == ("chat", "张三")
    assert complaint.received_at == at.replace(second=0, microsecond=0)
    assert Attachment.objects.get().name.startswith("chat-")


PASTE = """content => {
  const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], 'image.png', {type: 'image/png'}));
  document.activeElement.dispatchEvent(
    new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.mark.django_db(transaction=True)
def test_a_screenshot_alone_is_a_draft_that_asks_for_the_words(
    office: Office, sit_down: Sit
) -> None:
    page = sit_down("front-desk-1")
    page.goto("/intake/")
    page.locator("[name=content]").focus()
    page.evaluate(PASTE, base64.b64encode(picture()).decode())
    expect(page.locator("[data-pasted-files]")).to_contain_text("请写下客户的原话")
    expect(page.locator("[name=content]")).to_be_focused()
    expect(page.locator("[name=channel][value=chat]")).to_be_checked()


@pytest.mark.django_db(transaction=True)
def test_the_customer_signs_and_the_record_is_printed(office: Office, sit_down: Sit) -> None:
    page = sit_down("front-desk-1")
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto("/intake/?at=counter")
    page.fill("[name=content]", "3栋楼道灯不亮")
    expect(page.locator("[data-reads=content]")).to_have_text("3栋楼道灯不亮")
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    _draw(page)
    expect(page.locator("[data-signed-state]")).to_have_text("已签名")
    page.locator("[data-clear-signature]").click()
    expect(page.locator("[name=signature]")).to_have_value("")
    _draw(page)
    # Turned round it is still there.
    page.set_viewport_size({"width": 1180, "height": 820})
    expect(page.locator("[data-signed-state]")).to_have_text("已签名")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/complaints/**")
    page.get_by_role("link", name="打印登记表").first.click()
    shown = page.locator(".signed img")
    expect(shown).to_be_visible()
    page.wait_for_function("document.querySelector('.signed img').naturalWidth === 1200")


def _draw(page: Page) -> None:
    place = page.locator("canvas.pad").bounding_box()
    assert place is not None
    x, y = place["x"], place["y"]
    page.mouse.move(x + 40, y + 60)
    page.mouse.down()
    page.mouse.move(x + 200, y + 30, steps=5)
    page.mouse.move(x + 320, y + 80, steps=5)
    page.mouse.up()
