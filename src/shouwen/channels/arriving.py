"""What comes in by itself (portal, e-mail, chat, hotline, API) is taken at the front desk (design §3).

Every such door ends here, so that all have one record, one first contact and the same clocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from shouwen.complaints import lifecycle
from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.own_words import in_use
from shouwen.complaints.suggesting import Suggestion, suggest
from shouwen.complaints.words import Channel, Severity
from shouwen.organization import on_duty
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import Position


class NobodyAnswers(LookupError):
    """The company has nobody who could follow a complaint: no post is held at all."""


def arrive(
    project: Project,
    matter: Mapping[str, Any],
    *,
    channel: Channel,
    key: str,
    arrived_at: datetime | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Receive what somebody outside the staff sent: relayed at once, first contact the clerk on duty.

    `matter` is what the step `receive` is told, without channel and first contact. Words that mean
    danger make it an emergency, which the desk may lower with a reason [R6]; a `severity` that the
    sender chose is never lowered here. `key` names what was sent (a form's key, a Message-ID): the
    same once more gives the same complaint. `arrived_at` is when it reached us (default: now); what
    arrived while nobody fetched it counts from then [R2].

    Raises a `Refused` as `lifecycle.receive`, `NobodyAnswers` where no post is held.
    """
    now = now or timezone.now()
    told = {name: value for name, value in matter.items() if name != "first_contact"}
    told["channel"] = channel
    danger = danger_in(str(told.get("content", "")), str(told.get("place", "")))
    if danger is not None and _graver(danger, told.get("severity")):
        told["severity"] = danger.severity
    return lifecycle.receive(
        person=clerk_on_duty(project, now, barred_id=told.get("about")),
        project=project,
        matters=[told],
        occurred_at=arrived_at,
        key=f"{channel}:{key}",
        now=now,
        unattended=True,
    )[0]


def danger_in(content: str, place: str = "") -> Suggestion | None:
    """What the words say, where they mean danger (trapped, fire, gas …); None where they do not."""
    found = suggest(content, place, in_use())
    return found if any(rule.danger for _word, rule in found.reasons) else None


def clerk_on_duty(project: Project, at: datetime, *, barred_id: int | None = None) -> Staff:
    """Who follows what comes in now: the clerk on duty who holds R2.dispatch, or who answers for them."""
    found = on_duty.resolve(
        Position.FRONT_DESK, project_id=project.pk, at=at, barred_id=barred_id
    ).persons
    if not found:
        raise NobodyAnswers(project.code)
    return found[0]


_GRAVITY = {severity: place for place, severity in enumerate(Severity)}


def _graver(danger: Suggestion, chosen: Any) -> bool:
    known = Severity(chosen) if chosen else Severity.ROUTINE
    return danger.severity is not None and _GRAVITY[danger.severity] > _GRAVITY[known]
