"""Sending one message to a customer, and writing through the one door what they were told."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.utils import timezone

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Refused
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.notices import threads
from shouwen.notices.address import Gateway
from shouwen.notices.customers import reaching, suggesting
from shouwen.notices.customers.composing import Words
from shouwen.notices.customers.kept import CustomerMessage
from shouwen.notices.customers.reaching import Way
from shouwen.notices.message import Message
from shouwen.notices.outgoing import MOST_ATTEMPTS, Again
from shouwen.notices.sending import Failed, gateway, mail
from shouwen.organization import on_duty
from shouwen.organization.permissions import Answer
from shouwen.organization.positions import Position
from shouwen.records import ledger
from shouwen.records.models import Entry

_STATE = CustomerMessage.State
# After these the desk has spoken with the customer, or there is another thing to be told.
_OVERTAKEN = {
    "received": frozenset({"customer_informed", "explained", "visited"}),
    "delayed": frozenset({"customer_informed", "visited", "completed", "extended", "recalled"}),
    "result": frozenset({"customer_informed", "visited", "verification_failed", "reopened"}),
}
_ENDED = frozenset({"withdrawn", "merged"})


def send(message_id: int, now: datetime.datetime | None = None) -> None:
    """Send one message and record it. Raises Again where another attempt may help.

    At least once: whoever is killed after the gateway took it sends it again under the same delivery
    number, by which gateways and mailboxes drop a second. It is recorded once.
    """
    now = now or timezone.now()
    message = CustomerMessage.objects.select_related("template").get(pk=message_id)
    if message.state != _STATE.WAITING:
        return
    complaint = Complaint.objects.select_related("project", "customer").get(pk=message.complaint_id)
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    way = reaching.way(complaint)
    words = _words(message, complaint, entries)
    if way and _recorded(message, entries, words):  # killed after recording it, before saying so
        message.channel, message.sent_at = way.medium, now
        _end(message, _STATE.SENT)
        return
    if way is None or not words.whole or _overtaken(message, entries):
        _end(message, _STATE.LEFT, error="" if way else "no_target")
        return
    try:
        _hand_over(way, message, complaint, words)
    except Failed as failure:
        _failed(message, failure)
        return
    _record(message, complaint, way, words, now)


def _words(message: CustomerMessage, complaint: Complaint, entries: Sequence[Entry]) -> Words:
    """As they stood when it fell due: made of the ledger up to its entry, each attempt alike."""
    return suggesting.composed(
        complaint,
        [entry for entry in entries if entry.number <= message.entry_number],
        message.occasion,
        language=message.language,
        text=message.template.text if message.template else "",
        now=message.send_at,
    )


def _overtaken(message: CustomerMessage, entries: Sequence[Entry]) -> bool:
    since = {entry.kind for entry in entries if entry.number > message.entry_number}
    return bool(since & (_OVERTAKEN[message.occasion] | _ENDED))


def _recorded(message: CustomerMessage, entries: Sequence[Entry], words: Words) -> bool:
    return any(
        entry.kind == "customer_informed"
        and entry.actor_id is None
        and entry.number > message.entry_number
        and entry.said.get("told") == words.text
        for entry in entries
    )


def _hand_over(way: Way, message: CustomerMessage, complaint: Complaint, words: Words) -> None:
    said = Message(
        title=complaint.project.name,
        lines=(words.text,),
        link="",
        language=message.language,
        to_customer=True,
    )
    delivery = f"shouwen-customer-{message.pk}"
    if way.kind == Gateway.Kind.SMTP:
        own = threads.own_id(complaint.pk, f"customer-{message.pk}")
        mail.send(way.to, said, own, threads.thread_of(complaint))
    else:
        gateway.send(way.kind, way.to, said, delivery)


def _failed(message: CustomerMessage, failure: Failed) -> None:
    message.attempts += 1
    if not failure.temporary or message.attempts >= MOST_ATTEMPTS:
        _end(message, _STATE.FAILED, error=failure.code)
        return
    message.error = failure.code
    message.save(update_fields=["attempts", "error"])
    raise Again(failure.code)


def _record(
    message: CustomerMessage,
    complaint: Complaint,
    way: Way,
    words: Words,
    now: datetime.datetime,
) -> None:
    """[R4] What they were told goes into the ledger as the system's own act; the promise is a clock."""
    data = {"told": words.text, "medium": way.medium}
    if words.next_at is not None and words.next_at > now:
        data["next_update_at"] = words.next_at.isoformat()
    about = fold(ledger.entries(SUBJECT, complaint.pk)).about_id
    desk = on_duty.resolve(
        Position.FRONT_DESK, project_id=complaint.project_id, at=now, barred_id=about
    )
    error = ""
    try:
        lifecycle.take(
            STEPS["inform_customer"].name,
            person=desk.persons[0],
            complaint=complaint,
            data=data,
            key=f"customer-message-{message.pk}",
            admitted=Answer(True, ""),
            unattended=True,
        )
    except Refused:
        error = "unrecorded"
    message.channel, message.sent_at = way.medium, now
    _end(message, _STATE.SENT, error=error)


def _end(message: CustomerMessage, state: str, *, error: str = "") -> None:
    message.state, message.error = state, error
    message.save(update_fields=["state", "error", "channel", "sent_at", "attempts"])
