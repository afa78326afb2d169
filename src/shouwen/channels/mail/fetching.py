"""Fetching from a mailbox: by UID, each message taken and committed before it is marked as read.

How far it is read is kept by the server's numbers. Where the server numbers anew (UIDVALIDITY) all
of it is gone through again; what was taken already is known by what it says.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable

from django.db.models import Q
from django.utils import timezone

from shouwen.channels.mail import imap, taking
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.notices.sending.failures import Failed
from shouwen.records import isolation
from shouwen.records.fields import blind_index

logger = logging.getLogger(__name__)

#: Between two looks at a mailbox.
EVERY = datetime.timedelta(seconds=30)
#: A worker that is at a mailbox has it for so long from its last message; a killed one no longer.
LEASE = datetime.timedelta(seconds=60)
_MOST_DELAY = datetime.timedelta(minutes=10)
#: After so many failures one message is passed by, and somebody told.
MOST_TRIES = 5


def claim(now: datetime.datetime) -> Mailbox | None:
    """A mailbox that is due, ours for `LEASE`; None where none is."""
    due = Mailbox.objects.filter(Q(next_look_at=None) | Q(next_look_at__lte=now), is_active=True)
    for pk in due.order_by("next_look_at").values_list("pk", flat=True):
        if due.filter(pk=pk).update(next_look_at=now + LEASE):
            return Mailbox.objects.select_related("project").get(pk=pk)
    return None


def look(mailbox: Mailbox, stopping: Callable[[], bool] = lambda: False) -> int:
    """Fetch what is new; how many messages were taken. How it went is kept on the mailbox.

    Raises what the database raises when it is lost.
    """
    taken, code = 0, ""
    try:
        with imap.opened(mailbox) as connection:
            taken = _fetch(mailbox, connection, stopping)
    except Failed as failure:
        code = failure.code
    _keep(mailbox, code, timezone.now())
    return taken


def _fetch(mailbox: Mailbox, connection: imap.Connection, stopping: Callable[[], bool]) -> int:
    validity = connection.uid_validity
    if validity != mailbox.uid_validity:
        if mailbox.uid_validity is not None:
            logger.warning("The mailbox %s was numbered anew and is gone through again", mailbox.pk)
        mailbox.uid_validity, mailbox.last_uid, mailbox.retry_uid = validity, 0, 0
        mailbox.save(update_fields=["uid_validity", "last_uid", "retry_uid"])
    taken = 0
    for uid in connection.new(mailbox.last_uid, mailbox.begins_on):
        if stopping():
            break
        try:
            fetched = connection.fetch(uid)
        except imap.Gone:
            _read_to(mailbox, uid)
            continue
        except Failed:
            if not _given_up(mailbox, uid):
                raise
            continue
        taking.take(mailbox, fetched)
        taken += 1
        # Committed: only now may the server forget that it is new.
        connection.mark(uid)
        _read_to(mailbox, uid)
    return taken


def _read_to(mailbox: Mailbox, uid: int) -> None:
    mailbox.last_uid, mailbox.next_look_at = uid, timezone.now() + LEASE
    mailbox.save(update_fields=["last_uid", "next_look_at"])


def _given_up(mailbox: Mailbox, uid: int) -> bool:
    """Whether one message failed so often that the others go on without it; then it is held."""
    mailbox.retry_times = mailbox.retry_times + 1 if mailbox.retry_uid == uid else 1
    mailbox.retry_uid = uid
    mailbox.save(update_fields=["retry_uid", "retry_times"])
    if mailbox.retry_times < MOST_TRIES:
        return False
    now = timezone.now()
    with isolation.transaction_of({mailbox.project_id}):
        IncomingMail.objects.get_or_create(
            project=mailbox.project,
            key=blind_index(f"{mailbox.pk}:{mailbox.uid_validity}:{uid}", "mail"),
            defaults={
                "mailbox": mailbox,
                "arrived_at": now,
                "fetched_at": now,
                "size": 0,
                "state": IncomingMail.State.HELD,
                "why": "unfetched",
                "erased_at": now,
            },
        )
    _read_to(mailbox, uid)
    return True


def _keep(mailbox: Mailbox, code: str, now: datetime.datetime) -> None:
    if code:
        mailbox.failures = min(mailbox.failures + 1, 1000)
        mailbox.last_failed_at, mailbox.last_error = now, code
        wait = min(EVERY * 2 ** min(mailbox.failures - 1, 8), _MOST_DELAY)
    else:
        mailbox.failures, mailbox.last_ok_at, mailbox.last_error, wait = 0, now, "", EVERY
    mailbox.next_look_at = now + wait
    mailbox.save(
        update_fields=["failures", "last_ok_at", "last_failed_at", "last_error", "next_look_at"]
    )


def test(mailbox: Mailbox) -> str:
    """Sign in and open the folder, fetching nothing; "" where it works, else a code of `failures`."""
    try:
        with imap.opened(mailbox):
            code = ""
    except Failed as failure:
        code = failure.code
    if mailbox.pk:
        _keep(mailbox, code, timezone.now())
    return code
