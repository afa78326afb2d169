"""The complaint register (投诉台账) as inspections ask for it: one sheet a project, for A4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.complaints import listing
from shouwen.complaints.listing import Asked
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps.quality import Visit
from shouwen.complaints.words import AT_WORK, WorkStatus
from shouwen.desk import columns, words
from shouwen.organization.models import Project, Staff
from shouwen.records.models import Entry
from shouwen.records.rendering import Cell, Sheet, Workbook

#: The columns in the order of the form, with their widths in half-width characters.
HEAD: tuple[tuple[Promise, int], ...] = (
    (gettext_lazy("序号"), 6),
    (gettext_lazy("受理编号"), 18),
    (gettext_lazy("受理时间"), 17),
    (gettext_lazy("渠道"), 10),
    (gettext_lazy("房屋、地点"), 20),
    (gettext_lazy("投诉分类"), 18),
    (gettext_lazy("紧急程度"), 10),
    (gettext_lazy("投诉内容摘要"), 36),
    (gettext_lazy("首问责任人"), 16),
    (gettext_lazy("承办部门"), 20),
    (gettext_lazy("处理时限"), 17),
    (gettext_lazy("完成时间"), 17),
    (gettext_lazy("回访时间与结果"), 20),
    (gettext_lazy("满意度"), 10),
    (gettext_lazy("结案时间"), 17),
    (gettext_lazy("状态"), 14),
)

# What the list's own columns say of a complaint, for the register.
_KNOWN = (
    *("number", "received_at", "channel", "place", "category", "severity", "subject"),
    *("first_contact", "satisfaction", "closed_at", "status"),
)
_OUTCOMES = dict(Visit.shown()["outcome"].choices)
# Entries by which a department's finishing is no longer the last word.
_BEGINS_ANEW = frozenset({"dispatched", "reopened", "verification_failed"})


@dataclass
class _Course:
    """What became of a complaint, for one line of the register."""

    works: list[Work]
    finished_at: datetime | None = None
    visit: str = ""

    @property
    def departments(self) -> str:
        lead = _("{department}（主办）")
        return words.listed(
            lead.format(department=work.department.name) if work.lead else work.department.name
            for work in self.works
        )

    @property
    def due_at(self) -> datetime | None:
        return next((work.due_at for work in self.works if work.lead), None)


class Register:
    """A register being written: a sheet for each project, begun with its first complaint."""

    def __init__(self, path: Path, person: Staff, asked: Asked, now: datetime) -> None:
        self._book = Workbook(path)
        self._person, self._asked, self._now = person, asked, now
        self._sheets: dict[int, Sheet] = {}

    def rows(self, complaints: Sequence[Complaint]) -> None:
        """Write these complaints, each into the sheet of its project."""
        prepared = columns.prepare(complaints, _KNOWN, self._person, self._now)
        courses = _courses(complaints)
        for row in complaints:
            known = {name: columns.COLUMNS[name].value(row, prepared) or None for name in _KNOWN}
            sheet = self._sheet(row.project)
            sheet.row(_line(sheet.rows + 1, known, row, courses[row.pk]))

    def close(self) -> None:
        """Sign the sheets and write the file; without a complaint there is one sheet that says so."""
        if not self._sheets:
            self._begin(_("投诉台账"), "").row(["", _("没有符合条件的投诉")])
        sign = _(
            "填表人：＿＿＿＿＿＿＿＿　　客户中心负责人：＿＿＿＿＿＿＿＿　　日期：＿＿＿＿＿＿＿＿"
        )
        for sheet in self._sheets.values():
            sheet.foot(sign)
        self._book.close()

    def _sheet(self, project: Project) -> Sheet:
        if project.pk not in self._sheets:
            self._begin(project.name, project.name, project.pk)
        return self._sheets[project.pk]

    def _begin(self, name: str, project: str, key: int = 0) -> Sheet:
        sheet = Sheet(
            self._book,
            name,
            [str(label) for label, _width in HEAD],
            title=_title(project, self._asked, self._person, self._now),
            widths=[width for _label, width in HEAD],
            printed=True,
        )
        self._sheets[key] = sheet
        return sheet


def _title(project: str, asked: Asked, person: Staff, now: datetime) -> list[str]:
    """The register's name, then project, period, scope and who made it when."""
    since, until = (next(iter(asked.chosen.get(each, ())), "") for each in ("since", "until"))
    today = f"{timezone.localtime(now):%Y-%m-%d}"
    period = (
        _("{since} 至 {until}").format(since=since, until=until or today)
        if since
        else _("截至 {until}").format(until=until or today)
    )
    parts = [_("项目：{project}").format(project=project)] if project else []
    parts.append(_("期间：{period}").format(period=period))
    narrowed = [
        _("{filter} {value}").format(filter=chip.filter.label, value=chip.label)
        for chip in listing.chips(asked, person)
        if chip.filter.name not in ("project", "since", "until")
    ]
    if narrowed:
        parts.append(_("范围：{scope}").format(scope=words.listed(narrowed)))
    made = f"{timezone.localtime(now):%Y-%m-%d %H:%M}"
    parts.append(_("制表：{person} {at}").format(person=person.name, at=made))
    return [_("投诉台账"), "　　".join(parts)]


def _line(number: int, known: dict[str, Cell], row: Complaint, course: _Course) -> list[Cell]:
    return [
        number,
        known["number"],
        known["received_at"],
        known["channel"],
        known["place"],
        known["category"],
        known["severity"],
        known["subject"],
        known["first_contact"],
        course.departments,
        course.due_at,
        course.finished_at,
        course.visit or _attempts(row),
        known["satisfaction"],
        known["closed_at"],
        known["status"],
    ]


def _attempts(row: Complaint) -> str:
    attempts = row.visit_attempts
    return (
        ngettext("回访未果 {} 次", "回访未果 {} 次", attempts).format(attempts) if attempts else ""
    )


def _courses(complaints: Sequence[Complaint]) -> dict[int, _Course]:
    """Departments, finishing and return visit of these complaints, in two queries."""
    courses = {row.pk: _Course([]) for row in complaints}
    works = Work.objects.filter(complaint__in=courses).exclude(
        status__in=(WorkStatus.DECLINED, WorkStatus.RECALLED)
    )
    for work in works.select_related("department").order_by("-lead", "pk"):
        courses[work.complaint_id].works.append(work)
    kinds = ("completed", "visited", *_BEGINS_ANEW)
    entries = Entry.objects.filter(subject_type=SUBJECT, subject_id__in=courses, kind__in=kinds)
    for pk, kind, at, facts in entries.order_by("subject_id", "number").values_list(
        "subject_id", "kind", "occurred_at", "facts"
    ):
        course = courses[pk]
        if kind == "completed":
            course.finished_at = at
        elif kind == "visited":
            outcome = _OUTCOMES.get(facts.get("outcome"), "")
            course.visit = f"{timezone.localtime(at):%Y-%m-%d %H:%M} {outcome}"
        else:
            course.finished_at = None
            if kind == "reopened":
                course.visit = ""
    for course in courses.values():
        if any(work.status in AT_WORK for work in course.works):
            course.finished_at = None
    return courses
