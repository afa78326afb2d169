"""A mailbox over a real IMAP server: TLS, what fails and how it is said, numbers anew, many workers."""

from __future__ import annotations

import datetime
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from tests.channels.mail.conftest import new_mailbox
from tests.channels.mail.dovecot import PROGRAM, Dovecot
from tests.channels.mail.letters import LAMP, text
from tests.complaints.conftest import Centre
from tests.notices.receivers import Authority

from shouwen.channels.mail import fetching, holding, imap, raw
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.records import enciphered, retention


def letter(name: str) -> bytes:
    return text(name, LAMP + name, "utf-8", "utf-8")


def test_only_what_is_new_is_fetched_and_then_marked(mailbox: Mailbox, dovecot: Dovecot) -> None:
    dovecot.deliver(mailbox.user, letter("a"))
    assert fetching.look(mailbox) == 1 and fetching.look(mailbox) == 0
    dovecot.deliver(mailbox.user, letter("b"))
    assert dovecot.unseen(mailbox.user) == 1
    assert fetching.look(mailbox) == 1
    assert dovecot.unseen(mailbox.user) == 0
    assert Complaint.objects.count() == 2
    mailbox.refresh_from_db()
    assert mailbox.last_ok_at is not None and not mailbox.fails


def test_what_a_colleague_has_read_in_the_mailbox_is_fetched_all_the_same(
    mailbox: Mailbox, dovecot: Dovecot
) -> None:
    dovecot.deliver(mailbox.user, letter("read"))
    with imap.opened(mailbox) as connection:
        connection.mark(connection.new(0, mailbox.begins_on)[0])
    assert dovecot.unseen(mailbox.user) == 0
    assert fetching.look(mailbox) == 1


def test_what_came_before_the_mailbox_was_ours_is_left_alone(
    mailbox: Mailbox, dovecot: Dovecot
) -> None:
    mailbox.begins_on = timezone.localdate()
    dovecot.deliver(mailbox.user, letter("old"), at=time.time() - 30 * 86_400)
    dovecot.deliver(mailbox.user, letter("new"))
    assert fetching.look(mailbox) == 1
    assert dovecot.unseen(mailbox.user) == 1


def test_it_counts_from_when_the_server_received_it(mailbox: Mailbox, dovecot: Dovecot) -> None:
    at = int(time.time()) - 7200
    dovecot.deliver(mailbox.user, letter("early"), at=at)
    fetching.look(mailbox)
    complaint = Complaint.objects.get()
    assert complaint.received_at == datetime.datetime.fromtimestamp(at, datetime.UTC)


def test_numbered_anew_nothing_is_taken_twice(mailbox: Mailbox, dovecot: Dovecot) -> None:
    for name in "abc":
        dovecot.deliver(mailbox.user, letter(name))
    fetching.look(mailbox)
    before = mailbox.uid_validity
    dovecot.number_anew(mailbox.user)
    dovecot.deliver(mailbox.user, letter("d"))
    fetching.look(mailbox)
    assert mailbox.uid_validity != before
    assert Complaint.objects.count() == IncomingMail.objects.count() == 4


def test_one_message_to_two_mailboxes_of_a_project_is_one_complaint(
    mailbox: Mailbox, centre: Centre, dovecot: Dovecot
) -> None:
    other = new_mailbox(centre, dovecot, "fuwu@example.cn")
    for box in (mailbox, other):
        dovecot.deliver(box.user, b"Received: by " + box.user.encode() + b"\r\n" + letter("both"))
        fetching.look(box)
    assert Complaint.objects.count() == 1


def test_a_mailbox_is_one_workers_at_a_time_and_comes_round_again(mailbox: Mailbox) -> None:
    now = timezone.now()
    assert fetching.claim(now) == mailbox
    assert fetching.claim(now) is None
    # A worker that was killed holds nothing for long.
    assert fetching.claim(now + fetching.LEASE) == mailbox
    Mailbox.objects.update(is_active=False, next_look_at=None)
    assert fetching.claim(now) is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"password": "no"}, "credentials"),
        ({"password": "密码"}, "credentials"),
        ({"folder": "不存在的文件夹"}, "no_folder"),
        ({"port": 1}, "unreachable"),
        ({"host": "no-such-host.invalid"}, "unreachable"),
    ],
)
def test_what_fails_is_said_and_tried_less_and_less_often(
    mailbox: Mailbox, wrong: dict[str, Any], code: str
) -> None:
    for name, value in wrong.items():
        setattr(mailbox, name, value)
    waits = []
    for _ in range(3):
        fetching.look(mailbox)
        assert mailbox.next_look_at is not None and mailbox.last_failed_at is not None
        waits.append(mailbox.next_look_at - mailbox.last_failed_at)
    assert mailbox.last_error == code and mailbox.fails
    assert waits == sorted(waits) and waits[0] < waits[-1]
    assert fetching.test(mailbox) == code


def test_the_command_says_which_mailbox_cannot_be_opened(
    mailbox: Mailbox, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("mailbox", "test")
    assert "正常" in capsys.readouterr().out
    Mailbox.objects.update(password="no")
    with pytest.raises(CommandError):
        call_command("mailbox", "test", mailbox.pk)
    assert "密码" in capsys.readouterr().out
    call_command("mailbox", "list")
    Mailbox.objects.all().delete()
    with pytest.raises(CommandError):
        call_command("mailbox", "list")


def test_a_message_that_cannot_be_fetched_does_not_hold_up_the_others(
    mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shouwen.notices.sending.failures import Failed

    fetch = imap.Connection.fetch

    def broken(self: imap.Connection, uid: int) -> imap.Fetched:
        if uid == 1:
            raise Failed("bad_answer", temporary=True)
        return fetch(self, uid)

    # What a damaged mailbox answers cannot be had from a sound server.
    monkeypatch.setattr(imap.Connection, "fetch", broken)
    for name in "ab":
        dovecot.deliver(mailbox.user, letter(name))
    for _ in range(fetching.MOST_TRIES):
        fetching.look(mailbox)
    assert set(IncomingMail.objects.values_list("state", "why")) == {
        ("held", "unfetched"),
        ("complaint", ""),
    }


def test_raw_messages_lie_encrypted(mailbox: Mailbox, dovecot: Dovecot) -> None:
    dovecot.deliver(mailbox.user, letter("secret"))
    fetching.look(mailbox)
    mail = IncomingMail.objects.get()
    assert enciphered.is_enciphered(mail.path)
    assert b"example.com" not in mail.path.read_bytes()
    assert raw.read(mail) == letter("secret")
    assert mail.path in raw.files()


def test_what_was_set_aside_goes_after_its_period(
    mailbox: Mailbox,
    dovecot: Dovecot,
    centre: Centre,
    django_capture_on_commit_callbacks: Any,
) -> None:
    machine = text("machine", LAMP, "utf-8", "utf-8", Auto_Submitted="auto-generated")
    dovecot.deliver(mailbox.user, machine)
    dovecot.deliver(mailbox.user, letter("person"))
    fetching.look(mailbox)
    later = timezone.now() + datetime.timedelta(days=91)
    [over] = [each for each in retention.preview(later) if each.kind.name == "mail_set_aside"]
    assert over.number == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert holding._forget(later) == 1
    [over] = [each for each in retention.preview(later) if each.kind.name == "mail_set_aside"]
    assert over.number == 0
    gone = IncomingMail.objects.get(state="ignored")
    assert not gone.path.exists() and gone.sender == ""
    assert IncomingMail.objects.get(state="complaint").path.exists()


@pytest.fixture
def secure(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Dovecot]:
    """A server that speaks TLS under an authority that only this test makes known."""
    if PROGRAM is None:
        pytest.skip("dovecot is not installed: apt-get install dovecot-imapd")
    authority = Authority(tmp_path_factory.mktemp("imap"))
    authority.context("127.0.0.1")
    folder = Path(tempfile.mkdtemp(prefix="shouwen-imap-", dir="/tmp"))
    folder.chmod(0o755)
    server = Dovecot(folder, certificate=authority.folder / "127.0.0.1.pem")
    server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_by_tls_and_starttls_the_certificate_is_checked(
    centre: Centre, secure: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    for security, port in (("tls", secure.tls_port), ("starttls", secure.port)):
        box = new_mailbox(centre, secure)
        box.security, box.port = security, port
        secure.deliver(box.user, letter(security))
        assert fetching.look(box) == 1, box.last_error
    monkeypatch.delenv("SSL_CERT_FILE")
    assert fetching.test(box) == "certificate"
