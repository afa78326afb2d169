"""The files of messages: added to the complaint one by one after it was received, each once."""

from __future__ import annotations

import datetime
import io
import logging

from django.db import DatabaseError, InterfaceError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.channels.mail import joining, raw
from shouwen.channels.mail.kept import IncomingMail
from shouwen.channels.mail.parsing import File
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Refused
from shouwen.records import attachments

logger = logging.getLogger(__name__)


def add_all(now: datetime.datetime | None = None) -> int:
    """Add the files that are left of any message; of how many messages there were some.

    Broken off anywhere, it goes on when called again: each file has a key.
    """
    left = IncomingMail.objects.filter(files_left=True).select_related("complaint__project")
    mails = list(left.order_by("fetched_at")[:20])
    for mail in mails:
        add(mail, now or timezone.now())
    return len(mails)


def add(mail: IncomingMail, now: datetime.datetime) -> None:
    """Add the files of one message; what is not taken in is said beside the complaint."""
    letter, complaint = raw.letter(mail), mail.complaint
    if letter is not None and complaint is not None:
        refused = []
        for number, file in enumerate(letter.files):
            why = _added(mail, complaint, number, file, now)
            if why:
                refused.append(_("{name}：{why}").format(name=file.name or _("附件"), why=why))
        if refused:
            said = _("邮件里没有收下的附件（原始邮件里还在）：") + "\n" + "\n".join(refused)
            try:
                joining.remark(complaint, said, key=f"mail:{mail.pk}:refused", now=now)
            except (Refused, LookupError) as error:
                logger.error("A remark on files was not taken (%s)", type(error).__name__)
    IncomingMail.objects.filter(pk=mail.pk).update(files_left=False)


def _added(
    mail: IncomingMail, complaint: Complaint, number: int, file: File, now: datetime.datetime
) -> str:
    """Add one file; why it was not taken in, "" where it was."""
    try:
        stored = attachments.store(
            subject_type=SUBJECT,
            subject_id=complaint.pk,
            project_id=complaint.project_id,
            upload=io.BytesIO(file.data),
            name=file.name or _("附件"),
            actor_id=None,
            now=now,
        )
        with transaction.atomic():
            joining.add_file(complaint, stored, key=f"mail:{mail.pk}:file:{number}", now=now)
    except attachments.AttachmentRefused as refusal:
        return str(refusal)
    except Refused as refusal:
        return str(refusal.words)
    except (DatabaseError, InterfaceError, OSError):
        raise
    except Exception as error:
        logger.error("A file of a message was not taken in (%s)", type(error).__name__)
        return _("无法处理这个文件")
    return ""
