"""A project with a mailbox on a real IMAP server, and a real mail server that takes what is sent."""

from __future__ import annotations

import datetime
import email
import shutil
import tempfile
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope, Session
from django.test import override_settings
from tests.channels.mail.dovecot import PASSWORD, PROGRAM, Dovecot
from tests.complaints.conftest import Centre, centre  # noqa: F401
from tests.notices.receivers import MailServer

from shouwen.channels.mail.kept import Mailbox


@pytest.fixture(scope="session")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """The server, once for all tests of this process."""
    if PROGRAM is None:
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd")
    # Paths of sockets are short, and another user must get down to them.
    folder = Path(tempfile.mkdtemp(prefix="shouwen-imap-", dir="/tmp"))
    folder.chmod(0o755)
    server = Dovecot(folder)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


_USED = iter(range(100))


@pytest.fixture
def mailbox(centre: Centre, dovecot: Dovecot) -> Mailbox:  # noqa: F811
    """The project's mailbox; empty."""
    return new_mailbox(centre, dovecot)


def new_mailbox(centre: Centre, dovecot: Dovecot, address: str = "kefu@example.cn") -> Mailbox:  # noqa: F811
    """A mailbox of a project that no test has used."""
    return Mailbox.objects.create(
        project=centre.project,
        address=address,
        host="127.0.0.1",
        port=dovecot.port,
        security=Mailbox.Security.NONE,
        user=f"box-{next(_USED)}",
        password=PASSWORD,
        begins_on=datetime.date(2000, 1, 1),
    )


class Post:
    """Takes all mail but for `gone@` and, for now, `later@`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.port = 0

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone@"):
            return "550 5.1.1 no such user"
        if address.startswith("later@"):
            return "450 4.2.1 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        mail = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 taken"


@pytest.fixture
def post() -> Iterator[Post]:
    """The company's mail server."""
    taken = Post()
    server = MailServer(taken, hostname="127.0.0.1", port=0)
    server.start()
    taken.port = server.bound
    url = f"smtp://127.0.0.1:{taken.port}?from=shouwen@example.cn&tls=no"
    with override_settings(
        SHOUWEN_SMTP_URL=url, SHOUWEN_PUBLIC_ADDRESS="https://complaints.example.cn"
    ):
        yield taken
    server.stop()
