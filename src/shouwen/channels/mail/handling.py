"""What the front desk does with a message that was not taken up by itself."""

from __future__ import annotations

import datetime

from django.utils import timezone

from shouwen.channels.mail import raw, taking
from shouwen.channels.mail.kept import IncomingMail
from shouwen.channels.mail.parsing import Letter
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Staff

State = IncomingMail.State
#: What is not part of a complaint yet: held, or set aside by the system or by somebody.
UNDECIDED = (State.HELD, State.IGNORED, State.DISCARDED)


class Decided(Exception):
    """Somebody else has decided about the message meanwhile."""


class Unreadable(Exception):
    """The raw message is not there (any more): nothing can be made of it."""


def to_complaint(
    mail: IncomingMail, person: Staff, now: datetime.datetime | None = None
) -> Complaint:
    """Make it a complaint, received when it arrived.

    Raises Decided, Unreadable, a `Refused` of the step, `arriving.NobodyAnswers`.
    """
    now = now or timezone.now()
    fresh, letter = _undecided(mail)
    by_machine = bool(letter.automatic)
    complaint = taking.become(fresh, letter, now)
    if by_machine:
        fresh.receipt, fresh.receipt_next_at = IncomingMail.Receipt.NONE, None
    _decided(fresh, person, now)
    return complaint


def add_to(
    mail: IncomingMail, complaint: Complaint, person: Staff, now: datetime.datetime | None = None
) -> None:
    """Add it to a complaint of the same project that the person sees.

    Raises Decided, Unreadable, a `Refused`; ValueError for a complaint of another project.
    """
    if complaint.project_id != mail.project_id:
        raise ValueError("a message belongs to one project")
    now = now or timezone.now()
    fresh, letter = _undecided(mail)
    taking.join(fresh, letter, complaint, now)
    _decided(fresh, person, now)


def discard(
    mail: IncomingMail, person: Staff, reason: str, now: datetime.datetime | None = None
) -> None:
    """Set it aside, saying why. Raises Decided; ValueError without a reason."""
    if not reason.strip():
        raise ValueError("a message is set aside for a reason")
    fresh = IncomingMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if fresh.state != State.HELD:
        raise Decided
    fresh.state, fresh.reason = State.DISCARDED, reason.strip()[:500]
    _decided(fresh, person, now or timezone.now())


def _undecided(mail: IncomingMail) -> tuple[IncomingMail, Letter]:
    found = IncomingMail.objects.select_for_update(of=("self",)).select_related("project")
    fresh = found.get(pk=mail.pk)
    if fresh.state not in UNDECIDED:
        raise Decided
    letter = raw.letter(fresh)
    if letter is None:
        raise Unreadable
    return fresh, letter


def _decided(mail: IncomingMail, person: Staff, now: datetime.datetime) -> None:
    mail.handled_by, mail.handled_at = person, now
    mail.save()
