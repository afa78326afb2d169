"""The columns of the lists: what each shows in words, and what it holds for a table of figures.

A page and an export of the same list read the same columns, so that the file equals the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import State
from shouwen.complaints.steps.quality import Visit
from shouwen.complaints.words import Severity
from shouwen.desk import words
from shouwen.desk.telling import Names
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may


@dataclass(frozen=True)
class Prepared:
    """What the columns of one page of rows read, fetched once for all its rows."""

    person: Staff
    now: datetime
    read: Mapping[str, Any] = field(default_factory=dict)
    said: dict[tuple[str, object], str] = field(default_factory=dict)

    @cached_property
    def names(self) -> Names:
        """Names of departments and duties, read where a column asks for them."""
        return Names()


Value = str | int | datetime | None
Lines = tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a list.

    `lines` is what a row shows, the main thing first; `value` the same for a table of figures
    (a date, a number, a text). `read` fetches what the rows of a page need, in a constant number
    of queries; its result is `Prepared.read[name]`. `personal`: tells from whom a complaint came.
    `late` says which rows show it in red, `exact` what hovering adds.
    """

    name: str
    label: Promise
    lines: Callable[[Complaint, Prepared], Lines]
    value: Callable[[Complaint, Prepared], Value]
    css: str = ""
    personal: bool = False
    read: Callable[[Sequence[Complaint], Prepared], Any] | None = None
    late: Callable[[Complaint, Prepared], bool] | None = None
    exact: Callable[[Complaint, Prepared], str] | None = None

    def text(self, row: Complaint, prepared: Prepared) -> str:
        """What the page shows of the row, as one line of words; "" for nothing."""
        return " · ".join(line for line in self.lines(row, prepared) if line)


@dataclass(frozen=True)
class Cell:
    """One cell of a page."""

    column: Column
    main: str
    beside: Lines
    late: bool
    exact: str
    href: str


def prepare(
    rows: Sequence[Complaint], names: Sequence[str], person: Staff, now: datetime | None = None
) -> Prepared:
    """Fetch what these columns need for these rows, as this person may see it.

    A constant number of queries for a page; columns that are not named cost nothing.
    """
    prepared = Prepared(person, now or timezone.now())
    read = {
        name: COLUMNS[name].read(rows, prepared)  # type: ignore[misc]
        for name in names
        if COLUMNS[name].read is not None
    }
    return Prepared(person, prepared.now, read)


def cells(row: Complaint, names: Sequence[str], prepared: Prepared) -> list[Cell]:
    """The cells of a row, in the order of the columns."""
    found = []
    address = reverse("desk:complaint", args=[row.number])
    for name in names:
        column = COLUMNS[name]
        main, *beside = column.lines(row, prepared) or ("",)
        found.append(
            Cell(
                column,
                main,
                tuple(line for line in beside if line),
                column.late is not None and column.late(row, prepared),
                column.exact(row, prepared) if column.exact else "",
                address if name in _OPENING else "",
            )
        )
    return found


# The cells whose words open the complaint.
_OPENING = frozenset({"subject", "number"})


def knows_source(person: Staff, complaint: Complaint) -> bool:
    """Whether the person may see from whom the complaint came; no query."""
    # All that the rule asks of the state stands in the row as well.
    state = State(
        first_contact_id=complaint.first_contact_id,
        manager_id=complaint.manager_id,
        about_id=complaint.about_id,
    )
    return bool(may(person, "see_source", lifecycle.stand(person, complaint, state)))


def _soonest(rows: Sequence[Complaint], prepared: Prepared) -> dict[int, ClockRow]:
    """The soonest unstopped clock of each complaint."""
    running = reading.running().filter(subject_type=SUBJECT, subject_id__in=[r.pk for r in rows])
    soonest = running.order_by("subject_id", "due_at", "pk").distinct("subject_id")
    return {clock.subject_id: clock for clock in soonest}


def _place(row: Complaint, prepared: Prepared) -> Lines:
    known = row.home is not None and knows_source(prepared.person, row)
    return tuple(filter(None, (str(row.home) if known else "", row.place)))


def _moment(column: str) -> Callable[[Complaint, Prepared], Lines]:
    def lines(row: Complaint, prepared: Prepared) -> Lines:
        at = getattr(row, column)
        return (words.moment(at, prepared.now),) if at else ()

    return lines


def _exactly(column: str) -> Callable[[Complaint, Prepared], str]:
    def exact(row: Complaint, prepared: Prepared) -> str:
        at = getattr(row, column)
        return words.exact(at) if at else ""

    return exact


def _due(row: Complaint, prepared: Prepared) -> Lines:
    clock = prepared.read["next_due"].get(row.pk)
    if clock is None:
        return ()
    until = words.until(clock.due_at, prepared.now)
    duty = prepared.names.duty(clock)
    if clock.due_at < prepared.now:
        duty = _("已超时：{duty}").format(duty=duty)
    return (until, duty)


def _due_at(row: Complaint, prepared: Prepared) -> datetime | None:
    clock = prepared.read["next_due"].get(row.pk)
    return clock.due_at if clock else None


def _is_late(row: Complaint, prepared: Prepared) -> bool:
    due_at = _due_at(row, prepared)
    return due_at is not None and due_at < prepared.now


def _due_exactly(row: Complaint, prepared: Prepared) -> str:
    due_at = _due_at(row, prepared)
    return words.exact(due_at) if due_at else ""


def _age(row: Complaint, prepared: Prepared) -> int:
    """Whole days from receipt to the end, or to now."""
    return ((row.closed_at or prepared.now) - row.received_at).days


def _days(row: Complaint, prepared: Prepared) -> Lines:
    days = _age(row, prepared)
    if days < 1:
        return (_("不到 1 天"),)
    return (npgettext("age", "{} 天", "{} 天", days).format(days),)


def _departments(row: Complaint, prepared: Prepared) -> Lines:
    known = prepared.names.departments
    said = words.listed(known.get(code, code) for code in row.departments)
    return (said,) if said else ()


def _urged(row: Complaint, prepared: Prepared) -> Lines:
    return (ngettext("{} 次", "{} 次", row.urged).format(row.urged),) if row.urged else ()


_SATISFACTION = dict(Visit.shown()["satisfaction"].choices)


def _satisfaction(row: Complaint, prepared: Prepared) -> Lines:
    return (str(_SATISFACTION[str(row.satisfaction)]),) if row.satisfaction else ()


def _of_text(
    name: str,
    label: Promise,
    said: Callable[[Complaint], object],
    css: str = "",
    late: Callable[[Complaint, Prepared], bool] | None = None,
    of: str = "",
) -> Column:
    """A column of one text, the same on the page and in a table.

    `of` names the attribute that decides the text where few values have long ways to their words:
    each is then put into words once a page.
    """

    def text(row: Complaint, prepared: Prepared) -> str:
        if not of:
            return _text(said(row))
        key = (name, getattr(row, of))
        if key not in prepared.said:
            prepared.said[key] = _text(said(row))
        return prepared.said[key]

    return Column(
        name,
        label,
        lambda row, prepared: (text(row, prepared),),
        lambda row, prepared: text(row, prepared) or None,
        css,
        late=late,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _joined(
    lines: Callable[[Complaint, Prepared], Lines],
) -> Callable[[Complaint, Prepared], str | None]:
    return lambda row, prepared: " · ".join(lines(row, prepared)) or None


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        _of_text("number", gettext_lazy("编号"), lambda row: row.number, "figures"),
        Column(
            "received_at",
            gettext_lazy("受理时间"),
            _moment("received_at"),
            lambda row, prepared: row.received_at,
            "figures",
            exact=_exactly("received_at"),
        ),
        _of_text("subject", gettext_lazy("投诉主题"), lambda row: row.subject, "wide"),
        _of_text("project", gettext_lazy("项目"), lambda row: row.project.name),
        Column(
            "place", gettext_lazy("房屋、地点"), _place, _joined(_place), "place", personal=True
        ),
        _of_text("category", gettext_lazy("分类"), lambda row: row.category, of="category_id"),
        _of_text(
            "severity",
            gettext_lazy("紧急程度"),
            lambda row: row.get_severity_display(),
            late=lambda row, prepared: row.severity == Severity.EMERGENCY and not row.ended,
            of="severity",
        ),
        _of_text(
            "status",
            gettext_lazy("进展"),
            lambda row: row.get_status_display(),
            "fold",
            of="status",
        ),
        _of_text(
            "channel", gettext_lazy("渠道"), lambda row: row.get_channel_display(), of="channel"
        ),
        _of_text(
            "first_contact",
            gettext_lazy("首问责任人"),
            lambda row: row.first_contact.name if row.first_contact else None,
        ),
        Column(
            "departments", gettext_lazy("相关部门"), _departments, _joined(_departments), "place"
        ),
        Column(
            "next_due",
            gettext_lazy("下一时限"),
            _due,
            _due_at,
            "figures fold",
            read=_soonest,
            late=_is_late,
            exact=_due_exactly,
        ),
        Column("age", gettext_lazy("历时"), _days, _age, "figures"),
        Column(
            "urged",
            gettext_lazy("催办"),
            _urged,
            lambda row, prepared: row.urged,
            "figures",
        ),
        Column(
            "satisfaction",
            gettext_lazy("满意度"),
            _satisfaction,
            _joined(_satisfaction),
        ),
        Column(
            "completeness",
            gettext_lazy("记录完整度"),
            lambda row, prepared: (f"{row.completeness}%",),
            lambda row, prepared: row.completeness,
            "figures",
        ),
        Column(
            "closed_at",
            gettext_lazy("结案时间"),
            _moment("closed_at"),
            lambda row, prepared: row.closed_at,
            "figures",
            exact=_exactly("closed_at"),
        ),
    )
}
