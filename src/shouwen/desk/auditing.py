"""The access log as it is read: what is asked for, page by page, and each note in words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from shouwen.complaints.contacts.projection import SUBJECT as CONTACT
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.desk import words
from shouwen.desk.lists import LISTS
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.organization.personal import CUSTOMER, STAFF
from shouwen.organization.positions import Position
from shouwen.records import audit
from shouwen.records.models import Access
from shouwen.records.retention import KINDS

PAGE = 60
CHUNK = 1_000
#: Rows of one file; of more, the days are to be narrowed.
MOST_EXPORTED = 50_000
# Persons that a typed word may stand for.
_MOST_PEOPLE = 200

#: Other subjects are named by these words and their number.
_SUBJECTS: dict[str, Any] = {
    SUBJECT: gettext_lazy("投诉"),
    CONTACT: gettext_lazy("联系单"),
    CUSTOMER: gettext_lazy("客户"),
    STAFF: gettext_lazy("员工"),
    "handover": gettext_lazy("交接班记录"),
    "category": gettext_lazy("投诉分类"),
    "view": gettext_lazy("常用筛选"),
}
#: What of the facts is said, in this order; identifiers and digests are for the file alone.
_FACTS: dict[str, Any] = {
    "list": gettext_lazy("列表"),
    "format": gettext_lazy("格式"),
    "rows": gettext_lazy("行数"),
    "position": gettext_lazy("岗位"),
    "kind": gettext_lazy("种类"),
    "what": gettext_lazy("内容"),
    "answer": gettext_lazy("答复"),
    "fields": gettext_lazy("改动的字段"),
    "in_force_from": gettext_lazy("施行日期"),
    "since": pgettext_lazy("period", "自"),
    "until": pgettext_lazy("period", "至"),
    "last_day": gettext_lazy("最后一天"),
    "posts": gettext_lazy("岗位数"),
    "handed": gettext_lazy("移交数"),
    "complaints": gettext_lazy("投诉数"),
    "number": gettext_lazy("数量"),
    "homes_removed": gettext_lazy("删除房屋数"),
    "counts": gettext_lazy("数量"),
    "removed": gettext_lazy("删除数"),
    "days": gettext_lazy("保存天数"),
    "with_source": gettext_lazy("含来源"),
    "everything": gettext_lazy("含文字和附件"),
    "new": gettext_lazy("新增"),
}
#: What fields are called; of others the code itself is said.
_FIELDS: dict[str, Any] = {
    "name": gettext_lazy("名称"),
    "username": gettext_lazy("用户名"),
    "telephone": gettext_lazy("电话"),
    "email": gettext_lazy("邮箱"),
    "hours": gettext_lazy("时限"),
    "is_active": gettext_lazy("使用中"),
    "words": gettext_lazy("建议用词"),
    "rules_off": gettext_lazy("停用的建议规则"),
    "house_text": gettext_lazy("内规"),
}


@dataclass(frozen=True)
class Asked:
    """What the log is narrowed by; empty: not at all. `days` count in the current time zone."""

    who: str = ""
    action: str = ""
    project: str = ""
    since: datetime.date | None = None
    until: datetime.date | None = None

    @classmethod
    def read(cls, said: Mapping[str, str]) -> Asked:
        """From a query; what makes no sense is left out."""
        action = said.get("action", "")
        known = action in audit.ACTIONS or action in audit.KINDS
        return cls(
            who=" ".join(said.get("who", "").split())[:80],
            action=action if known else "",
            project=said.get("project", "")[:40],
            since=_day(said.get("since", "")),
            until=_day(said.get("until", "")),
        )

    def narrowed(self) -> dict[str, str]:
        """What is asked for, by name, without what is empty."""
        told = {
            "who": self.who,
            "action": self.action,
            "project": self.project,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in told.items() if value}

    def query(self, **more: str) -> str:
        """As a query string."""
        return urlencode(self.narrowed() | more)


def _day(text: str) -> datetime.date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def found(person: Staff, asked: Asked) -> QuerySet[Access]:
    """The notes that somebody may read, as asked for, newest first."""
    rows = visible_to(person, Access)
    if asked.who:
        named = Staff.objects.filter(Q(username__iexact=asked.who)) or Staff.objects.filter(
            Q(name__icontains=asked.who) | Q(username__icontains=asked.who)
        )
        rows = rows.filter(actor_id__in=[each.pk for each in named[:_MOST_PEOPLE]])
    if asked.action in audit.KINDS:
        of_kind = [each for each, kind in audit.KIND_OF.items() if kind == asked.action]
        rows = rows.filter(action__in=of_kind)
    elif asked.action:
        rows = rows.filter(action=asked.action)
    if asked.project:
        codes = Project.objects.filter(code=asked.project)
        rows = rows.filter(project_id__in=[each.pk for each in codes])
    if asked.since:
        rows = rows.filter(at__gte=_midnight(asked.since))
    if asked.until and asked.until < datetime.date.max:
        rows = rows.filter(at__lt=_midnight(asked.until + datetime.timedelta(days=1)))
    return rows.order_by("-at", "-id")


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def behind(rows: QuerySet[Access], mark: str) -> QuerySet[Access]:
    """What comes after the note that `mark` names; everything where it names none."""
    said, _sign, pk = mark.replace(" ", "+").partition("_")
    try:
        at = parse_datetime(said)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not pk.isdigit():
        return rows
    return rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=int(pk)))


def mark(row: Access) -> str:
    """Names a note for `behind`."""
    return f"{row.at.isoformat()}_{row.pk}"


def every(person: Staff, asked: Asked) -> Iterator[list[Line]]:
    """All of it, in pieces, at most `MOST_EXPORTED` rows."""
    rows, place, left = found(person, asked), "", MOST_EXPORTED
    while left > 0 and (page := list(behind(rows, place)[: min(CHUNK, left)])):
        yield lines(person, page)
        place, left = mark(page[-1]), left - len(page)


# -- in words


@dataclass(frozen=True)
class Line:
    """A note as it is shown: a complaint by its number, others by what they are and their number."""

    row: Access
    who: str
    username: str
    action: str
    kind: str
    subject: str
    number: str
    project: str
    facts: str


def lines(person: Staff, rows: Sequence[Access]) -> list[Line]:
    """The notes in words: three queries however many there are.

    A complaint that the person may not see keeps its number to itself.
    """
    subjects = [row for row in rows if row.subject_id is not None]
    people = _ids(row.actor_id for row in rows)
    people |= _ids(row.subject_id for row in subjects if row.subject_type == STAFF)
    names = {each.pk: each for each in Staff.objects.filter(pk__in=people)}
    about = _ids(row.subject_id for row in subjects if row.subject_type == SUBJECT)
    seen = visible_to(person, Complaint).filter(pk__in=about)
    numbers = dict(seen.values_list("pk", "number"))
    projects = Project.objects.filter(pk__in=_ids(row.project_id for row in rows))
    called = {each.pk: each.name for each in projects}
    return [_line(row, names, numbers, called) for row in rows]


def _ids(found: Iterable[int | None]) -> set[int]:
    return {each for each in found if each is not None}


def _line(
    row: Access, names: dict[int, Staff], numbers: dict[int, str], projects: dict[int, str]
) -> Line:
    actor = names.get(row.actor_id) if row.actor_id is not None else None
    number = ""
    subject = str(_SUBJECTS.get(row.subject_type, row.subject_type))
    if row.subject_id is not None:
        if row.subject_type == SUBJECT:
            number = numbers.get(row.subject_id, "")
        colleague = names.get(row.subject_id) if row.subject_type == STAFF else None
        subject = f"{subject} {colleague.name if colleague else number or f'#{row.subject_id}'}"
    return Line(
        row,
        actor.name if actor else _("系统或命令") if row.actor_id is None else f"#{row.actor_id}",
        actor.username if actor else "",
        str(audit.ACTIONS.get(row.action, row.action)),
        audit.KIND_OF.get(row.action, ""),
        subject,
        number,
        projects.get(row.project_id or 0, ""),
        said(row.facts),
    )


def said(facts: Mapping[str, Any]) -> str:
    """What the facts tell a reader: 格式 csv · 行数 12."""
    told = []
    for name, label in _FACTS.items():
        value = facts.get(name)
        if value is None or value in ("", False, [], {}):
            continue
        told.append(str(label) if value is True else f"{label} {_value(name, value)}")
    return " · ".join(told)


def _value(name: str, value: Any) -> str:
    if name == "position" and value in Position.values:
        return str(Position(value).label)
    if name == "list" and value in LISTS:
        return str(LISTS[value].title)
    if name == "kind" and value in KINDS:
        return str(KINDS[value].label)
    if isinstance(value, Mapping):
        return words.listed(f"{key} {number}" for key, number in sorted(value.items()) if number)
    if isinstance(value, list):
        return words.listed(_FIELDS.get(each, each) for each in value)
    return str(value)
