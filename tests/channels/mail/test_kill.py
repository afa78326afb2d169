"""All the messages through a real IMAP server, the worker killed again and again: none lost, none twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from tests.channels.mail.conftest import new_mailbox
from tests.channels.mail.dovecot import Dovecot
from tests.channels.mail.letters import Sample, samples
from tests.complaints.conftest import Centre

from shouwen.channels.mail import raw
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.records import ledger
from shouwen.records.models import Attachment

ROOT = Path(__file__).parents[3]


def process() -> subprocess.Popen[str]:
    """The fetching process; what a killed one had claimed has run out."""
    Mailbox.objects.update(next_look_at=None)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.channels.mail.mail_process"],
        cwd=ROOT,
        env=os.environ
        | {
            "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")]),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_after(pauses: int, word: str) -> None:
    """Let it go on for so many pauses, and kill it at the next of this word."""
    worker = process()
    assert worker.stdin and worker.stdout
    try:
        for number, line in enumerate(worker.stdout):
            if number >= pauses and line.strip() == word:
                break
            worker.stdin.write("\n")
            worker.stdin.flush()
        worker.send_signal(signal.SIGKILL)
    finally:
        worker.kill()
        worker.wait()


def go_on() -> None:
    """Let it come to its end."""
    worker = process()
    worker.communicate("", timeout=300)
    assert worker.returncode == 0


@pytest.mark.django_db(transaction=True)
def test_none_is_lost_and_none_doubled_however_often_the_worker_is_killed(
    centre: Centre, dovecot: Dovecot
) -> None:
    mailbox = new_mailbox(centre, dovecot)
    sent = samples()
    for sample in sent:
        dovecot.deliver(mailbox.user, sample.raw)

    kill_after(0, "fetched")
    assert IncomingMail.objects.count() == 0
    assert dovecot.unseen(mailbox.user) == len(sent)
    kill_after(6, "committed")
    kept = IncomingMail.objects.count()
    assert 0 < kept < len(sent)
    # Kept, and the server does not know it yet.
    assert dovecot.unseen(mailbox.user) == len(sent) - kept + 1
    kill_after(0, "committed")
    kill_after(0, "written")
    kill_after(3, "saved")
    kill_after(31, "fetched")
    assert kept < IncomingMail.objects.count() < len(sent)
    dovecot.number_anew(mailbox.user)
    kill_after(40, "committed")
    go_on()

    assert dovecot.unseen(mailbox.user) == 0
    check(sent)
    # All of it once more, under new numbers: everything is known.
    dovecot.number_anew(mailbox.user)
    go_on()
    check(sent)
    mailbox.refresh_from_db()
    assert mailbox.last_error == ""
    # What a killed worker had written without a row goes in the night, and nothing else.
    raw.sweep(timezone.now() + timedelta(days=1))
    assert set(raw.files()) == {mail.path for mail in IncomingMail.objects.all()}


def on_the_wire(data: bytes) -> bytes:
    """As the server hands it over, whatever its line ends were; it has no NULs."""
    return data.replace(b"\r", b"").replace(b"\0", b"\x80")


def check(sent: Sequence[Sample]) -> None:
    assert IncomingMail.objects.count() == len(sent)
    became = Counter(IncomingMail.objects.values_list("state", flat=True))
    assert became == Counter(each.becomes for each in sent)
    complaints = Complaint.objects.count()
    assert complaints == became["complaint"]
    assert len(set(Complaint.objects.values_list("number", flat=True))) == complaints
    mails = IncomingMail.objects.select_related("complaint")
    kept = {on_the_wire(raw.read(mail)): mail for mail in mails}
    for sample in sent:
        mail = kept[on_the_wire(sample.raw)]
        assert mail.state == sample.becomes, sample.name
        assert not mail.files_left
        if mail.complaint is None:
            continue
        assert sample.says in mail.complaint.content, sample.name
        assert sample.subject is None or mail.complaint.subject == sample.subject
        entries = ledger.entries(SUBJECT, mail.complaint.pk, with_said=True)
        assert [each.kind for each in entries].count("received") == 1
        attached = {each.said["name"] for each in entries if each.kind == "attached"}
        assert attached >= set(sample.files), sample.name
        bound = Attachment.objects.filter(subject_id=mail.complaint.pk).exclude(entry=None)
        assert {each.name for each in bound} == attached
        assert len(bound) == [each.kind for each in entries].count("attached")
        for note in sample.notes:
            assert any(each.kind == "noted" for each in entries), note
    assert {each.path for each in kept.values()} <= set(raw.files())
    assert ledger.verify() == []


def test_the_words_of_danger_are_an_emergency(centre: Centre) -> None:
    """Said of the whole in `check`; here of its clocks, without a server."""
    from shouwen.channels.mail import taking
    from shouwen.channels.mail.imap import Fetched
    from shouwen.clocks.models import ClockRow

    sample = next(each for each in samples() if each.name == "danger")
    mailbox = Mailbox.objects.create(
        project=centre.project,
        address="kefu@example.cn",
        host="x",
        user="x",
        begins_on="2000-01-01",
    )
    mail = taking.take(mailbox, Fetched(1, sample.raw, len(sample.raw), None, True))
    assert mail.complaint is not None and mail.complaint.severity == "emergency"
    rules = ClockRow.objects.filter(subject_id=mail.complaint.pk).values_list("rule", flat=True)
    assert "R6.alert" in set(rules)
