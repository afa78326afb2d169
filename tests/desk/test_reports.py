"""The page of a written report [R6][R7], and whom to ring before a matter goes up."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from tests.desk.conftest import Office

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.notices.reports.report import ReportVersion
from shouwen.records.models import Access, Attachment

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def burst(office: Office) -> Complaint:
    """A burst pipe that the site manager passed up to the company."""
    complaint = office.receive(
        content="车库水管爆裂", subject="车库水管爆裂", category="water", severity="emergency"
    )
    complaint = office.take(
        "front-desk-1", "alert", complaint, departments=["jx-engineering"], site_manager=True
    )
    return office.take(
        "site-manager", "escalate_to_company", complaint, spoke_to="公司主管领导", reason="设备不够"
    )


def _page(complaint: Complaint, level: str = "company") -> str:
    return f"/complaints/{complaint.number}/reports/{level}/"


def test_the_report_is_drafted_saved_drawn_anew_compared_and_filed(
    office: Office, burst: Complaint, at_desk: Callable[[str], Client]
) -> None:
    client, page = at_desk("site-manager"), _page(burst)
    desk = client.get("/desk/").content.decode()
    assert f'href="{page}"' in desk and "写报告" in desk
    assert page in client.get(f"/complaints/{burst.number}/steps/file_report/").content.decode()
    begun = client.get(page)
    texts = {each["name"]: each["text"] for each in begun.context["sections"]}
    assert "设备不够" in texts["timeline"] and "还没有保存" in begun.content.decode()

    hidden = {"drawn_to": str(begun.context["draft"].drawn_to), "newest": "0"}
    told = texts | hidden | {"cause": "管道老化", "act": "save"}
    assert client.post(f"{page}write/", told).status_code == 302
    assert (
        client.post(f"{page}write/", told).status_code == 409
    )  # from the page of before it was saved
    assert ReportVersion.objects.get().sections["cause"] == "管道老化"

    office.take("site-manager", "arrive", burst, scene="积水十五厘米")
    assert "台账有了新的记录" in client.get(page).content.decode()
    told |= {"newest": "1", "act": "redraw"}
    redrawn = client.post(f"{page}write/", told)
    assert redrawn.status_code == 200 and ReportVersion.objects.count() == 1
    (change,) = [s["change"] for s in redrawn.context["sections"] if s["name"] == "timeline"]
    assert change.added[0].endswith("积水十五厘米") and change.removed == ()
    texts = {each["name"]: each["text"] for each in redrawn.context["sections"]}
    assert texts["cause"] == "管道老化"

    told = texts | {"drawn_to": str(redrawn.context["draft"].drawn_to), "newest": "1"}
    assert client.post(f"{page}write/", told | {"facts": " ", "act": "file"}).status_code == 422
    assert (
        client.post(f"{page}write/", told | {"measures": "关阀抽水", "act": "file"}).status_code
        == 302
    )
    assert ClockRow.objects.get(rule="R6.report").state == ClockRow.State.MET
    filed = client.get(page).content.decode()
    assert "已提交" in filed and "<textarea" not in filed
    assert client.post(f"{page}write/", told | {"newest": "2", "act": "save"}).status_code == 422

    compared = client.get(f"{page}versions/2/?with=1")
    added = [line for s in compared.context["sections"] for line in s["added"]]
    assert "关阀抽水" in added
    word = client.get(f"{page}versions/2/word/")
    assert word.headers["Content-Type"] == DOCX and word.content[:2] == b"PK"
    assert Access.objects.filter(action="report_fetched").count() == 1
    (document,) = Attachment.objects.filter(extension="docx")
    assert document.name in client.get(f"/complaints/{burst.number}/").content.decode()


def test_filed_from_the_steps_own_form_it_is_a_document_too(
    burst: Complaint, at_desk: Callable[[str], Client]
) -> None:
    told = {"level": "company", "facts": "爆裂", "measures": "关阀", "version": burst.version}
    address = f"/complaints/{burst.number}/steps/file_report/"
    assert at_desk("site-manager").post(address, told).status_code == 302
    version = ReportVersion.objects.get()
    assert version.filed and version.sections["facts"] == "爆裂"
    assert "设备不够" in version.sections["timeline"]
    assert Attachment.objects.get().extension == "docx"


def test_nobody_else_begins_it_and_whoever_may_not_read_it_finds_nothing(
    burst: Complaint, at_desk: Callable[[str], Client]
) -> None:
    page = _page(burst)
    assert at_desk("company-leader").get(page).status_code == 404  # nothing is written yet
    assert at_desk("site-manager").get(_page(burst, "board")).status_code == 404
    assert at_desk("front-desk-1").get(page).status_code == 403
    client = at_desk("site-manager")
    client.post(f"{page}write/", {"facts": "一", "measures": "二", "newest": "0", "act": "save"})
    read = at_desk("company-leader").get(page)
    assert read.status_code == 200 and b"<textarea" not in read.content
    assert at_desk("company-leader").post(f"{page}write/", {"act": "file"}).status_code == 422


def test_whom_to_ring_stands_by_the_form_and_the_number_is_shown_on_a_click(
    office: Office, burst: Complaint, at_desk: Callable[[str], Client]
) -> None:
    leader = office.person("board-leader")
    leader.telephone = "13900002222"
    leader.save()
    client = at_desk("company-leader")
    address = f"/complaints/{burst.number}/steps/escalate_to_board/"
    form = client.get(address)
    assert leader.name in form.content.decode() and "13900002222" not in form.content.decode()
    assert leader.name in form.context["form"].initial["spoke_to"]
    shown = client.post(f"{address}call/", {"dial": leader.pk})
    assert 'href="tel:13900002222"' in shown.content.decode()
    noted = Access.objects.get(action="staff_called")
    assert (noted.subject_id, noted.actor_id) == (
        leader.pk,
        office.person("company-leader").pk,
    )
    assert at_desk("front-desk-1").post(f"{address}call/", {"dial": leader.pk}).status_code == 403
    other = office.person("administrator").pk
    assert client.post(f"{address}call/", {"dial": other}).status_code == 404
