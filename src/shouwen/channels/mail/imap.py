"""The IMAP side of a mailbox: signing in, what is new, one message, marking it read."""

from __future__ import annotations

import datetime
import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from shouwen.channels.mail.kept import Mailbox
from shouwen.notices.sending.failures import Failed

TIMEOUT = 20  # seconds
#: Of a longer message only the beginning is fetched.
MOST_BYTES = 50 << 20
BEGINNING = 1 << 20
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


@dataclass(frozen=True)
class Fetched:
    """A message as the server has it; `whole` is false where only its beginning was fetched."""

    uid: int
    raw: bytes
    size: int
    arrived_at: datetime.datetime | None
    whole: bool


class Gone(LookupError):
    """The server has no message of this UID any more."""


class Connection:
    """A signed-in connection with the mailbox's folder open."""

    def __init__(self, box: BaseMailBox) -> None:
        self._box = box

    @property
    def uid_validity(self) -> int:
        """Changes when the server numbers its messages anew."""
        _status, said = self._box.client.response("UIDVALIDITY")
        found = said[0] if said else None
        return int(found) if isinstance(found, bytes) and found.isdigit() else 0

    def new(self, after: int, since: datetime.date) -> list[int]:
        """The UIDs above `after` of messages received from that day on (the server's), rising."""
        said = f"UID {after + 1}:* SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        # `*` is the last message, also where its UID is lower.
        return sorted(uid for each in self._box.uids(said) if (uid := int(each)) > after)

    def fetch(self, uid: int) -> Fetched:
        """One message, not marked as read. Raises Gone, Failed."""
        head = self._ask(uid, "(RFC822.SIZE INTERNALDATE)")
        told = b" ".join(part if isinstance(part, bytes) else part[0] for part in head)
        if (found := _SIZE.search(told)) is None:
            raise Gone(uid)
        size = int(found[1])
        whole = size <= MOST_BYTES
        parts = self._ask(uid, "(BODY.PEEK[])" if whole else f"(BODY.PEEK[]<0.{BEGINNING}>)")
        raw = next((part[1] for part in parts if isinstance(part, tuple)), None)
        if raw is None:
            raise Gone(uid)
        date = _DATE.search(told)
        return Fetched(uid, raw, size, _moment(date[1]) if date else None, whole)

    def _ask(self, uid: int, what: str) -> list[bytes | tuple[bytes, bytes]]:
        status, said = self._box.client.uid("FETCH", str(uid), what)
        if status != "OK":
            raise Failed("bad_answer", temporary=True)
        return [part for part in said if part is not None]

    def mark(self, uid: int) -> None:
        """Mark a message as read: it is ours now."""
        self._box.flag(str(uid), "\\Seen", True)


# `strftime` would write the month in the process's language.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _moment(said: bytes) -> datetime.datetime | None:
    try:
        day, month, rest = said.decode("ascii").strip().split("-", 2)
        number = f"{_MONTHS.index(month) + 1:02d}"
        return datetime.datetime.strptime(f"{int(day):02d}-{number}-{rest}", "%d-%m-%Y %H:%M:%S %z")
    except (ValueError, UnicodeError):
        return None


@contextmanager
def opened(mailbox: Mailbox) -> Iterator[Connection]:
    """Sign in and open the folder. Raises Failed with a code that `failures.REASONS` explains."""
    try:
        box = _connected(mailbox)
        try:
            _sign_in(box, mailbox)
            yield Connection(box)
        finally:
            with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
                box.logout()
    except MailboxLoginError:
        raise Failed("credentials", temporary=False) from None
    except MailboxFolderSelectError:
        raise Failed("no_folder", temporary=False) from None
    except ssl.SSLCertVerificationError:
        raise Failed("certificate", temporary=False) from None
    except TimeoutError:
        raise Failed("timeout", temporary=True) from None
    except imaplib.IMAP4.abort:
        raise Failed("unreachable", temporary=True) from None
    except (imaplib.IMAP4.error, ImapToolsError):
        raise Failed("bad_answer", temporary=True) from None
    except OSError:
        raise Failed("unreachable", temporary=True) from None


def _connected(mailbox: Mailbox) -> BaseMailBox:
    where, port = mailbox.host, mailbox.port
    if mailbox.security == Mailbox.Security.NONE:
        return MailBoxUnencrypted(where, port, timeout=TIMEOUT)
    context = ssl.create_default_context()
    if mailbox.security == Mailbox.Security.STARTTLS:
        return MailBoxStartTls(where, port, timeout=TIMEOUT, ssl_context=context)
    return MailBox(where, port, timeout=TIMEOUT, ssl_context=context)


def _sign_in(box: BaseMailBox, mailbox: Mailbox) -> None:
    user, password = mailbox.user, str.__str__(mailbox.password)
    try:
        if (user + password).isascii():
            box.login(user, password, initial_folder=None)
        else:
            box.login_utf8(user, password, initial_folder=None)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise Failed("credentials", temporary=False) from None
    # 163.com and 126.com open no folder to a program that does not say what it is (RFC 2971).
    if "ID" in box.client.capabilities:
        box.client.xatom("ID", '("name" "shouwen" "vendor" "shouwen")')
    box.folder.set(mailbox.folder)
