"""The answer to whoever wrote: that it was received, under which number, and when they hear more.

Sent once. At least once where a worker is killed in the middle; it bears the same Message-ID then,
by which mailboxes drop the second.
"""

from __future__ import annotations

import datetime
import logging
import uuid

from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from shouwen.channels.mail import senders
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints import tracking
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.notices import links, threads
from shouwen.notices.customers import keeping, suggesting
from shouwen.notices.message import Message
from shouwen.notices.sending import Failed, mail
from shouwen.notices.threads import Thread
from shouwen.records import ledger

logger = logging.getLogger(__name__)

Receipt = IncomingMail.Receipt
MOST_ATTEMPTS = 8
_LEASE = datetime.timedelta(minutes=2)


def send_due(now: datetime.datetime | None = None) -> int:
    """Send the receipts that are due; how many were tried."""
    now = now or timezone.now()
    due = IncomingMail.objects.filter(receipt=Receipt.WAITING, receipt_next_at__lte=now)
    tried = 0
    for pk in list(due.order_by("receipt_next_at").values_list("pk", flat=True)[:20]):
        # Whoever moves the time on has it; the others look again when that has passed.
        if due.filter(pk=pk).update(
            receipt_next_at=now + _LEASE, receipt_attempts=F("receipt_attempts") + 1
        ):
            _send(pk, now)
            tried += 1
    return tried


def _send(pk: uuid.UUID, now: datetime.datetime) -> None:
    found = IncomingMail.objects.select_related("complaint__project", "mailbox").get(pk=pk)
    complaint = found.complaint
    if complaint is None or not found.sender:
        _end(found, Receipt.NONE, now)
        return
    try:
        mail.send(
            str.__str__(found.sender),
            message_of(complaint, now),
            threads.own_id(complaint.pk, "receipt"),
            _thread(found, complaint),
        )
    except Failed as failure:
        if failure.temporary and found.receipt_attempts < MOST_ATTEMPTS:
            found.receipt_next_at = now + datetime.timedelta(minutes=2**found.receipt_attempts)
            found.save(update_fields=["receipt_next_at"])
            return
        _end(found, Receipt.FAILED, now)
    except Exception as error:
        logger.error("A receipt could not be made (%s)", type(error).__name__)
        _end(found, Receipt.FAILED, now)
    else:
        _end(found, Receipt.SENT, now)


def _end(found: IncomingMail, receipt: str, now: datetime.datetime) -> None:
    IncomingMail.objects.filter(pk=found.pk).update(
        receipt=receipt, receipt_at=now, receipt_next_at=None
    )


def message_of(complaint: Complaint, now: datetime.datetime) -> Message:
    """The receipt in the project's own words for `received`: number, next reply, private link."""
    language = keeping.telling(complaint.project_id).language
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    words = suggesting.composed(complaint, entries, "received", language=language, now=now)
    token = tracking.token_of(complaint)
    link = links.absolute(f"/t/{token}/") if token else ""
    with translation.override(language):
        said = [
            words.text or _("您好。已收到您的来信，编号 {number}。").format(number=complaint.number)
        ]
        if link:
            said.append(_("办理进度（请勿转给他人）：{link}").format(link=link))
        said.append(_("要补充情况，直接回复这封邮件即可，请保留主题。"))
        said.append(
            _("遇到火情、燃气泄漏、有人受困等危险，请立即拨打 119、110 或 120，不要等邮件回复。")
        )
    return Message(
        title=complaint.project.name,
        lines=tuple(said),
        link="",
        language=language,
        to_customer=True,
    )


def thread_of(complaint: Complaint) -> Thread | None:
    """The thread in which a complaint's customer is answered: their own last message's.

    For one who did not write: so that an answer reaches the project's mailbox, if there is one.
    """
    mails = IncomingMail.objects.filter(complaint=complaint).exclude(state=IncomingMail.State.HELD)
    # What others wrote to it is not theirs to see, not even its subject.
    theirs = mails.filter(sender_index=senders.index(str(complaint.email)))
    found = theirs.select_related("mailbox").order_by("-fetched_at").first()
    if found is not None:
        return _thread(found, complaint)
    box = Mailbox.objects.filter(project=complaint.project_id, is_active=True).first()
    if box is None:
        return None
    subject = f"{complaint.project.name} [{complaint.number}]"
    return Thread(sender=box.reply_from, reply_to=box.address, subject=subject)


def _thread(found: IncomingMail, complaint: Complaint) -> Thread:
    answers = str.__str__(found.message_id)
    return Thread(
        sender=found.mailbox.reply_from,
        reply_to=found.mailbox.address,
        in_reply_to=answers if _usable(answers) else "",
        references=(answers,) if _usable(answers) else (),
        subject=f"Re: {found.subject or complaint.project.name} [{complaint.number}]",
    )


def _usable(message_id: str) -> bool:
    return bool(message_id) and message_id.isascii() and message_id.isprintable()
