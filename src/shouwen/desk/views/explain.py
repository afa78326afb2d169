"""How one clock was counted: the clause, the rule, every stretch, the entries that moved it."""

from __future__ import annotations

import zoneinfo

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from shouwen.clocks import explaining, heartbeat
from shouwen.clocks.models import ClockRow
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT as CONTACT
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.desk import telling, words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import clock_lines, complaint_for
from shouwen.desk.views.contacts import contact_for
from shouwen.desk.views.regulation import rule_in_words
from shouwen.records import ledger
from shouwen.regulation.explain import Stretch


def _amount(stretch: Stretch, unit: str) -> str:
    if not stretch.counted:
        return ""
    if unit == "working_days":
        days = int(stretch.amount)
        return ngettext("{n} 个工作日", "{n} 个工作日", days).format(n=days)
    return words.span(stretch.end - stretch.start)


def _total(explanation: explaining.Explanation) -> str:
    if explanation.unit == "working_days":
        days = int(explanation.counted)
        return ngettext("{n} 个工作日", "{n} 个工作日", days).format(n=days)
    return words.span(explanation.row.due_at - explanation.row.started_at)


@require_safe
@staff_page("see_complaint")
def clock(request: StaffRequest, number: str, pk: int) -> HttpResponse:
    """One clock explained."""
    complaint = complaint_for(request.user, number)
    row = get_object_or_404(ClockRow, pk=pk, subject_type=SUBJECT, subject_id=complaint.pk)
    return _page(request, row, complaint)


@require_safe
@staff_page("see_contacts")
def contact_clock(request: StaffRequest, number: str, pk: int) -> HttpResponse:
    """One clock of a contact explained."""
    contact = contact_for(request.user, number)
    row = get_object_or_404(ClockRow, pk=pk, subject_type=CONTACT, subject_id=contact.pk)
    return _page(request, row, contact)


def _page(request: StaffRequest, row: ClockRow, subject: Complaint | Contact) -> HttpResponse:
    now = timezone.now()
    with timezone.override(zoneinfo.ZoneInfo(subject.project.timezone)):
        explanation = explaining.explain(row)
        named = [explanation.started_by, *explanation.moved_by, *explanation.fired]
        if explanation.ended_by is not None:
            named.append(explanation.ended_by)
        for entry, said in zip(named, _said(named), strict=True):
            entry.said = said
        names = telling.Names(named)
        told = {each.number: each for each in telling.tell(named, names=names)}
        stretches = [
            {
                "start": each.start,
                "end": each.end,
                "counted": each.counted,
                "amount": _amount(each, explanation.unit),
                "why": explaining.why(each),
                "entry": told.get(each.entry) if each.entry else None,
            }
            for each in explanation.stretches
        ]
        return render(
            request,
            "desk/clock.html",
            {
                "complaint" if isinstance(subject, Complaint) else "contact": subject,
                "line": clock_lines([row], names, subject, now)[0],
                "rule": rule_in_words(explanation.rule, names),
                "clause": explanation.clause,
                "stretches": stretches,
                "total": _total(explanation),
                "started": told[explanation.started_by.number],
                "ended": told.get(explanation.ended_by.number) if explanation.ended_by else None,
                "moved": [told[entry.number] for entry in explanation.moved_by],
                "fired": [
                    {"told": told[entry.number], "late": _late(entry)}
                    for entry in explanation.fired
                ],
                "late": words.time_left(row.due_at, row.stopped_at or now)
                if explanation.late_by(now)
                else "",
                "verdict": _verdict(row),
            },
        )


def _said(entries: list[ledger.Entry]) -> list[dict[str, str | None]]:
    read = ledger.read(entries)
    return [read[entry.pk] for entry in entries]


def _late(entry: ledger.Entry) -> str:
    """Why a warning or breach was announced late: the timekeeping stood still then."""
    outage = heartbeat.outage_at(entry.occurred_at)
    return _("计时程序中断，补发") if outage else ""


def _verdict(row: ClockRow) -> str:
    if row.state == ClockRow.State.RUNNING:
        return _("还在计时。办完后按实际办理时间判定，之后不再改变。")
    return {
        ClockRow.State.MET: _("按时。这个判定不再改变。"),
        ClockRow.State.BREACHED: _("超时。这个判定不再改变。"),
        ClockRow.State.VOID: _("不计：情况变化后这个时限不再适用。"),
    }[ClockRow.State(row.state)]
