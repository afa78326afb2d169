"""A row of my desk, and its HTML: written here rather than in a template for the time that takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps.table import Step
from shouwen.complaints.words import Severity
from shouwen.desk import words


@dataclass
class Duty:
    """A row: a clock that I hold, and the step that answers it."""

    clock: ClockRow
    complaint: Complaint
    step: Step | None
    verb: str
    limit: str
    late: bool
    urgent: bool
    department: str = ""
    first: bool = False

    @property
    def grave(self) -> bool:
        """Red in the last ten minutes: where minutes count."""
        return self.urgent


def written(duties: Sequence[Duty], now: datetime) -> SafeString:
    """The rows of one band, as its list holds them."""
    return mark_safe("\n".join(_row(duty, now) for duty in duties))


def _row(duty: Duty, now: datetime) -> str:
    clock, complaint = duty.clock, duty.complaint
    return (
        f'<li class="duty" data-row id="duty-{clock.pk}"><div class="duty-line">'
        f"{_left(duty, now)}"
        f'<div class="what-cell"><div class="what">'
        f'<a href="{reverse("desk:complaint", args=[complaint.number])}">'
        f"<strong>{escape(duty.verb)}</strong> · {escape(complaint.subject)}</a></div>"
        f'<div class="small quiet">{_beside(duty, now)}</div></div>'
        f'<div class="why small quiet">{_why(duty)}</div>'
        f'<div class="act">{_act(duty)}</div></div>'
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


def _beside(duty: Duty, now: datetime) -> str:
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
    return " · ".join(told)


def _why(duty: Duty) -> str:
    clock = duty.clock
    address = reverse("desk:clock", args=[duty.complaint.number, clock.pk])
    house = "" if clock.article else " house"
    said = escape(words.article(clock.article or None))
    return f'<a class="article{house}" href="{address}">{said}</a> {escape(duty.limit)}'


def _act(duty: Duty) -> str:
    number, step = duty.complaint.number, duty.step
    if step is None:
        address = reverse("desk:complaint", args=[number])
        return f'<a class="btn" href="{address}">{escape(_("查看"))}</a>'
    look = " urgent" if duty.urgent else " main" if duty.first else ""
    letter = f"<kbd>{step.letter}</kbd>" if step.letter else ""
    return (
        f'<button class="btn{look}" type="button" data-opens data-key="{step.letter.lower()}" '
        f'hx-get="{reverse("desk:step", args=[number, step.name])}" '
        f'hx-target="#slot-{duty.clock.pk}" data-draft-of="step:{number}:{step.name}">'
        f"{escape(step.verb)}{letter}</button>"
    )
