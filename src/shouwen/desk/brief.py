"""A complaint in one line: what was done last, in whose hands it is, for sheets and lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from django.utils.translation import gettext as _

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Work
from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import AT_WORK
from shouwen.desk import telling, words
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Staff
from shouwen.records.models import Entry

MOST_NAMES = 2


@cache
def _texts(kind: str) -> tuple[str, ...]:
    """The names of the free words that an entry of that kind can hold; never personal ones."""
    return tuple(
        name
        for step in STEPS.values()
        if step.kind == kind
        for name, how in step.data.shown().items()
        if how.kept == "text"
    )


def said_with(entry: Entry) -> str:
    """The free words of an entry on one line; "" where it has none or they were erased."""
    texts = (entry.said.get(name) for name in _texts(entry.kind))
    return " ".join(" ".join(text.split()) for text in texts if text)


def fact(entry: Entry, name: str, names: telling.Names) -> str:
    """One fact of an entry in words; "" where it has none of that name."""
    for step in STEPS.values():
        if step.kind == entry.kind and name in step.data.shown():
            return telling.value_in_words(step.data.shown()[name], entry.facts.get(name), names)
    return ""


def told(entry: Entry, names: telling.Names, *, with_words: bool = True) -> str:
    """An entry as one line: 派单 工程部, 延期申请 工程部：等配件."""
    line = telling.title(entry.kind)
    department = entry.facts.get("department")
    if department:
        line = f"{line} {names.departments.get(department, department)}"
    text = said_with(entry) if with_words else ""
    return _("{title}：{text}").format(title=line, text=text) if text else line


def named(staff: Sequence[str]) -> str:
    """Names in a row, of many only the first: 前台一号岗 等 4 人."""
    if len(staff) > MOST_NAMES:
        return _("{names} 等 {count} 人").format(names=staff[0], count=len(staff))
    return words.listed(staff)


class Hands:
    """Who holds clocks and who is at work on complaints, named; read once for all rows."""

    def __init__(
        self, clocks: Iterable[ClockRow], complaint_ids: Iterable[int], names: telling.Names
    ) -> None:
        clocks = list(clocks)
        self._names = names
        self._held: dict[int, list[Staff]] = reading.who_hold(clocks)
        self._works: dict[int, list[Work]] = {}
        works = Work.objects.filter(complaint__in=list(complaint_ids))
        for work in works.select_related("department", "member").order_by("-lead", "pk"):
            self._works.setdefault(work.complaint_id, []).append(work)

    def of_clock(self, row: ClockRow) -> str:
        """The post and whoever has it: 工程部 工程部技工一; "" as a name where nobody has it."""
        if row.person_id is not None:
            return self._person(row)
        post = self._names.clock_holder(row)
        if row.holder == DEPARTMENT:
            member = self._member(row.subject_id, row.department)
            if member:
                return f"{post} {member}"
        staff = [each.name for each in self._held[row.pk]]
        return post if staff == [post] else f"{post} {named(staff)}".rstrip()

    def nobody(self, row: ClockRow) -> bool:
        """Whether nobody holds the clock: its post is vacant."""
        return not self._held[row.pk]

    def _person(self, row: ClockRow) -> str:
        post = self._names.holder(row.holder)
        return f"{post} {named([each.name for each in self._held[row.pk]])}".rstrip()

    def of_complaint(self, complaint_id: int, row: ClockRow | None) -> str:
        """The departments at work with whoever does it, else who holds the clock."""
        parts = [
            f"{work.department.name} {work.member.name if work.member else ''}".rstrip()
            for work in self._works.get(complaint_id, [])
            if work.status in AT_WORK
        ]
        if parts:
            return words.listed(parts)
        return self.of_clock(row) if row is not None else "—"

    def _member(self, complaint_id: int, department: str) -> str:
        for work in self._works.get(complaint_id, []):
            if work.department.code == department and work.member is not None:
                return work.member.name
        return ""
