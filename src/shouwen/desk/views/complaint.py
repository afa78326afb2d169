"""The complaint page: what now, the clocks, what I may do, the ledger, who complained and where."""

from __future__ import annotations

import uuid
import zoneinfo
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from shouwen.channels.mail.kept import IncomingMail
from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, record
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.rules import source_known_to
from shouwen.complaints.state import fold
from shouwen.complaints.steps.record import retractable
from shouwen.complaints.steps.table import At, Step
from shouwen.complaints.words import Severity
from shouwen.desk import calls, hotlines, linked, telling, told, weeks, words
from shouwen.desk.effects import holds
from shouwen.desk.health import alarms
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.homes import sees_homes
from shouwen.desk.views.worklist import URGENT, answers
from shouwen.notices import targets, watching
from shouwen.notices.address import Address
from shouwen.organization.customers import mask
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit, ledger
from shouwen.records.models import Attachment, Entry

NEARBY = timedelta(days=90)
MOST_NEARBY = 5


def complaint_for(person: Staff, number: str) -> Complaint:
    """The complaint of that number, with what its page reads. Http404 where it is not visible."""
    found = (
        visible_to(person, Complaint)
        .select_related(
            "project", "category__parent", "home", "first_contact", "manager", "about", "incident"
        )
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404
    return found


def page_steps(steps: list[Step]) -> list[Step]:
    """The steps with a form of their own; files and incidents have a card, notes are taken back there."""
    return [step for step in steps if step.name not in _IN_CARDS]


_IN_CARDS = ("attach", "retract", "join_incident", "leave_incident")


@dataclass(frozen=True)
class ClockLine:
    """A clock of the complaint as one line."""

    clock: ClockRow
    duty: str
    holder: str
    running: bool
    late: bool
    urgent: bool
    share: float
    said: str
    from_receipt: str = ""

    @property
    def over(self) -> bool:
        return not self.running


def clock_lines(
    clocks: list[ClockRow], names: telling.Names, complaint: Complaint | Contact, now: datetime
) -> list[ClockLine]:
    """Running clocks first, soonest first; then the ended ones, newest first."""
    lines = [_clock_line(row, names, complaint, now) for row in clocks]
    running = sorted((each for each in lines if each.running), key=lambda each: each.clock.due_at)
    ended = [each for each in lines if not each.running]
    ended.sort(key=lambda each: each.clock.ended_by or 0, reverse=True)
    return running + ended


def _clock_line(
    row: ClockRow, names: telling.Names, complaint: Complaint | Contact, now: datetime
) -> ClockLine:
    running = row.state == ClockRow.State.RUNNING
    whole = max((row.due_at - row.started_at).total_seconds(), 1)
    used = (
        (row.stopped_at or (now if running else row.started_at)) - row.started_at
    ).total_seconds()
    said = ""
    if row.state == ClockRow.State.MET and row.stopped_at:
        said = _("用时 {span}").format(span=words.span(row.stopped_at - row.started_at))
    elif row.state == ClockRow.State.BREACHED and row.stopped_at:
        said = words.time_left(row.due_at, row.stopped_at)
    return ClockLine(
        clock=row,
        duty=names.duty(row),
        holder=names.clock_holder(row),
        running=running,
        late=running and row.due_at < now,
        urgent=row.rule in URGENT,
        share=round(min(1.0, max(0.0, used / whole)), 4),
        said=said,
        from_receipt=_from_receipt(row, complaint, now),
    )


def _from_receipt(row: ClockRow, complaint: Complaint | Contact, now: datetime) -> str:
    """[R6] The time since the complaint came in, where its gravity was recognised only later."""
    if not isinstance(complaint, Complaint):
        return ""
    later = row.started_at - complaint.received_at > telling.WORTH_SAYING
    if row.rule != "R6.alert" or not later or complaint.round > 1:
        return ""
    until = row.stopped_at or now
    return _("自受理起 {span}").format(span=words.span(until - complaint.received_at))


def counts(clocks: list[ClockRow]) -> str:
    """4 个计时中，1 个按时"""
    states = ClockRow.State
    sentences = {
        states.RUNNING: lambda n: ngettext("{n} 个计时中", "{n} 个计时中", n),
        states.MET: lambda n: ngettext("{n} 个按时", "{n} 个按时", n),
        states.BREACHED: lambda n: ngettext("{n} 个超时", "{n} 个超时", n),
    }
    found = []
    for state, sentence in sentences.items():
        number = sum(row.state == state for row in clocks)
        if number:
            found.append(sentence(number).format(n=number))
    return words.listed(found)


@dataclass(frozen=True)
class NowBar:
    """One sentence that says what now, and the buttons of the most urgent step."""

    sentence: str
    context: str
    clock: ClockRow | None = None
    steps: tuple[Step, ...] = ()
    late: bool = False
    urgent: bool = False


def now_bar(
    at: At,
    clocks: list[ClockRow],
    steps: list[Step],
    course: list[telling.Told],
    names: telling.Names,
) -> NowBar:
    """What the reader must do next, until when; else who must, else that all is done."""
    complaint = at.complaint
    assert complaint is not None
    running = sorted(
        (row for row in clocks if row.state == ClockRow.State.RUNNING), key=lambda row: row.due_at
    )
    last = next((each for each in course if each.kind not in ("warned", "breached")), None)
    context = ""
    if last is not None:
        context = f"{words.moment(last.at, at.now)} {last.who} {last.title}"
        if last.text and last.kind != "received":
            context = _("{title}：{text}").format(title=context, text=last.text[:60])
    if not running:
        return NowBar(
            _("这件投诉{status}。").format(status=complaint.get_status_display()), context
        )
    for row in running:
        fitting = answers(row, steps)
        if fitting and holds(at.person, row, complaint.project_id):
            return NowBar(
                _("请在{due}{duty}").format(
                    due=words.until(row.due_at, at.now), duty=names.duty(row)
                ),
                context,
                row,
                tuple(fitting[:2] + on_site(at, steps, fitting))[:3],
                row.due_at < at.now,
                row.rule in URGENT,
            )
    row = running[0]
    return NowBar(
        _("等{holder}在{due}{duty}").format(
            holder=names.clock_holder(row),
            due=words.until(row.due_at, at.now),
            duty=names.duty(row),
        ),
        context,
        row,
        (),
        row.due_at < at.now,
        row.rule in URGENT,
    )


def on_site(at: At, steps: list[Step], fitting: list[Step]) -> list[Step]:
    """In an emergency whoever is there says so from the bar, whosever clock it is [R6]."""
    if at.state.severity != Severity.EMERGENCY:
        return []
    return [step for step in steps if step.name in ("arrive", "control") and step not in fitting]


@dataclass(frozen=True)
class Nearby:
    """What else was complained about at the same home, or the same place, in 90 days."""

    title: str
    total: int
    sentence: str
    bars: list[weeks.Bar]
    complaints: list[Complaint]


def nearby(person: Staff, complaint: Complaint, now: datetime) -> Nearby | None:
    """Complaints of the last 90 days from the same home, or else at the same place."""
    since = now - NEARBY
    found = visible_to(person, Complaint).filter(
        project=complaint.project_id, received_at__gte=since
    )
    if complaint.home_id:
        title, found = _("同一住户近 90 天"), found.filter(home=complaint.home_id)
        found = found.filter(source_known_to(person))
    elif complaint.place:
        title, found = _("同一地点近 90 天"), found.filter(place__iexact=complaint.place)
        found = found.exclude(place="")  # as the index of places has it
    else:
        return None
    others = list(found.exclude(pk=complaint.pk).order_by("-received_at", "-pk")[:200])
    received = [complaint.received_at, *(other.received_at for other in others)]
    total = len(others)
    sentence = ngettext("另有 {n} 件，每柱为一周", "另有 {n} 件，每柱为一周", total).format(n=total)
    return Nearby(title, total, sentence, weeks.bars(received, now), others[:MOST_NEARBY])


@require_safe
@staff_page("see_complaint")
def complaint(request: StaffRequest, number: str) -> HttpResponse:
    """The page of one complaint."""
    return complaint_page(request, complaint_for(request.user, number))


def complaint_page(
    request: StaffRequest, found: Complaint, *, attach_error: str = "", status: int = 200
) -> HttpResponse:
    """Render the page; times are those of the complaint's project."""
    person, now = request.user, timezone.now()
    with timezone.override(zoneinfo.ZoneInfo(found.project.timezone)):
        entries: list[Entry] = ledger.entries(SUBJECT, found.pk, with_said=True)
        state = fold(entries)
        at = lifecycle.stand(person, found, state, now=now)
        steps = lifecycle.possible(person, found, state)
        attachments = list(
            Attachment.objects.filter(
                subject_type=SUBJECT, subject_id=found.pk, erased_at=None
            ).order_by("stored_at")
        )
        names = telling.Names(entries)
        course = telling.tell(entries, attachments, names)
        clocks = list(reading.of_subject(SUBJECT, found.pk))
        source = bool(may(person, "see_source", at))
        watchers = watching.watchers(found)
        context: dict[str, Any] = {
            "complaint": found,
            "works": list(
                found.works.select_related("department", "member").order_by("-lead", "pk")
            ),
            "now_bar": now_bar(at, clocks, page_steps(steps), course, names),
            "clocks": clock_lines(clocks, names, found, now),
            "counts": counts(clocks),
            "steps": page_steps(steps),
            "may_attach": any(step.name == "attach" for step in steps),
            "ledger": course,
            "retractable": retractable(at)
            if any(step.name == "retract" for step in steps)
            else set(),
            "fresh_key": uuid.uuid4(),
            "source_hidden": not source,
            "may_link": bool(may(person, "keep_link", at)),
            "home_file": sees_homes(person, found.project_id),
            "telephone": mask(found.telephone) if found.telephone and source else "",
            "email": targets.masked(Address.Kind.EMAIL, found.email) if source else "",
            "mails": visible_to(person, IncomingMail).filter(complaint=found).order_by("arrived_at")
            if source and may(person, "handle_mail")
            else [],
            "missing": words.listed(record.completeness(found)[1]),
            "merged": linked.merged(person, found, entries),
            "hotline": hotlines.card(found, state, entries, clocks, now),
            "siblings": visible_to(person, Complaint)
            .filter(group=found.group_id)
            .exclude(pk=found.pk)
            if found.group_id
            else [],
            "nearby": nearby(person, found, now) if source else None,
            "attachments": attachments,
            "calls": calls.of_complaint(found) if source else [],
            "attach_error": attach_error or " ".join(request.session.pop("files_refused", [])),
            "received": request.GET.get("received", ""),
            "from_contact": visible_to(person, Contact).filter(complaint=found).first(),
            "alarms": alarms(now),
            "told": told.notices_of(found, person),
            "customer_messages": told.customer_messages_of(found),
            "watching": any(each.pk == person.pk for each in watchers),
            "watchers": words.listed(each.name for each in watchers),
            "hops": told.hops_of(found),
            "belongs": linked.belonging(
                at, steps, gone=request.session.pop("incident_gone", False)
            ),
        }
        return render(request, "desk/complaint.html", context, status=status)


@require_POST
@staff_page("see_source")
def telephone(request: StaffRequest, number: str) -> HttpResponse:
    """The whole telephone number, asked for by a click and written down."""
    found = complaint_for(request.user, number)
    at = lifecycle.stand(request.user, found, fold(ledger.entries(SUBJECT, found.pk)))
    if not may(request.user, "see_source", at):
        return HttpResponse(status=403)
    audit.note(
        "telephone_seen",
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=found.pk,
        project_id=found.project_id,
    )
    return render(request, "desk/parts/telephone.html", {"complaint": found})
