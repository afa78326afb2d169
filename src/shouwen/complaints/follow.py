"""What the customer may know of their complaint: read from its ledger and clocks, in plain words.

A whitelist. Of what was written only these reach the customer: what they wrote themselves, what they
were told or asked, and the answer to it; everything else is told by sentences of this module. No name
of staff or of other residents, no article, no internal word, no limit that was not promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import promises, stations
from shouwen.complaints.models import Complaint
from shouwen.complaints.moments import moment, until
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.roles import CUSTOMER
from shouwen.complaints.state import State, fold
from shouwen.complaints.stations import Station
from shouwen.complaints.words import Severity, Status
from shouwen.organization.models import Department
from shouwen.records import ledger
from shouwen.records.models import Entry

#: So many complaints are followed from one that was merged into the next.
_MOST_MERGED = 5

Fit = Callable[[str, Sequence[Entry]], bool]


@dataclass(frozen=True)
class Kept:
    """Something that was promised and whose time is over: what, by when, and whether it was kept."""

    what: str
    by: str
    kept: bool


@dataclass(frozen=True)
class Said:
    """One thing said between the customer and us. `answered`: a question that is open no more."""

    at: str
    theirs: bool
    title: str
    text: str = ""


@dataclass(frozen=True)
class Following:
    """All that the tracking page tells.

    `tone` is danger, now, done or over. `questions` are what the staff ask and nobody has answered.
    """

    headline: str
    tone: str
    lines: list[str] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    state: State = field(default_factory=State)


def follow(complaint: Complaint, now: datetime, *, fit: Fit) -> Following:
    """The complaint as its customer may see it at `now`, in the current time zone and language.

    `fit` says whether free words of staff, given with the ledger, may be repeated to the customer.
    """
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    clocks = list(reading.of_subject(SUBJECT, complaint.pk))
    departments = dict(Department.objects.values_list("code", "name"))
    return read(entries, clocks, departments, now, fit=fit, other=_merged_into(complaint, entries))


def glance(complaint: Complaint, entries: Sequence[Entry], departments: Mapping[str, str]) -> str:
    """What came of it in one sentence: for whoever recorded it and follows it from a list."""
    return _headline(fold(entries), departments)[0]


def read(
    entries: Sequence[Entry],
    clocks: Sequence[ClockRow],
    departments: Mapping[str, str],
    now: datetime,
    *,
    fit: Fit,
    other: tuple[Sequence[Entry], Sequence[ClockRow]] | None = None,
) -> Following:
    """As `follow`, of a ledger (with what was said) and clocks that are known.

    `other` are ledger and clocks of the complaint that this one is handled with.
    """
    state = fold(entries)
    # Of the other one only how far the work is: what was said there is its own customer's.
    seen, ticking = other or (entries, clocks)
    at_work = fold(seen)
    headline, tone = _headline(state, departments)
    if other is not None:
        headline = _("与同样的问题一起处理：{how}").format(how=_headline(at_work, departments)[0])
    return Following(
        headline=headline,
        tone=tone if other is None else _headline(at_work, departments)[1],
        lines=[] if state.status == Status.WITHDRAWN else list(_lines(at_work, ticking, now)),
        stations=stations.of(seen, at_work, ticking, departments, now),
        kept=list(_kept(entries, clocks, now)),
        said=list(_said(entries, now, fit)),
        questions=list(_questions(entries, state, fit)),
        state=state,
    )


def _merged_into(
    complaint: Complaint, entries: Sequence[Entry]
) -> tuple[list[Entry], list[ClockRow]] | None:
    found = None
    for _hop in range(_MOST_MERGED):
        state = fold(entries)
        if state.status != Status.MERGED:
            break
        other = Complaint.objects.filter(
            number=state.merged_into, project_id=complaint.project_id
        ).first()
        if other is None:
            break
        entries = ledger.entries(SUBJECT, other.pk)
        found = (list(entries), list(reading.of_subject(SUBJECT, other.pk)))
    return found


def _headline(state: State, departments: Mapping[str, str]) -> tuple[str, str]:
    """What happens now, and its tone."""
    if state.severity == Severity.EMERGENCY and state.status in (
        Status.RECEIVED,
        Status.RELAYED,
        Status.AT_WORK,
    ):
        return _danger(state), "danger"
    if state.status == Status.AT_WORK:
        names = stations.named(state.at_work, departments)
        return _("{department}正在处理").format(department=names or _("工作人员")), "now"
    if state.status == Status.EXPLAINED:
        return _explained(state), "now"
    if state.status == Status.RELAYED and state.round > 1:
        return _("已重新受理，客服中心正在安排"), "now"
    words = {
        Status.RECEIVED: (_("已受理您反映的问题，正在转到客服中心"), "now"),
        Status.RELAYED: (_("客服中心正在核实，安排人处理"), "now"),
        Status.FINISHED: (_("已处理完毕，正在核实"), "now"),
        Status.VERIFIED: (_("已处理完毕并核实，接下来回访您"), "now"),
        Status.VISITED: (_("已处理完毕，也已回访您"), "done"),
        Status.CLOSED: (_("这件事已经办结"), "done"),
        Status.WITHDRAWN: (_("已按您的意思撤回，不再处理"), "over"),
        Status.MERGED: (_("与同样的问题一起处理"), "now"),
    }
    return words[state.status]


def _danger(state: State) -> str:
    if state.controlled:
        return _("危险已经控制住，工作人员正在继续处理")
    if state.arrived:
        return _("工作人员已到现场，正在处置")
    return _("已按紧急情况通知值班人员")


def _explained(state: State) -> str:
    if state.explained_accepted is False and not state.mediated:
        return _("我们会由部门负责人再与您沟通")
    return _("已向您说明情况")


def _lines(state: State, clocks: Sequence[ClockRow], now: datetime) -> Iterator[str]:
    """When the customer hears from us, and when it should be done; late is said, and regretted."""
    if state.ended:
        return
    if state.severity == Severity.EMERGENCY and not state.controlled and not _done(state):
        yield _("请先离开危险的地方，保持电话畅通")
    running = [row for row in clocks if row.state == ClockRow.State.RUNNING]
    reply = _next_reply(running)
    if reply is not None and reply.due_at >= now:
        yield _("下次答复：{when}").format(when=until(reply.due_at, now))
    elif reply is not None:
        yield _("原定{when}答复您，我们晚了，很抱歉，正在催办").format(
            when=until(reply.due_at, now)
        )
    due = [row.due_at for row in running if row.rule == promises.HANDLE]
    if due and max(due) >= now:
        yield _("预计{when}处理完毕，如有变化我们会提前告知您").format(when=until(max(due), now))
    elif due:
        yield _("原定{when}处理完毕，现在晚了，很抱歉，我们正在抓紧").format(
            when=until(max(due), now)
        )


def _done(state: State) -> bool:
    return state.status in (Status.FINISHED, Status.VERIFIED, Status.VISITED)


def _next_reply(running: Sequence[ClockRow]) -> ClockRow | None:
    promised = promises.next_reply(running)
    if promised is not None and promised.rule == promises.HANDLE:
        promised = None
    owed = [row for row in running if row.rule == "H.reply"]
    return min(filter(None, [promised, *owed]), key=lambda row: row.due_at, default=None)


def _kept(entries: Sequence[Entry], clocks: Sequence[ClockRow], now: datetime) -> Iterator[Kept]:
    """Promises whose time is over, the latest first: the clocks' verdicts, and appointments."""
    what = {
        "H.contact": _("首次答复您"),
        promises.REPLY: _("答复您"),
        "H.reply": _("答复您的留言"),
        promises.HANDLE: _("处理完毕"),
        "R5.visit": _("回访您"),
        "R7.visit": _("回访您"),
    }
    over = {ClockRow.State.MET: True, ClockRow.State.BREACHED: False}
    found = [
        (row.due_at, what[row.rule], over[ClockRow.State(row.state)])
        for row in clocks
        if row.rule in what and ClockRow.State(row.state) in over
    ]
    for each in promises.of(entries, clocks, now):
        if each.kind == promises.Kind.APPOINTMENT and each.outcome in (
            promises.Outcome.KEPT,
            promises.Outcome.BROKEN,
        ):
            found.append((each.due_at, _("上门"), each.outcome == promises.Outcome.KEPT))
    for due_at, name, kept in sorted(found, key=lambda one: one[0], reverse=True):
        yield Kept(name, until(due_at, now), kept)


_TITLES = {
    "customer_added": lambda: _("您补充"),
    "customer_answered": lambda: _("您回答"),
    "customer_disputed": lambda: _("您说还没有处理好"),
    "customer_confirmed": lambda: _("您确认已处理好"),
    "customer_rated": lambda: _("您的评价"),
    "urged": lambda: _("您催办"),
    "reopened": lambda: _("您要求重新处理"),
    "withdrawn": lambda: _("您撤回"),
    "customer_informed": lambda: _("我们答复您"),
    "customer_asked": lambda: _("我们想问您"),
    "customer_heard": lambda: _("我们已看到您的留言"),
}
_TEXTS = ("words", "reason")
_OURS = {"customer_informed": "told", "customer_asked": "question", "customer_heard": "reply"}


def _said(entries: Sequence[Entry], now: datetime, fit: Fit) -> Iterator[Said]:
    """What was said both ways, the newest first."""
    for entry in reversed(entries):
        theirs = entry.facts.get("by") == CUSTOMER
        if entry.kind not in _TITLES or not (theirs or entry.kind in _OURS):
            continue
        if theirs:
            text = next((entry.said[name] or "" for name in _TEXTS if name in entry.said), "")
        else:
            text = _repeated(entry, entries, fit)
        yield Said(moment(entry.occurred_at, now), theirs, _TITLES[entry.kind](), text)


def _repeated(entry: Entry, entries: Sequence[Entry], fit: Fit) -> str:
    """What staff said to the customer, as it was said; nothing where it holds what nobody is told."""
    text = entry.said.get(_OURS[entry.kind]) or ""
    return text if text and fit(text, entries) else ""


def _questions(entries: Sequence[Entry], state: State, fit: Fit) -> Iterator[str]:
    for entry in entries:
        if entry.number in state.questions:
            yield _repeated(entry, entries, fit) or _("我们还需要了解一些情况，请补充说明")
