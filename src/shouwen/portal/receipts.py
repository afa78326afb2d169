"""The receipt of what was sent: a signed address of its own, for a day, with nothing in clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.core import signing
from django.utils.translation import gettext as _

from shouwen.channels.arriving import danger_in
from shouwen.channels.models import HeldArrival
from shouwen.complaints import promises, reading, tracking
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Severity
from shouwen.organization.models import Project
from shouwen.portal import wording
from shouwen.portal.addresses import tracking_path

LASTS = timedelta(days=1)
_SALT = "shouwen portal receipt"


@dataclass(frozen=True)
class Receipt:
    """What a resident is told: the complaint, or what waits to be looked at; photographs not taken in."""

    complaint: Complaint | None
    lost: int

    @property
    def emergency(self) -> bool:
        """Whether it was received as an emergency."""
        return self.complaint is not None and self.complaint.severity == Severity.EMERGENCY

    @property
    def advice(self) -> str:
        """What to do at once, where there is danger."""
        assert self.complaint is not None
        found = danger_in(self.complaint.content, self.complaint.place)
        return (found.advice if found else "") or _("请您先注意自身安全，不要靠近危险的地方。")

    @property
    def next_reply(self) -> str:
        """By when they hear from us, as people say it; "" where no such clock runs."""
        assert self.complaint is not None
        pk = self.complaint.pk
        clock = promises.next_reply(reading.clocks([pk], running=True)[pk])
        return wording.moment(clock.due_at) if clock else ""

    @property
    def follow(self) -> str:
        """The path of the private tracking link; "" where it was revoked."""
        assert self.complaint is not None
        token = tracking.token_of(self.complaint)
        return tracking_path(token) if token else ""


def sign(result: Complaint | HeldArrival, lost: int = 0) -> str:
    """The part of an address that opens the receipt of this."""
    kind = "c" if isinstance(result, Complaint) else "h"
    return signing.dumps([kind, result.pk, lost], salt=_SALT)


def opened(project: Project, text: str) -> Receipt | None:
    """The receipt; None where it is older than a day, altered, or another project's."""
    try:
        kind, pk, lost = signing.loads(text, salt=_SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError):
        return None
    if kind == "h":
        held = HeldArrival.objects.filter(project=project, pk=pk).first()
        if held is None:
            return None
        pk = held.complaint_id
        if pk is None:
            return Receipt(None, lost)
    complaints = Complaint.objects.select_related("first_contact", "project")
    complaint = complaints.filter(project=project, pk=pk).first()
    return Receipt(complaint, lost) if complaint else None
