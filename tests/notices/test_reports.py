"""Written reports [R6][R7]: drafted from the ledger, kept version by version, filed as a Word document."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader
from tests.complaints.conftest import Centre, centre

from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import InvalidData
from shouwen.notices.reports import drawing, keeping
from shouwen.notices.reports.keeping import Draft
from shouwen.notices.reports.report import ReportVersion
from shouwen.notices.reports.word import word
from shouwen.organization import homes
from shouwen.organization.permissions import may, visible_to
from shouwen.records import attachments
from shouwen.records.erasure import erase
from shouwen.records.models import Attachment

assert centre  # the fixture of the complaints' tests

NAME, TELEPHONE = "钱多多", "13800001234"


def _photo(centre: Centre) -> None:
    assert centre.complaint is not None
    stored = attachments.store(
        subject_type=SUBJECT,
        subject_id=centre.complaint.pk,
        project_id=centre.project.pk,
        upload=SimpleUploadedFile("现场记录.txt", "水深十五厘米".encode()),
        name="现场记录.txt",
        actor_id=centre.person("front_desk").pk,
    )
    told = {name: getattr(stored, name) for name in ("name", "sha256", "content_type", "size")}
    centre.complaint = lifecycle.take(
        "attach",
        person=centre.person("front_desk"),
        complaint=centre.complaint,
        data=told | {"attachment": str(stored.pk)},
        now=centre.now,
    ).complaint


def _burst(centre: Centre, **data: Any) -> None:
    """A burst pipe goes up to the board."""
    told = {
        "content": f"车库水管爆裂，我是{NAME}，电话138 0000 1234，快来。",
        "subject": "车库水管爆裂",
        "category": "water",
        "severity": "emergency",
        "name": NAME,
        "telephone": TELEPHONE,
        "place": "B2 车库",
    }
    centre.receive(**told | data)
    centre.take("front_desk", "alert", departments=["jx-engineering"], site_manager=True)
    centre.take("front_desk", "note", text="内部的话")
    centre.take(
        "site_manager", "escalate_to_company", spoke_to="公司主管领导", reason="抽水设备不够"
    )
    centre.take("company_leader", "escalate_to_board", spoke_to="董事领导", reason="需要外单位支援")
    _photo(centre)


@pytest.fixture
def burst(centre: Centre) -> Centre:
    _burst(centre)
    return centre


def _filled(centre: Centre, **texts: str) -> Draft:
    assert centre.complaint is not None
    draft = keeping.first_draft(centre.complaint)
    given = {"measures": "关阀、抽水、换管"} | texts
    return Draft(draft.sections | given, draft.drawn_to, draft.language)


def test_the_draft_tells_the_ledger_and_never_the_complainant(burst: Centre) -> None:
    assert burst.complaint is not None
    drawn = keeping.first_draft(burst.complaint).sections
    assert "车库水管爆裂" in drawn["facts"] and "B2 车库" in drawn["facts"]
    (alerted,) = [line for line in drawn["timeline"].splitlines() if " 知会（" in line]
    assert alerted.endswith("（jx front_desk，jx engineering，已知会管理处负责人，电话）")
    assert "抽水设备不够" in drawn["timeline"] and "需要外单位支援" in drawn["timeline"]
    (evidence,) = drawn["evidence"].splitlines()
    assert "现场记录.txt" in evidence and Attachment.objects.get().sha256 in evidence
    assert "险情尚未解除" in drawn["open_points"]
    whole = "".join(drawn.values())
    for hidden in (NAME, TELEPHONE, "138 0000 1234", "内部的话"):
        assert hidden not in whole


def test_of_a_confidential_source_nothing_is_drawn(centre: Centre) -> None:
    _burst(centre, confidential=True, content="我家楼上在偷排，别说是我说的。")
    assert centre.complaint is not None
    whole = "".join(keeping.first_draft(centre.complaint).sections.values())
    for hidden in ("偷排", NAME, "B2 车库", "车库水管爆裂"):
        assert hidden not in whole
    version = keeping.save(
        centre.complaint, "company", _filled(centre), person=centre.person("site_manager")
    )
    said = _text(word(version))
    for hidden in ("偷排", NAME, "B2 车库", "车库水管爆裂"):
        assert hidden not in said


@pytest.mark.parametrize("on_record", [True, False])
def test_the_home_of_a_confidential_source_is_in_no_part_of_it(
    centre: Centre, on_record: bool
) -> None:
    home = homes.find(centre.project, "3-1-802")
    assert home is not None
    _burst(centre, confidential=True, **({"home": home.pk} if on_record else {}))
    for written in ("3-1-802 住户说的", "是3栋1单元802室反映的", "3 栋 1 单元 802 来过"):
        centre.take("front_desk", "alert", departments=["jx-engineering"], reached=written)
    assert centre.complaint is not None
    drawn = keeping.first_draft(centre.complaint).sections
    whole = "".join(drawn.values())
    assert "802" not in whole
    assert "住址保密" in whole
    # Neither do the names of files tell whose they are.
    assert (
        "现场记录" not in drawn["evidence"] and Attachment.objects.get().sha256 in drawn["evidence"]
    )


def test_drawn_anew_it_follows_the_ledger_and_keeps_what_was_written_by_hand(
    burst: Centre,
) -> None:
    assert burst.complaint is not None
    before = keeping.first_draft(burst.complaint).sections
    mine = before["timeline"].splitlines()
    mine.insert(2, "值班经理到监控室查看")
    texts = before | {"timeline": "\n".join(mine), "cause": "管道老化"}
    burst.take("site_manager", "arrive", scene="积水约十五厘米")
    burst.take("site_manager", "control", measures="关闭总阀")
    after = keeping.first_draft(burst.complaint).sections
    found, changes = drawing.redraw(texts, before, after)
    lines = found["timeline"].splitlines()
    assert lines[2] == "值班经理到监控室查看"
    assert lines[-1].endswith("关闭总阀") and len(lines) == len(mine) + 2
    assert found["cause"] == "管道老化"
    assert "险情尚未解除" not in found["open_points"]
    shown = {change.section: change for change in changes}
    assert [line.split("：")[-1] for line in shown["timeline"].added] == [
        "积水约十五厘米",
        "关闭总阀",
    ]
    assert any("险情尚未解除" in line for line in shown["open_points"].removed)


def test_every_saved_version_stays_and_says_who_and_when(burst: Centre) -> None:
    assert burst.complaint is not None
    manager = burst.person("site_manager")
    first = keeping.save(burst.complaint, "company", _filled(burst), person=manager)
    again = keeping.save(burst.complaint, "company", _filled(burst), person=manager)
    assert again.pk == first.pk  # nothing was changed
    told = _filled(burst, cause=f"{NAME}（{TELEPHONE}）家的水管老化")
    keeping.save(burst.complaint, "company", told, person=manager)
    kept = keeping.versions(burst.complaint, "company")
    assert [(each.number, each.author) for each in kept] == [(2, manager), (1, manager)]
    assert kept[0].sections["cause"] == "投诉人（（电话略））家的水管老化"
    with pytest.raises(InvalidData):
        keeping.save(
            burst.complaint, "company", _filled(burst, cause="长" * 20_001), person=manager
        )


def test_no_document_is_named_that_is_not_among_the_complaints_own(burst: Centre) -> None:
    elsewhere = Attachment.objects.get()
    told = {"level": "company", "facts": "爆管", "measures": "关阀"}
    for named in (
        {"attachment": str(uuid.uuid4()), "sha256": "0" * 64},
        {"attachment": str(elsewhere.pk), "sha256": "0" * 64},
        {"sha256": elsewhere.sha256},
    ):
        with pytest.raises(InvalidData) as refused:
            burst.take("site_manager", "file_report", **told, **named)
        assert "attachment" in refused.value.errors


def test_filing_stops_the_clock_and_keeps_the_document_as_evidence(burst: Centre) -> None:
    assert burst.complaint is not None
    for level, who, rule in (
        ("company", "site_manager", "R6.report"),
        ("board", "company_leader", "R7.report"),
    ):
        clock = ClockRow.objects.get(rule=rule)
        assert clock.state == ClockRow.State.RUNNING
        burst.wait(minutes=1)
        outcome = keeping.file(
            burst.complaint, level, _filled(burst), person=burst.person(who), now=burst.now
        )
        clock.refresh_from_db()
        assert clock.state == ClockRow.State.MET
        (entry,) = outcome.entries
        stored = Attachment.objects.get(pk=entry.facts["attachment"])
        content = attachments.opened(stored).read()
        assert hashlib.sha256(content).hexdigest() == stored.sha256 == entry.facts["sha256"]
        assert stored.entry_id == entry.pk and stored.extension == "docx"
        (version,) = keeping.versions(burst.complaint, level)
        assert version.filed and version.entry_number == entry.number
        assert "车库水管爆裂" in _text(content)


def test_a_report_without_its_facts_or_by_another_is_refused_and_leaves_nothing(
    burst: Centre,
) -> None:
    assert burst.complaint is not None
    with pytest.raises(InvalidData):
        keeping.file(
            burst.complaint,
            "company",
            _filled(burst, facts=" "),
            person=burst.person("site_manager"),
        )
    with pytest.raises(InvalidData):
        keeping.file(
            burst.complaint, "board", _filled(burst), person=burst.person("site_manager"),
            now=burst.now,
        )  # fmt: skip
    assert not ReportVersion.objects.exists()
    assert Attachment.objects.filter(extension="docx").count() == 0


def test_erasing_empties_the_versions_and_removes_the_document(burst: Centre) -> None:
    assert burst.complaint is not None
    manager = burst.person("site_manager")
    keeping.file(burst.complaint, "company", _filled(burst), person=manager, now=burst.now)
    told = {"actor_id": None, "reason": "本人申请", "now": burst.now}
    erase(SUBJECT, burst.complaint.pk, ["telephone"], **told)  # type: ignore[arg-type]
    assert ReportVersion.objects.get().sections
    erase(SUBJECT, burst.complaint.pk, ["content"], **told)  # type: ignore[arg-type]
    version = ReportVersion.objects.get()
    assert version.sections == {} and version.erased_at and version.author == manager
    document = Attachment.objects.get(pk=version.attachment_id)
    assert document.erased_at and document.name == ""


def test_leaders_read_it_and_the_front_desk_does_not(burst: Centre) -> None:
    assert burst.complaint is not None
    keeping.save(burst.complaint, "company", _filled(burst), person=burst.person("site_manager"))
    for who, sees, writes in (
        ("site_manager", True, True),
        ("board_leader", True, False),
        ("quality", True, False),
        ("front_desk", False, False),
        ("engineering_head", False, False),
    ):
        person = burst.person(who)
        assert visible_to(person, ReportVersion).exists() is sees, who
        assert bool(may(person, "see_report", None)) is sees, who
        assert bool(may(person, "write_report", None)) is writes, who


# -- the document


def _text(content: bytes) -> str:
    document = Document(BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(each.text for each in document.paragraphs), *cells])


def _word(centre: Centre) -> bytes:
    assert centre.complaint is not None
    draft = _filled(centre, cause="管道老化")
    version = keeping.save(centre.complaint, "board", draft, person=centre.person("company_leader"))
    return word(version, filed_at=centre.now)


def test_the_document_has_its_head_its_facts_and_fonts_that_word_knows(burst: Centre) -> None:
    document = Document(BytesIO(_word(burst)))
    section = document.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert "物业公司 · 小区" in section.header.paragraphs[0].text
    fields = [each.get(qn("w:instr")) for each in section.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    normal = document.styles["Normal"].element.rPr
    assert normal.rFonts.get(qn("w:eastAsia")) == "SimSun"
    assert document.styles["Heading 1"].element.rPr.rFonts.get(qn("w:eastAsia")) == "SimHei"
    known = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    assert known["事由"] == "车库水管爆裂"
    assert known["依据与期限"].startswith("第七条，48 小时内")
    heads = [each.text for each in document.paragraphs if each.style.name == "Heading 1"]
    assert heads[:3] == ["一、事情经过", "二、处置时间线", "三、采取的措施"]
    assert document.core_properties.author == "物业公司"


@pytest.mark.skipif(not shutil.which("soffice"), reason="libreoffice-writer-nogui is not there")
def test_libreoffice_opens_the_document_as_it_was_made(burst: Centre, tmp_path: Path) -> None:
    assert burst.complaint is not None
    source = tmp_path / "report.docx"
    source.write_bytes(_word(burst))
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    subprocess.run(
        [*command, "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)],
        check=True,
        capture_output=True,
        timeout=90,
    )
    pages = PdfReader(tmp_path / "report.pdf").pages
    first = pages[0].extract_text()
    assert (round(pages[0].mediabox.width), round(pages[0].mediabox.height)) == (595, 842)
    for said in ("关于投诉事件的书面报告", "物业公司 · 小区", burst.complaint.number, "事情经过"):
        assert said in first
    assert f"第 1 页，共 {len(pages)} 页" in first
    whole = "".join(page.extract_text() for page in pages)
    for hidden in (NAME, TELEPHONE):
        assert hidden not in whole
