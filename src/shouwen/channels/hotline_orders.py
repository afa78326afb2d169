"""Orders that an outside hotline passes on: a complaint with its number and deadline there, once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace
from typing import Annotated

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shouwen.channels.arriving import arrive
from shouwen.channels.models import Hotline
from shouwen.complaints import lifecycle, requests
from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import KeyReused
from shouwen.complaints.words import Channel, Severity
from shouwen.notices.sending.gateway import signature
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer
from shouwen.records.models import Request

#: Seconds by which the sender's clock may differ from ours.
TOLERANCE = 300

Line = Annotated[str, Field(max_length=200)]


class Order(BaseModel):
    """What a hotline sends (docs/hotlines.md)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, hide_input_in_errors=True)

    number: Annotated[str, Field(min_length=1, max_length=100)]
    due_at: AwareDatetime
    content: Annotated[str, Field(min_length=1, max_length=20_000)]
    passed_on_at: AwareDatetime | None = None
    asked: Annotated[str, Field(max_length=20_000)] = ""
    subject: Line = ""
    place: Line = ""
    happened: Line = ""
    name: Line = ""
    telephone: Line = ""
    wish: Annotated[str, Field(max_length=20_000)] = ""
    severity: Severity = Severity.ROUTINE


def new_secret() -> str:
    """A secret that a hotline and we share."""
    return secrets.token_urlsafe(32)


def genuine(hotline: Hotline, timestamp: str, signed: str, body: bytes) -> bool:
    """Whether the body is the hotline's, and of now."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(timezone.now().timestamp() - int(timestamp)) > TOLERANCE:
        return False
    expected = signature(str.__str__(hotline.secret), timestamp, body)
    return hmac.compare_digest(expected.encode(), signed.encode())


def pass_on(project: Project, hotline: Hotline, order: Order) -> Outcome:
    """Receive an order. The same number once more gives the same complaint; what it says otherwise
    then is noted there, so that no word of the hotline is lost.

    Raises a `Refused` as `lifecycle.receive`, `NobodyAnswers` where no post is held.
    """
    matter = order.model_dump(
        mode="json", exclude={"number", "due_at", "passed_on_at", "asked"}, exclude_defaults=True
    )
    now = timezone.now()
    arrived = min(order.passed_on_at or now, now)
    key = f"{hotline.pk}:{order.number}"
    with transaction.atomic():
        try:
            outcome = arrive(project, matter, channel=Channel.HOTLINE, key=key, arrived_at=arrived)
        except KeyReused:
            return _said_anew(project, order, key)
        if not outcome.replayed:
            clerk = outcome.complaint.first_contact
            assert isinstance(clerk, Staff)
            lifecycle.take(
                "register_hotline",
                person=clerk,
                complaint=outcome.complaint,
                data={
                    "order": order.number,
                    "source": hotline.name,
                    "due_at": order.due_at,
                    "asked": order.asked,
                },
                admitted=Answer(True, _("热线转来的工单由系统登记")),
                unattended=True,
            )
        Hotline.objects.filter(pk=hotline.pk).update(heard_at=now)
    return outcome


def _said_anew(project: Project, order: Order, key: str) -> Outcome:
    """A number that is known came with other words."""
    stored = Request.objects.get(key=f"{Channel.HOTLINE}:{key}", actor_id=requests.NOBODY)
    complaint = Complaint.objects.get(project=project, number__in=stored.result["numbers"])
    clerk = complaint.first_contact
    assert isinstance(clerk, Staff)
    words = [order.content, order.asked, f"{timezone.localtime(order.due_at):%Y-%m-%d %H:%M}"]
    text = _("热线对工单 {number} 有新的说明：").format(number=order.number)
    text += "\n" + "\n".join(filter(None, words))
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    outcome = lifecycle.take(
        "note",
        person=clerk,
        complaint=complaint,
        data={"text": text},
        key=f"{key}:{digest}",
        admitted=Answer(True, _("热线转来的工单由系统登记")),
        unattended=True,
    )
    return replace(outcome, replayed=True)
