"""A held message with its mailbox, for pages and rules."""

from __future__ import annotations

import datetime

from django.utils import timezone
from tests.channels.mail.letters import LAMP, text

from shouwen.channels.mail import raw
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.organization.models import Project


def held_mail(project: Project) -> IncomingMail:
    """A message that waits for the front desk of a project."""
    box = Mailbox.objects.create(
        project=project,
        address="kefu@example.cn",
        host="127.0.0.1",
        port=1,
        user=f"kefu-{project.code}",
        password="-",
        begins_on=datetime.date(2000, 1, 1),
    )
    message = text("somebody", LAMP, "utf-8", "utf-8")
    now = timezone.now()
    mail = IncomingMail(
        project=project,
        mailbox=box,
        key="0" * 64,
        sender="somebody@example.com",
        subject="lamp",
        arrived_at=now,
        fetched_at=now,
        size=len(message),
        state=IncomingMail.State.HELD,
        why="too_many",
    )
    raw.write(mail, message)
    mail.save(force_insert=True)
    return mail
