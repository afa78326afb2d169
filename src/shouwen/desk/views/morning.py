"""The morning sheet (早会一页纸): what a morning meeting speaks of, on one page."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from shouwen.clocks.models import ClockRow
from shouwen.complaints import morning, promises, reading
from shouwen.complaints.models import Complaint
from shouwen.complaints.morning import Found, Meeting, Span
from shouwen.complaints.rules import WHOLE_PROJECT
from shouwen.complaints.words import Severity
from shouwen.desk import telling, words
from shouwen.desk.brief import Hands, fact, said_with, told
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.holders import positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.records.models import Entry

#: Rows of one section at most, and lines of print that all sections share on one sheet of A4.
MOST_ROWS = 15
LINES = 39
#: Steps of a night that are told, the last ones.
MOST_STEPS = 3

VISITS = ("R5.visit", "R7.visit")


@dataclass
class Row:
    """One complaint on the sheet: when, what, and what is to be said of it."""

    complaint: Complaint
    when: str
    exact: str = ""
    red: bool = False
    lines: list[str] = field(default_factory=list)
    who: str = ""
    vacant: bool = False
    clock: ClockRow | None = None
    duty: str = ""


@dataclass
class Section:
    """A part of the sheet: its rows, how many there are in all, and the list that has them."""

    name: str
    title: str
    hint: str
    rows: list[Row]
    total: int
    all: str
    nothing: str

    @property
    def rest(self) -> int:
        """How many are not on the sheet."""
        return self.total - len(self.rows)

    @property
    def many(self) -> bool:
        """There may be more than were counted."""
        return self.total >= morning.MOST


def share(wanted: Sequence[int], lines: Sequence[int], room: int) -> list[int]:
    """How many rows each section gets, one after the other in turns, until the sheet is full.

    `wanted` rows of `lines` lines each; small sections come on whole, large ones share the rest.
    """
    given = [0] * len(wanted)
    going = True
    while going:
        going = False
        for place, most in enumerate(wanted):
            if given[place] < most and lines[place] <= room:
                given[place] += 1
                room -= lines[place]
                going = True
    return given


#: Lines of print that a row of each section takes.
_LINES = {"night": 2, "overdue": 1, "today": 1, "pressed": 2, "unreached": 1}


class Sheet:
    """Everything on the sheet of one day, read in a number of queries that never grows."""

    def __init__(self, person: Staff, projects: list[Project], day: date, now: datetime) -> None:
        self.day, self.now = day, now
        self.projects = projects
        self.present = day == timezone.localdate(now)
        self.night = morning.night(day, now)
        self.since_last = morning.since_last_meeting(day, now)
        meeting = Meeting(person, projects)
        most = MOST_ROWS + 1
        self.new, self.emergencies = meeting.new(self.night)
        found = {"night": meeting.last_night(self.night, most)}
        if self.present:
            found["overdue"] = meeting.overdue(now, most)
            found["today"] = meeting.due_today(now, most)
        found["pressed"] = meeting.pressed(self.since_last, most, open_only=self.present)
        found["unreached"] = (
            meeting.unreached(most) if self.present else meeting.tried(self.since_last, most)
        )
        self.found = self._fitted(found)
        self._read()
        self.sections = [self._section(name, each) for name, each in self.found.items()]

    def _fitted(self, found: Mapping[str, Found]) -> dict[str, Found]:
        given = share(
            [min(len(each.complaints), MOST_ROWS) for each in found.values()],
            [_LINES[name] for name in found],
            # A part with nothing to show says so, on a line of its own.
            LINES - sum(not each.complaints for each in found.values()),
        )
        return {
            name: Found(each.complaints[:rows], each.total)
            for (name, each), rows in zip(found.items(), given, strict=True)
        }

    def _read(self) -> None:
        shown = {each.pk for found in self.found.values() for each in found.complaints}
        self.ledgers = reading.ledgers(shown)
        self.clocks = reading.clocks(shown, running=True)
        entries = [entry for ledger in self.ledgers.values() for entry in ledger]
        self.names = telling.Names(entries)
        rows = [row for clocks in self.clocks.values() for row in clocks]
        self.hands = Hands(rows, shown, self.names)

    # -- what is said

    def sentence(self) -> str:
        """What matters now, before everything else."""
        if not self.projects:
            return ""
        if self.new:
            if self.present:
                came = ngettext("昨夜 {n} 件新投诉", "昨夜 {n} 件新投诉", self.new)
            else:
                came = ngettext("前一夜 {n} 件新投诉", "前一夜 {n} 件新投诉", self.new)
            night = came.format(n=_number(self.new))
            if self.emergencies:
                urgent = ngettext("{n} 件紧急抢险", "{n} 件紧急抢险", self.emergencies)
                night = _("{first}，{second}").format(
                    first=night, second=urgent.format(n=self.emergencies)
                )
        else:
            night = _("昨夜没有新投诉") if self.present else _("前一夜没有新投诉")
        parts = [night]
        if self.present:
            parts.append(_("{first}，{second}").format(first=self._overdue(), second=self._today()))
        pressed = self.found["pressed"].total
        if pressed:
            parts.append(
                ngettext("{n} 件被催办", "{n} 件被催办", pressed).format(n=_number(pressed))
            )
        return _("{parts}。").format(parts=_("；").join(parts))

    def _overdue(self) -> str:
        total = self.found["overdue"].total
        if not total:
            return _("没有超时")
        return ngettext("{n} 件超时", "{n} 件超时", total).format(n=_number(total))

    def _today(self) -> str:
        total = self.found["today"].total
        if not total:
            return _("今天没有到期的")
        return ngettext("今天到期 {n} 件", "今天到期 {n} 件", total).format(n=_number(total))

    def _section(self, name: str, found: Found) -> Section:
        title, hint, nothing, asked = {
            "night": (
                _("昨夜") if self.present else _("前一夜"),
                self._span(self.night),
                _("没有新投诉，也没有紧急事项的进展。"),
                {"since": self.night.since.date().isoformat(), "until": self.day.isoformat()},
            ),
            "overdue": (
                _("超时"),
                _("超得最久的在前"),
                _("没有超时的时限。"),
                {"is": "late", "sort": "due"},
            ),
            "today": (
                _("今天到期"),
                _("最先到期的在前"),
                _("今天没有到期的时限。"),
                {"is": "today", "sort": "due"},
            ),
            "pressed": (
                _("再次催办"),
                _("{since} 以来").format(since=words.moment(self.since_last.since, self.now))
                if self.present
                else self._span(self.since_last),
                _("没有客户催办。"),
                {"is": "urged"},
            ),
            "unreached": (
                _("回访未果"),
                _("还要再访的") if self.present else _("当天没有访到的"),
                _("没有访而未果的。"),
                {"is": "unreached"},
            ),
        }[name]
        if len(self.projects) == 1:
            asked["project"] = self.projects[0].code
        rows = [getattr(self, f"_{name}_row")(each) for each in found.complaints]
        address = f"{reverse('desk:complaints')}?{urlencode(asked)}"
        return Section(name, title, hint, rows, found.total, address, nothing)

    def _span(self, span: Span) -> str:
        return _("{since} 至 {until}").format(
            since=words.moment(span.since, self.now), until=words.moment(span.until, self.now)
        )

    def _night_row(self, complaint: Complaint) -> Row:
        entries = self.ledgers[complaint.pk]
        kinds = {entry.kind for entry in entries} - promises.QUIET - {"received", "relayed"}
        span = self.night
        if complaint.received_at >= span.since and self.present:
            span = Span(span.since, self.now)  # what became of it by now
        done = morning.in_span(entries, kinds, span)
        at = [complaint.received_at, *(entry.occurred_at for entry in done[:1])]
        first = at[0] if at[0] >= self.night.since else at[-1]
        return Row(
            complaint,
            f"{timezone.localtime(first):%H:%M}",
            words.exact(first),
            red=complaint.severity == Severity.EMERGENCY,
            lines=[self._course(done)] if done else [],
        )

    def _course(self, done: Sequence[Entry]) -> str:
        """The last steps with their times, and the words of the last."""
        shown = [_with_time(entry, self.names, with_words=False) for entry in done[-MOST_STEPS:-1]]
        return " · ".join([*shown, _with_time(done[-1], self.names, with_words=True)])

    def _overdue_row(self, complaint: Complaint) -> Row:
        late = [row for row in self.clocks[complaint.pk] if row.due_at < self.now]
        row = self._clock_row(complaint, promises.pressing(late))
        row.red = True
        if len(late) > 1:
            others = ngettext("另有 {n} 个超时", "另有 {n} 个超时", len(late) - 1)
            row.lines.append(others.format(n=len(late) - 1))
        return row

    def _today_row(self, complaint: Complaint) -> Row:
        return self._clock_row(complaint, promises.pressing(self._soonest(complaint)))

    def _soonest(self, complaint: Complaint) -> list[ClockRow]:
        tonight = timezone.localtime(self.now).replace(hour=0, minute=0, second=0, microsecond=0)
        tonight += timedelta(days=1)
        return [row for row in self.clocks[complaint.pk] if row.due_at <= tonight]

    def _clock_row(self, complaint: Complaint, clock: ClockRow | None) -> Row:
        if clock is None:  # ended between two of our questions
            return Row(complaint, "—")
        late = clock.due_at < self.now
        return Row(
            complaint,
            words.time_left(clock.due_at, self.now)
            if late
            else words.until(clock.due_at, self.now),
            words.exact(clock.due_at),
            who=self.hands.of_clock(clock),
            vacant=self.hands.nobody(clock),
            clock=clock,
            duty=self.names.duty(clock),
        )

    def _pressed_row(self, complaint: Complaint) -> Row:
        urged = morning.in_span(self.ledgers[complaint.pk], [morning.URGED], self.since_last)
        times = ngettext("第 {n} 次", "第 {n} 次", complaint.urged).format(n=complaint.urged)
        row = Row(complaint, times, who=self._with_whom(complaint))
        if urged:
            last = urged[-1]
            at, said = words.moment(last.occurred_at, self.now), said_with(last)
            row.lines = [f"{at} {words.quoted(said)}" if said else at]
            row.exact = words.exact(last.occurred_at)
        return row

    def _unreached_row(self, complaint: Complaint) -> Row:
        ledger = self.ledgers[complaint.pk]
        tried = [entry for entry in ledger if entry.kind == morning.ATTEMPTED]
        if not self.present:
            tried = morning.in_span(tried, [morning.ATTEMPTED], self.since_last)
        number = max(len(tried), 1) if not self.present else complaint.visit_attempts
        row = Row(complaint, ngettext("{n} 次", "{n} 次", number).format(n=number))
        if tried:
            row.lines = [
                f"{words.moment(tried[-1].occurred_at, self.now)} {self._result(tried[-1])}"
            ]
        visit = next((each for each in self.clocks[complaint.pk] if each.rule in VISITS), None)
        if visit is not None:
            row.clock = visit
            row.who = self.hands.of_clock(visit)
            row.duty = words.until(visit.due_at, self.now)
            row.red = visit.due_at < self.now
        return row

    def _result(self, entry: Entry) -> str:
        return fact(entry, "result", self.names)

    def _with_whom(self, complaint: Complaint) -> str:
        clock = promises.pressing(self.clocks[complaint.pk])
        return self.hands.of_complaint(complaint.pk, clock)


def _with_time(entry: Entry, names: telling.Names, *, with_words: bool) -> str:
    at = timezone.localtime(entry.occurred_at)
    return f"{at:%H:%M} {told(entry, names, with_words=with_words)}"


def _number(total: int) -> str:
    return f"{morning.MOST}+" if total >= morning.MOST else str(total)


def sees_all(person: Staff, projects: Iterable[Project]) -> bool:
    """Whether the person sees every complaint of these projects, but those about them."""
    whole = {post.project_id for post in positions_of(person) if post.position in WHOLE_PROJECT}
    return None in whole or all(project.pk in whole for project in projects)


def chosen(person: Staff, code: str) -> tuple[list[Project], list[Project]]:
    """The projects that the person can choose from, and those chosen: one, or all together."""
    choices = list(visible_to(person, Project).filter(is_active=True).order_by("code"))
    one = [project for project in choices if project.code == code]
    return choices, one or choices


def _day(said: str, today: date) -> date:
    """The day asked for; today where none is, or one that has not come yet."""
    try:
        day = parse_date(said)
    except ValueError:
        day = None
    return min(day, today) if day else today


@require_safe
@staff_page("see_complaint")
def sheet(request: StaffRequest) -> HttpResponse:
    """The morning sheet of one project, or of all together; of today or of an earlier day."""
    choices, projects = chosen(request.user, request.GET.get("project", ""))
    zone = projects[0].timezone if len(projects) == 1 else settings.TIME_ZONE
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        now = timezone.now()
        today = timezone.localdate(now)
        made = Sheet(request.user, projects, _day(request.GET.get("day", ""), today), now)
        context = {
            "here": "morning",
            "sheet": made,
            "sentence": made.sentence(),
            "choices": choices,
            "project": projects[0] if len(projects) == 1 else None,
            "several": len(projects) > 1,
            "partly": not sees_all(request.user, projects),
            "today": today,
            "earlier": made.day - timedelta(days=1),
            "later": made.day + timedelta(days=1) if made.day < today else None,
        }
        return render(request, "desk/morning.html", context)
