"""A row of my desk, and its HTML: written here rather than in a template for the time that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shouwen.clocks.models import ClockRow
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.steps import ContactStep
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Step
from shouwen.complaints.words import Severity
from shouwen.desk import words


@dataclass(kw_only=True)
class Duty:
    """A row: a clock that I hold, and the step that answers it."""

    clock: ClockRow
    step: Step | ContactStep | None
    verb: str
    limit: str
    late: bool
    urgent: bool
    department: str = ""
    first: bool = False
    shared: bool = False  # lies on colleagues' desks as well, so that it can be claimed
    claimed_by: str = ""  # the name of the colleague who did; of a row on the own desk: oneself
    taken: bool = False  # by a colleague: it stands folded
    why_me: str = ""  # where it is not mine by my own post: a stand-in's, or nobody was there

    @property
    def grave(self) -> bool:
        """Red in the last ten minutes: where minutes count."""
        return self.urgent


@dataclass(kw_only=True)
class ComplaintDuty(Duty):
    """A row about a complaint."""

    complaint: Complaint
    step: Step | None


@dataclass(kw_only=True)
class ContactDuty(Duty):
    """A row about a contact, which is no complaint."""

    contact: Contact
    step: ContactStep | None


def written(duties: Sequence[Duty], now: datetime, csrf_token: str) -> SafeString:
    """The rows of one band, as its list holds them; the token is for what one click does."""
    return mark_safe("\n".join(_row(duty, now, csrf_token) for duty in duties))


def _row(duty: Duty, now: datetime, csrf_token: str) -> str:
    if isinstance(duty, ContactDuty):
        return _contact_row(duty, now)
    assert isinstance(duty, ComplaintDuty)
    return _complaint_row(duty, now, csrf_token)


def _contact_row(duty: ContactDuty, now: datetime) -> str:
    clock, contact, step = duty.clock, duty.contact, duty.step
    page = reverse("desk:contact", args=[contact.number])
    words_of = contact.content.strip().split("\n", 1)[0][:60]
    told = [
        escape(contact.number),
        escape(contact.get_nature_display()),
        f"{escape(words.moment(contact.received_at, now))} {escape(contact.get_channel_display())}",
        *([escape(contact.home)] if contact.home else []),
        *filter(None, (escape(duty.department), escape(duty.why_me))),
    ]
    explained = reverse("desk:contact-clock", args=[contact.number, clock.pk])
    if step is None:
        act = f'<a class="btn" href="{page}">{escape(_("查看"))}</a>'
    else:
        look = " main" if duty.first else ""
        act = (
            f'<button class="btn{look}" type="button" data-opens data-key="{step.letter.lower()}" '
            f'hx-get="{reverse("desk:contact-step", args=[contact.number, step.name])}" '
            f'hx-target="#slot-{clock.pk}" data-draft-of="contact:{contact.number}:{step.name}">'
            f"{escape(step.verb)}<kbd>{step.letter}</kbd></button>"
        )
    return (
        f'<li class="duty" data-row id="duty-{clock.pk}"><div class="duty-line">{_left(duty, now)}'
        f'<div class="what-cell"><div class="what"><a href="{page}">'
        f"<strong>{escape(duty.verb)}</strong> · {escape(words_of)}</a></div>"
        f'<div class="small quiet">{" · ".join(told)}</div></div>'
        f'<div class="why small quiet"><a class="article house" href="{explained}">'
        f"{escape(words.article(None))}</a> {escape(duty.limit)}</div>"
        f'<div class="act">{act}</div></div><div class="slot" id="slot-{clock.pk}"></div></li>'
    )


def _complaint_row(duty: ComplaintDuty, now: datetime, csrf_token: str) -> str:
    clock, complaint = duty.clock, duty.complaint
    return (
        f'<li class="duty" data-row id="duty-{clock.pk}"><div class="duty-line">'
        f"{_left(duty, now)}"
        f'<div class="what-cell"><div class="what">'
        f'<a href="{reverse("desk:complaint", args=[complaint.number])}">'
        f"<strong>{escape(duty.verb)}</strong> · {escape(complaint.subject)}</a></div>"
        f'<div class="small quiet">{_beside(duty, now)}</div></div>'
        f'<div class="why small quiet">{_why(duty)}</div>'
        f'<div class="act">{_act(duty)}{_claim(duty, csrf_token)}</div></div>'
        f'<div class="slot" id="slot-{clock.pk}"></div></li>'
    )


def _left(duty: Duty, now: datetime) -> str:
    due_at = duty.clock.due_at
    due = timezone.localtime(due_at).isoformat()
    return (
        f'<time class="left{" late" if duty.late else ""}" datetime="{due}" data-due="{due}"'
        f'{" data-grave" if duty.grave else ""} title="{words.exact(due_at)}">'
        f"{escape(words.time_left(due_at, now))}</time>"
    )


def _beside(duty: ComplaintDuty, now: datetime) -> str:
    complaint = duty.complaint
    late = ' class="late"' if complaint.severity == Severity.EMERGENCY else ""
    told = [
        escape(complaint.number),
        f"<span{late}>{escape(complaint.get_severity_display())}</span>",
        f"{escape(words.moment(complaint.received_at, now))} "
        f"{escape(complaint.get_channel_display())}",
    ]
    if complaint.home and not complaint.confidential:
        told.append(escape(complaint.home))
    if duty.department:
        told.append(escape(duty.department))
    if duty.why_me:
        told.append(escape(duty.why_me))
    if duty.claimed_by:
        said = _("已由{name}领办").format(name=duty.claimed_by)
        told.append(f'<span class="tag">{escape(said)}</span>')
    return " · ".join(told)


def _why(duty: ComplaintDuty) -> str:
    clock = duty.clock
    address = reverse("desk:clock", args=[duty.complaint.number, clock.pk])
    house = "" if clock.article else " house"
    said = escape(words.article(clock.article or None))
    return f'<a class="article{house}" href="{address}">{said}</a> {escape(duty.limit)}'


def _claim(duty: ComplaintDuty, csrf_token: str) -> str:
    """Claiming and giving back, by one click or key and without a form to fill in."""
    if not duty.shared:
        return ""
    name = "give_back" if duty.claimed_by and not duty.taken else "claim"
    verb = _("接过来") if duty.taken else STEPS[name].verb
    address = reverse("desk:step", args=[duty.complaint.number, name])
    letter = STEPS[name].letter
    key = f' data-key="{letter.lower()}"' if letter else ""
    kbd = f"<kbd>{letter}</kbd>" if letter else ""
    return (
        f'<form class="claim" method="post" action="{address}" hx-post="{address}" hx-swap="none">'
        f'<input type="hidden" name="csrfmiddlewaretoken" value="{csrf_token}">'
        f'<input type="hidden" name="version" value="{duty.complaint.version}">'
        f'<input type="hidden" name="key" value="{uuid4()}">'
        f'<button class="btn plain" type="submit"{key}>{escape(str(verb))}{kbd}</button></form>'
    )


def _report(duty: ComplaintDuty) -> str:
    """A report is written on a page of its own."""
    step = duty.step
    assert step is not None
    level = "board" if duty.clock.rule == "R7.report" else "company"
    address = reverse("desk:report", args=[duty.complaint.number, level])
    look = " main" if duty.first else ""
    verb = escape(_("写报告"))
    return (
        f'<a class="btn{look}" href="{address}" data-key="{step.letter.lower()}">'
        f"{verb}<kbd>{step.letter}</kbd></a>"
    )


def _act(duty: ComplaintDuty) -> str:
    number, step = duty.complaint.number, duty.step
    if step is None:
        address = reverse("desk:complaint", args=[number])
        return f'<a class="btn" href="{address}">{escape(_("查看"))}</a>'
    if step.name == "file_report":
        return _report(duty)
    look = " urgent" if duty.urgent else " main" if duty.first else ""
    letter = f"<kbd>{step.letter}</kbd>" if step.letter else ""
    return (
        f'<button class="btn{look}" type="button" data-opens data-key="{step.letter.lower()}" '
        f'hx-get="{reverse("desk:step", args=[number, step.name])}" '
        f'hx-target="#slot-{duty.clock.pk}" data-draft-of="step:{number}:{step.name}">'
        f"{escape(step.verb)}{letter}</button>"
    )
