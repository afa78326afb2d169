"""What becomes of a message: a complaint, an addition to one, held for the front desk, or ignored.

A message is known by its Message-ID and what it says, so that the same one is taken once however
often it is fetched, and another under a Message-ID that was used before is another.
"""

from __future__ import annotations

import datetime
import hashlib
import logging
import re

from django.db import IntegrityError, InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.channels.arriving import NobodyAnswers, arrive, danger_in
from shouwen.channels.mail import automatic, joining, raw, senders, wording
from shouwen.channels.mail.imap import Fetched
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.channels.mail.parsing import Letter, parse
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import Refused
from shouwen.complaints.words import Channel
from shouwen.notices import telling, threads
from shouwen.notices.urgency import Urgency
from shouwen.organization import on_duty
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import Position
from shouwen.records import isolation
from shouwen.records.fields import blind_index

logger = logging.getLogger(__name__)

State = IncomingMail.State
_REPLY = re.compile(
    r"^\s*(?:(?:re|fwd?|fw|回复|答复|转发|回覆|回復|轉寄|轉發)\s*(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)


def take(mailbox: Mailbox, fetched: Fetched, now: datetime.datetime | None = None) -> IncomingMail:
    """Take up a fetched message, once; committed when this returns, with all that came of it.

    What cannot be taken up for its own sake is held. Raises what the database raises when it is
    lost, and OSError where the raw message cannot be written: then nothing was taken.
    """
    now = now or timezone.now()
    letter = parse(fetched.raw)
    key = key_of(mailbox.project_id, fetched.raw, letter)
    known = IncomingMail.objects.filter(project=mailbox.project_id, key=key).first()
    if known is not None:
        return known
    mail = IncomingMail(
        project_id=mailbox.project_id,
        mailbox=mailbox,
        key=key,
        message_id=letter.message_id,
        message_id_index=message_index(letter.message_id),
        sender=letter.sender,
        sender_name=letter.sender_name,
        sender_index=senders.index(letter.sender),
        subject=letter.subject,
        arrived_at=min(fetched.arrived_at or now, now),
        fetched_at=now,
        size=fetched.size,
        state=State.HELD,
    )
    raw.write(mail, fetched.raw)
    try:
        return _committed(mail, letter, fetched.whole, now)
    except BaseException:
        if not IncomingMail.objects.filter(pk=mail.pk).exists():
            mail.path.unlink(missing_ok=True)
        raise


def _committed(
    mail: IncomingMail, letter: Letter, whole: bool, now: datetime.datetime
) -> IncomingMail:
    try:
        # As in a request: one transaction for all, the complaint's number reserved beside it.
        with isolation.transaction_of({mail.project_id}):
            _judge(mail, letter, whole, now)
            return _saved(mail, now)
    except (OperationalError, InterfaceError):
        raise
    except IntegrityError:
        known = IncomingMail.objects.filter(project=mail.project_id, key=mail.key).first()
        if known is not None:
            # Another worker was first.
            mail.path.unlink(missing_ok=True)
            return known
        why = "error"
    except NobodyAnswers:
        why = "nobody"
    except Refused:
        why = "refused"
    except OSError:
        raise
    except Exception as error:
        # Whatever is wrong with one message, somebody reads it; its words are in no log.
        logger.error("A message could not be taken up (%s)", type(error).__name__)
        why = "error"
    mail.state, mail.why, mail.complaint, mail.files_left = State.HELD, why, None, False
    mail.receipt = IncomingMail.Receipt.NONE
    with isolation.transaction_of({mail.project_id}):
        return _saved(mail, now)


def _saved(mail: IncomingMail, now: datetime.datetime) -> IncomingMail:
    mail.save(force_insert=True)
    if mail.state == State.HELD:
        _tell_the_desk(mail, now)
    return mail


def key_of(project_id: int, data: bytes, letter: Letter) -> str:
    """By what a project knows a message: its Message-ID, and what it says without its way's headers.

    One without a Message-ID is known by all of it.
    """
    said = data
    if letter.message_id:
        body = data.partition(b"\r\n\r\n")[2] or data.partition(b"\n\n")[2] or data
        head = "\n".join((letter.message_id, letter.sender, letter.subject))
        said = head.encode() + b"\n" + b" ".join(body.split())
    return blind_index(f"{project_id}:{hashlib.sha256(said).hexdigest()}", "mail")


def message_index(message_id: str) -> str:
    """The blind index of a Message-ID; "" where there is none."""
    return blind_index(message_id, "mail message id") if message_id else ""


def _judge(mail: IncomingMail, letter: Letter, whole: bool, now: datetime.datetime) -> None:
    """Decide, and do it; in the transaction in which the row is written."""
    ours = threads.complaint_of([letter.message_id]) is not None
    if letter.automatic or ours:
        mail.state, mail.why = State.IGNORED, "own" if ours else letter.automatic
        return
    mail.why = _held_for(mail, letter, whole, now)
    if mail.why:
        mail.state = State.HELD
        return
    words = letter.content or letter.subject
    about = known_complaint(mail.project, letter)
    joins = about is not None and (by_id(letter, about) or senders.known(letter.sender, about))
    # What is dangerous now is an emergency of its own, whatever else it is about.
    if about is not None and joins and danger_in(words) is None:
        if about.ended:
            mail.state, mail.why, mail.complaint = State.HELD, "ended", about
            return
        join(mail, letter, about, now)
        return
    complaint = become(mail, letter, now)
    if about is not None:
        why = (
            _("来信人回复了投诉 {number} 的邮件，这封信说到危险，已另立为新的投诉。")
            if joins
            else _(
                "主题里写了编号 {number}，但发件人不是那件投诉登记的邮箱；请核对后决定是否合并。"
            )
        )
        joining.remark(
            complaint, why.format(number=about.number), key=f"mail:{mail.pk}:about", now=now
        )


def _held_for(mail: IncomingMail, letter: Letter, whole: bool, now: datetime.datetime) -> str:
    if not whole and not letter.content:
        return "too_large"
    if letter.empty:
        return "unreadable" if letter.notes else "empty"
    if not letter.sender:
        return "no_sender"
    if senders.ours(letter.sender):
        return "own_address"
    if senders.too_many(mail.sender_index, now):
        return "too_many"
    return ""


def known_complaint(project: Project, letter: Letter) -> Complaint | None:
    """The complaint of the project that a message is about: by what it answers, or by its subject."""
    found = Complaint.objects.filter(project=project).select_related("project")
    own = threads.complaint_of(letter.references)
    if own is not None and (complaint := found.filter(pk=own).first()):
        return complaint
    indexes = [message_index(each) for each in letter.references]
    earlier = (
        IncomingMail.objects.filter(
            project=project, message_id_index__in=indexes, complaint__isnull=False
        )
        .order_by("-fetched_at")
        .first()
        if indexes
        else None
    )
    if earlier is not None and earlier.complaint_id is not None:
        return found.get(pk=earlier.complaint_id)
    number = re.search(rf"{re.escape(project.code)}-\d{{8}}-\d{{3,6}}", letter.subject.upper())
    return found.filter(number=number[0]).first() if number else None


def by_id(letter: Letter, complaint: Complaint) -> bool:
    """Whether it answers a message of ours about the complaint: whoever wrote it had that message."""
    return threads.complaint_of(letter.references) == complaint.pk


def become(mail: IncomingMail, letter: Letter, now: datetime.datetime) -> Complaint:
    """Make it a complaint, received when it arrived [R2]. Raises a `Refused`, NobodyAnswers."""
    matter = {
        "content": letter.content or letter.subject or _("（邮件没有文字，只有附件）"),
        "subject": _REPLY.sub("", letter.subject)[:200],
        "name": letter.sender_name,
        "email": letter.sender,
        "telephone": senders.telephone(letter.signature),
    }
    outcome = arrive(
        mail.project,
        {name: value for name, value in matter.items() if value},
        channel=Channel.EMAIL,
        key=mail.key,
        arrived_at=mail.arrived_at,
        now=now,
    )
    mail.state, mail.why, mail.complaint = State.COMPLAINT, "", outcome.complaint
    mail.files_left = bool(letter.files)
    if (
        letter.sender
        and automatic.answerable(letter.sender)
        and not senders.answered_enough(mail.sender_index, now)
    ):
        mail.receipt, mail.receipt_next_at = IncomingMail.Receipt.WAITING, now
    _remark_on_reading(mail, letter, outcome.complaint, now)
    return outcome.complaint


def join(mail: IncomingMail, letter: Letter, complaint: Complaint, now: datetime.datetime) -> None:
    """Add what it says to a complaint; who follows that and who is at the desk are told."""
    words = letter.content or letter.subject or _("（邮件没有文字，只有附件）")
    joining.add_words(complaint, words, key=f"mail:{mail.pk}", at=mail.arrived_at, now=now)
    mail.state, mail.why, mail.complaint = State.JOINED, "", complaint
    mail.files_left = bool(letter.files)
    _remark_on_reading(mail, letter, complaint, now)
    people = {joining.desk_of(complaint, now).pk}
    if complaint.first_contact_id is not None:
        people.add(complaint.first_contact_id)
    telling.tell(
        Staff.objects.filter(pk__in=people, is_active=True),
        kind=wording.JOINED,
        matter=f"mail:{mail.pk}",
        urgency=Urgency.SOON,
        complaint=complaint,
        now=now,
    )


def _remark_on_reading(
    mail: IncomingMail, letter: Letter, complaint: Complaint, now: datetime.datetime
) -> None:
    """What of it was not read stands beside the complaint, so that somebody looks."""
    said = [str(wording.NOTES[note]) for note in letter.notes if note in wording.NOTES]
    if said:
        joining.remark(complaint, "\n".join(said), key=f"mail:{mail.pk}:notes", now=now)


def _tell_the_desk(mail: IncomingMail, now: datetime.datetime) -> None:
    people = on_duty.resolve(Position.FRONT_DESK, project_id=mail.project_id, at=now).persons
    telling.tell(
        people[:1],
        kind=wording.HELD,
        matter=f"mail:{mail.pk}",
        urgency=Urgency.SOON,
        project=mail.project,
        address=f"/mail/{mail.pk}/",
        now=now,
    )
