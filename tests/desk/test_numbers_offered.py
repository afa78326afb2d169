"""Telephone numbers in what is written: named beside the words, masked when somebody says so, never else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.records import ledger

AtDesk = Callable[[str], Client]
SAID = "邻居 138-0013-8000 能作证，楼道灯不亮"
SHOWN = "138****8000"


def note_of(complaint: Complaint) -> str | None:
    entries = ledger.entries("complaint", complaint.pk, with_said=True)
    return next((each.said["text"] for each in reversed(entries) if each.kind == "noted"), None)


def intake(**more: str) -> dict[str, str]:
    return {"content": SAID, "category": "power", "severity": "routine", "key": "k1"} | more


def test_a_note_with_a_number_is_asked_about_once_and_then_kept_as_it_is(
    office: Office, at_desk: AtDesk
) -> None:
    complaint, desk = office.receive(), at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/"
    asked = desk.post(address, {"text": SAID})
    assert asked.status_code == 422
    page = asked.content.decode()
    assert SHOWN in page and "还没有提交" in page and 'name="mask_numbers"' in page
    assert SAID in page  # what was typed is not lost
    assert note_of(complaint) is None
    assert desk.post(address, {"text": SAID, "numbers_seen": SHOWN}).status_code == 302
    assert note_of(complaint) == SAID


def test_with_the_box_ticked_the_number_is_masked_before_anything_is_kept(
    office: Office, at_desk: AtDesk
) -> None:
    complaint, desk = office.receive(), at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/"
    given = {"text": SAID, "numbers_seen": SHOWN, "mask_numbers": "1"}
    assert desk.post(address, given).status_code == 302
    assert note_of(complaint) == SAID.replace("138-0013-8000", SHOWN)


def test_a_number_that_came_in_later_is_asked_about_again(office: Office, at_desk: AtDesk) -> None:
    complaint, desk = office.receive(), at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/"
    later = {"text": SAID + "，或 13900139000", "numbers_seen": SHOWN, "mask_numbers": "1"}
    asked = desk.post(address, later)
    assert asked.status_code == 422
    assert "139****9000" in asked.content.decode()
    assert 'id="note-numbers-tick" checked' in asked.content.decode()


def test_the_preview_names_it_while_it_is_written(office: Office, at_desk: AtDesk) -> None:
    complaint, desk = office.receive(), at_desk("front-desk-1")
    address = f"/complaints/{complaint.number}/steps/note/preview/"
    told = desk.post(address, {"text": SAID}).content.decode()
    assert 'hx-swap-oob="true"' in told and SHOWN in told
    # What stands there already is left alone, so that nobody's box is taken from under the cursor.
    again = desk.post(address, {"text": SAID, "numbers_seen": SHOWN}).content.decode()
    assert "hx-swap-oob" not in again
    gone = desk.post(address, {"text": "无", "numbers_seen": SHOWN}).content.decode()
    assert 'hx-swap-oob="true"' in gone and SHOWN not in gone


def test_intake_asks_for_each_matter_and_masks_the_one_that_was_ticked(
    office: Office, at_desk: AtDesk
) -> None:
    desk = at_desk("front-desk-1")
    second = {"matter": "m2", "m2-content": "另有 13900139000 反映", "m2-category": "power"}
    given = intake(telephone="13700137000", **second)
    page = desk.post("/intake/", given)
    assert page.status_code == 422
    assert not Complaint.objects.exists()
    told = page.content.decode()
    assert SHOWN in told and "139****9000" in told and 'name="m2-mask_numbers"' in told
    given |= {"numbers_seen": SHOWN, "m2-numbers_seen": "139****9000", "m2-mask_numbers": "1"}
    assert desk.post("/intake/", given).status_code == 302
    first, other = Complaint.objects.order_by("pk")
    assert first.content == SAID
    assert other.content == "另有 139****9000 反映"
    # The number in its own field is no free text.
    assert first.telephone == "13700137000"


def test_without_a_number_nothing_is_asked_and_an_emergency_is_not_held_up(
    office: Office, at_desk: AtDesk
) -> None:
    desk = at_desk("front-desk-1")
    assert desk.post("/intake/", intake(content="3-1-802 楼道灯不亮")).status_code == 302
    urgent = intake(severity="emergency", key="k2")
    assert desk.post("/intake/", urgent).status_code == 302
    assert Complaint.objects.get(severity="emergency").content == SAID


def test_what_is_wrong_besides_is_told_together_with_the_numbers(
    office: Office, at_desk: AtDesk
) -> None:
    page = at_desk("front-desk-1").post("/intake/", intake(home_text="99-99-9999"))
    assert page.status_code == 422
    told = page.content.decode()
    assert SHOWN in told and "没有这个房号" in told


def test_a_note_on_several_complaints_is_asked_about_too(office: Office, at_desk: AtDesk) -> None:
    complaints = [office.receive(), office.receive()]
    given: dict[str, Any] = {
        "at": [f"{each.number}@{each.version}" for each in complaints],
        "text": SAID,
    }
    desk, address = at_desk("front-desk-1"), "/lists/complaints/bulk/note/"
    assert desk.post(address, given).status_code == 422
    assert note_of(complaints[0]) is None
    given |= {"numbers_seen": SHOWN, "mask_numbers": "1"}
    assert desk.post(address, given).status_code == 200
    assert {note_of(each) for each in complaints} == {SAID.replace("138-0013-8000", SHOWN)}
