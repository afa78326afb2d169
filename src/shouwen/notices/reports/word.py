"""A report as a Word document on A4: head, table of facts, sections, place for signatures, page numbers.

Fonts are named, Latin and East Asian apart, and not embedded: those that come with Word on Chinese
machines; LibreOffice takes what stands in for them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from shouwen.clocks import reading
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.notices.rendering import matter
from shouwen.notices.reports.anonymity import Mask
from shouwen.notices.reports.course import moment
from shouwen.notices.reports.drawing import SECTIONS
from shouwen.notices.reports.report import ReportVersion
from shouwen.records import ledger
from shouwen.records.models import Entry

BODY, HEAD, LATIN = "SimSun", "SimHei", "Times New Roman"
_EAST_ASIAN = {"zh-hans": "zh-CN", "zh-hant": "zh-TW", "en": "zh-CN"}
_TIMED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d) (.+)$")
_WIDTH = Mm(160)
# Sections whose lines are points, one after the other.
_COUNTED = frozenset({"measures", "evidence", "open_points"})


def word(version: ReportVersion, *, filed_at: datetime.datetime | None = None) -> bytes:
    """The document of a version, in its language and its project's time; `filed_at`: on filing."""
    complaint = version.complaint
    zone = ZoneInfo(complaint.project.timezone)
    with translation.override(version.language), timezone.override(zone):
        return _Sheet(version, filed_at).bytes()


class _Sheet:
    def __init__(self, version: ReportVersion, filed_at: datetime.datetime | None) -> None:
        self.version, self.filed_at = version, filed_at
        self.complaint: Complaint = version.complaint
        self.entries = ledger.entries(SUBJECT, self.complaint.pk, with_said=True)
        self.document: Any = Document()

    def bytes(self) -> bytes:
        """The file."""
        self._page()
        self._styles()
        self._running()
        self._title()
        self._table([(label, value) for label, value in self._known() if value])
        self._sections()
        self._signatures()
        self._properties()
        out = BytesIO()
        self.document.save(out)
        return out.getvalue()

    # -- the frame

    def _page(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(25)
        section.top_margin, section.bottom_margin = Mm(28), Mm(24)
        section.header_distance = section.footer_distance = Mm(13)

    def _styles(self) -> None:
        styles = self.document.styles
        _font(styles["Normal"], BODY, 11, self.version.language)
        styles["Normal"].paragraph_format.line_spacing = 1.35
        styles["Normal"].paragraph_format.space_after = Pt(3)
        for name, size in (("Title", 20), ("Heading 1", 13), ("Header", 9), ("Footer", 9)):
            face = HEAD if size > 9 else BODY
            _font(styles[name], face, size, self.version.language)
        title = styles["Title"]
        title.font.bold = True
        title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        title.paragraph_format.space_after = Pt(4)
        for border in title.element.pPr.findall(qn("w:pBdr")):
            title.element.pPr.remove(border)
        heading = styles["Heading 1"].paragraph_format
        heading.space_before, heading.space_after = Pt(14), Pt(4)
        heading.keep_with_next = True

    def _running(self) -> None:
        section, project = self.document.sections[0], self.complaint.project
        head = section.header.paragraphs[0]
        head.text = f"{project.company.name} · {project.name}\t{self.complaint.number}"
        _stops(head)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        before, between, after = (
            _("第 {page} 页，共 {pages} 页").replace("{pages}", "{page}").split("{page}")
        )
        foot.add_run(before)
        _field(foot, "PAGE")
        foot.add_run(between)
        _field(foot, "NUMPAGES")
        foot.add_run(after)

    def _properties(self) -> None:
        kept = self.document.core_properties
        kept.title = f"{self._name()} {self.complaint.number}"
        kept.author = kept.last_modified_by = self.complaint.project.company.name
        kept.comments = ""
        kept.created = kept.modified = self.version.saved_at.astimezone(datetime.UTC).replace(
            tzinfo=None
        )

    # -- what it says

    def _name(self) -> str:
        if self.version.level == ReportVersion.Level.BOARD:
            return _("关于投诉事件的书面报告（报董事领导）")
        return _("关于投诉事件的书面报告（报公司主管领导）")

    def _title(self) -> None:
        self.document.add_paragraph(self._name(), style="Title")
        state = (
            _("{at} 提交，第 {n} 版").format(at=moment(self.filed_at), n=self.version.number)
            if self.filed_at
            else _("草稿，第 {n} 版，{at} 保存").format(
                n=self.version.number, at=moment(self.version.saved_at)
            )
        )
        line = self.document.add_paragraph(state)
        line.alignment = WD_ALIGN_PARAGRAPH.CENTER
        line.paragraph_format.space_after = Pt(10)

    def _known(self) -> Iterable[tuple[str, str]]:
        complaint = self.complaint
        mask = Mask(complaint, self.entries)
        company = complaint.project.company.name
        yield _("报告单位"), f"{company} · {complaint.project.name}"
        yield _("投诉编号"), complaint.number
        yield _("事由"), mask(matter(complaint))
        yield _("受理时间"), moment(complaint.received_at)
        yield (
            _("类别与紧急程度"),
            " · ".join(
                filter(None, (str(complaint.category or ""), complaint.get_severity_display()))
            ),
        )
        if not complaint.confidential:
            yield _("地点"), mask(complaint.place)
        yield _("首问责任人"), complaint.first_contact.name if complaint.first_contact else ""
        works = complaint.works.select_related("department").order_by("-lead", "pk")
        yield _("承办部门"), _("、").join(work.department.name for work in works)
        for kind, label in (
            ("escalated_to_company", _("上报公司主管领导")),
            ("escalated_to_board", _("上报董事领导")),
        ):
            yield label, _("；").join(_times(self.entries, kind))
        yield _("依据与期限"), self._limit()
        yield _("目前状态"), complaint.get_status_display()

    def _limit(self) -> str:
        rule = "R7.report" if self.version.level == ReportVersion.Level.BOARD else "R6.report"
        clock = reading.of_subject(SUBJECT, self.complaint.pk).filter(rule=rule).last()
        article = _("第七条，48 小时内") if rule == "R7.report" else _("第六条，24 小时内")
        if clock is None:
            return article
        return _("{article}，应于 {due} 前提交").format(article=article, due=moment(clock.due_at))

    def _sections(self) -> None:
        place = 0
        for name, title in SECTIONS.items():
            text = self.version.sections.get(name, "").strip()
            if not text:
                continue
            place += 1
            head = _("{n}、{title}").format(n=_number(place), title=title)
            self.document.add_paragraph(head, style="Heading 1")
            lines = text.splitlines()
            timed = [_TIMED.match(line) for line in lines]
            if name == "timeline" and all(timed):
                self._table(
                    [(found[1], found[2]) for found in timed if found],
                    heads=(_("时间"), _("经过")),
                )
            else:
                counted = name in _COUNTED and len(lines) > 1
                for number, line in enumerate(lines, start=1):
                    self.document.add_paragraph(f"{number}. {line}" if counted else line)

    def _table(self, rows: Sequence[tuple[str, str]], heads: tuple[str, ...] = ()) -> None:
        table = self.document.add_table(rows=0, cols=2, style="Table Grid")
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, (Mm(40), _WIDTH - Mm(40)), strict=True):
            column.width = width
        for number, row in enumerate([heads, *rows] if heads else rows):
            cells = table.add_row().cells
            for cell, text, width in zip(cells, row, (Mm(40), _WIDTH - Mm(40)), strict=True):
                cell.width = width
                line = cell.paragraphs[0]
                line.paragraph_format.space_after = Pt(1)
                line.paragraph_format.space_before = Pt(1)
                line.paragraph_format.line_spacing = 1.15
                run = line.add_run(text)
                run.font.size = Pt(10.5)
                if (heads and number == 0) or (not heads and cell is cells[0]):
                    _shade(cell)
                    run.bold = True
            _unbroken(table.rows[-1])
        if heads and table.rows:
            _repeated(table.rows[0])

    def _signatures(self) -> None:
        author, when = self.version.author.name, self.filed_at or self.version.saved_at
        lines = (
            _("报告人：{name}").format(name=author),
            _("日期：{day}").format(day=f"{timezone.localtime(when):%Y-%m-%d}"),
            _("领导批示：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿　签字：＿＿＿＿＿＿＿＿"),
        )
        for number, text in enumerate(lines):
            line = self.document.add_paragraph(text)
            line.paragraph_format.space_before = Pt(18 if number in (0, 2) else 0)
            line.paragraph_format.keep_with_next = number < 2
            if number < 2:
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _times(entries: Sequence[Entry], kind: str) -> list[str]:
    return [moment(entry.occurred_at) for entry in entries if entry.kind == kind]


def _number(place: int) -> str:
    """一、二、三 in Chinese, 1, 2, 3 elsewhere."""
    return _("一 二 三 四 五 六").split()[place - 1]


# -- what python-docx has no word for


def _font(style: Any, east_asian: str, size: float, language: str) -> None:
    style.font.name, style.font.size = LATIN, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for kind in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{kind}"), None)
    for kind in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{kind}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    said = OxmlElement("w:lang")
    said.set(qn("w:val"), "en-US")
    said.set(qn("w:eastAsia"), _EAST_ASIAN.get(language, "zh-CN"))
    properties.append(said)


def _field(paragraph: Any, name: str) -> None:
    """A field that the reader's program fills in: the page, the number of pages."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    run, text = OxmlElement("w:r"), OxmlElement("w:t")
    text.text = "1"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _stops(paragraph: Any) -> None:
    """One stop at the right edge, in place of the template's two for another page."""
    old = paragraph.style.element.pPr.find(qn("w:tabs"))
    if old is not None:
        paragraph.style.element.pPr.remove(old)
    paragraph.paragraph_format.tab_stops.add_tab_stop(_WIDTH, WD_TAB_ALIGNMENT.RIGHT)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), "F2F2F2")
    cell._tc.get_or_add_tcPr().append(shade)


def _unbroken(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _repeated(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
