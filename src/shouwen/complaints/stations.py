"""The way of a complaint as its customer sees it: five plain stations, and which have been passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from shouwen.clocks import regulations
from shouwen.clocks.models import ClockRow
from shouwen.complaints.moments import moment, until
from shouwen.complaints.standing import Part
from shouwen.complaints.state import State
from shouwen.complaints.words import Status, WorkStatus
from shouwen.records.models import Entry
from shouwen.regulation.durations import Limit


class Passed(TextChoices):
    """Whether a station has been passed, is where the matter is, or lies ahead."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Station:
    """One station: what it is called there, and when or how, in words."""

    label: str
    passed: Passed
    said: str = ""


_ROUND = frozenset({"received", "imported", "reopened"})
_ANEW = _ROUND | {"verification_failed"}
_VISIT = ("R5.visit", "R7.visit")


def named(parts: Iterable[Part], departments: Mapping[str, str]) -> str:
    """The departments of these parts in a row, the lead one first."""
    names = (departments.get(part.department, "") for part in sorted(parts, key=_lead_first))
    return _("、").join(filter(None, names))


def _lead_first(part: Part) -> tuple[bool, str]:
    return not part.lead, part.department


def of(
    entries: Sequence[Entry],
    state: State,
    clocks: Sequence[ClockRow],
    departments: Mapping[str, str],
    now: datetime,
) -> list[Station]:
    """The stations of the round that a complaint is in; of one that was called off, those it passed."""
    began = max(place for place, entry in enumerate(entries) if entry.kind in _ROUND)
    anew = max(place for place, entry in enumerate(entries) if entry.kind in _ANEW)
    received = _received(entries[began], state, now)
    if _only_explained(state):
        found = [received, *_explained(entries[began:], state, now)]
    else:
        found = [received, *_handled(entries[anew:], state, clocks, departments, now)]
    if state.status == Status.WITHDRAWN:
        return [each for each in found if each.passed == Passed.DONE]
    if state.status == Status.CLOSED:
        return [replace(each, passed=Passed.DONE) for each in found if each.passed == Passed.DONE]
    ahead = next((n for n, each in enumerate(found) if each.passed == Passed.AHEAD), None)
    if ahead is not None:
        found[ahead] = replace(found[ahead], passed=Passed.NOW)
    return found


def _received(entry: Entry, state: State, now: datetime) -> Station:
    label = _("已受理您反映的问题") if state.round == 1 else _("已重新受理您反映的问题")
    said = _("{when}，客服中心").format(when=moment(entry.occurred_at, now))
    return Station(label, Passed.DONE, said)


def _only_explained(state: State) -> bool:
    """Settled by an explanation: no department had anything to do, or none has any more."""
    if state.status == Status.EXPLAINED:
        return True
    return state.status == Status.CLOSED and state.explained_accepted is not None


def _explained(entries: Sequence[Entry], state: State, now: datetime) -> list[Station]:
    explained = _last(entries, "explained")
    found = [
        Station(_("已核实情况"), Passed.DONE),
        Station(_("已向您说明"), Passed.DONE, _when(explained, now)),
    ]
    if state.explained_accepted is False:
        mediated = _last(entries, "mediated")
        passed = Passed.DONE if mediated else Passed.AHEAD
        found.append(Station(_("部门负责人与您沟通"), passed, _when(mediated, now)))
    return found


def _handled(
    entries: Sequence[Entry],
    state: State,
    clocks: Sequence[ClockRow],
    departments: Mapping[str, str],
    now: datetime,
) -> list[Station]:
    done = state.completed_since_failure and not state.at_work
    visited = state.visited
    return [
        _dispatched(entries, state, departments, now, passed=done),
        Station(_("现场处理"), _passed(done), "" if done else _on_site(entries, state, now)),
        Station(
            _("处理完毕，核实"),
            _passed(done and (state.verified or visited)),
            _when(_last(entries, "completed"), now) if done else "",
        ),
        Station(
            _("回访您"),
            _passed(visited),
            _when(_last(entries, "visited"), now) if visited else _visit(clocks, now),
        ),
    ]


def _passed(yes: bool) -> Passed:
    return Passed.DONE if yes else Passed.AHEAD


def _dispatched(
    entries: Sequence[Entry],
    state: State,
    departments: Mapping[str, str],
    now: datetime,
    *,
    passed: bool,
) -> Station:
    working = state.at_work or [
        part for part in state.parts.values() if part.status == WorkStatus.COMPLETED
    ]
    sent = next((entry for entry in entries if entry.kind == "dispatched"), None)
    names = named(working, departments)
    if not (state.at_work or passed) or not names:
        return Station(_("转相关部门处理"), _passed(passed))
    return Station(_("已转{department}").format(department=names), Passed.DONE, _when(sent, now))


def _on_site(entries: Sequence[Entry], state: State, now: datetime) -> str:
    """How far the work on site is: arrived, an appointment, or taken up."""
    arrived = _last(entries, "arrived") or _last(entries, "controlled")
    if arrived is not None:
        return _("{when}已到达现场").format(when=f"{moment(arrived.occurred_at, now)} ")
    agreed = [
        datetime.fromisoformat(part.appointment) for part in state.at_work if part.appointment
    ]
    if ahead := [at for at in agreed if at > now]:
        return _("约好{when}上门").format(when=f"{moment(min(ahead), now)} ")
    accepted = _last(entries, "accepted")
    if accepted is not None and state.at_work:
        return _("{when}已有工作人员接手").format(when=f"{moment(accepted.occurred_at, now)} ")
    return ""


def _visit(clocks: Sequence[ClockRow], now: datetime) -> str:
    """By when they are visited: the running clock's time, else what the regulation gives for it."""
    running = [row for row in clocks if row.rule in _VISIT and row.state == ClockRow.State.RUNNING]
    if running and running[-1].due_at >= now:
        when = until(running[-1].due_at, now)
        return _("{when}，由未参与处理的客服人员回访您").format(when=when)
    limit = _limit(clocks)
    if not running and limit is not None and limit.unit == "working day":
        return ngettext(
            "处理完毕后 {n} 个工作日内，由未参与处理的客服人员回访您",
            "处理完毕后 {n} 个工作日内，由未参与处理的客服人员回访您",
            limit.amount,
        ).format(n=limit.amount)
    return _("处理完毕后，由未参与处理的客服人员回访您")


def _limit(clocks: Sequence[ClockRow]) -> Limit | None:
    """What the version of the regulation that the complaint is judged by gives for the visit."""
    if not clocks:
        return None
    rule = regulations.all_versions()[clocks[0].regulation_id].rules_by_id.get(_VISIT[0])
    return rule.within if rule is not None else None


def _last(entries: Sequence[Entry], kind: str) -> Entry | None:
    return next((entry for entry in reversed(entries) if entry.kind == kind), None)


def _when(entry: Entry | None, now: datetime) -> str:
    return moment(entry.occurred_at, now) if entry is not None else ""
