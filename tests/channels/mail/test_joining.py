"""What joins a complaint, what becomes one of its own, what is held, and what nobody may cause."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone
from tests.channels.mail.letters import LAMP, encoded, headed, multipart, part, picture, plain, text
from tests.complaints.conftest import Centre

from shouwen.channels.mail import files, handling, senders, taking
from shouwen.channels.mail.imap import Fetched
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.notices import threads
from shouwen.notices.notice import Notice
from shouwen.organization.models import Post, Project
from shouwen.records import ledger

State = IncomingMail.State


@pytest.fixture
def box(centre: Centre) -> Mailbox:
    """A mailbox from which the test hands over messages itself."""
    return Mailbox.objects.create(
        project=centre.project,
        address="kefu@example.cn",
        host="imap.example.cn",
        user="kefu@example.cn",
        begins_on=datetime.date(2000, 1, 1),
    )


def take(box: Mailbox, raw: bytes, **given: Any) -> IncomingMail:
    fetched = Fetched(1, raw, len(raw), given.pop("arrived_at", None), given.pop("whole", True))
    return taking.take(box, fetched)


def first(box: Mailbox) -> Complaint:
    """A complaint that somebody@example.com wrote."""
    mail = take(box, text("somebody", LAMP, "utf-8", "utf-8"))
    assert mail.complaint is not None
    return mail.complaint


def answer(name: str, said: str, **headers: str) -> bytes:
    return text(name, said, "utf-8", "utf-8", From="somebody@example.com", **headers)


def notes(complaint: Complaint) -> list[str]:
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    return [
        each.said.get("text") or each.said.get("words") or ""
        for each in entries
        if each.kind in ("noted", "customer_added")
    ]


def test_an_answer_to_our_message_joins_whatever_its_subject(box: Mailbox) -> None:
    complaint = first(box)
    ours = threads.own_id(complaint.pk, "receipt")
    mail = take(box, answer("a", "今晚又灭了。", In_Reply_To=f"<{ours}@example.cn>", Subject="hi"))
    assert (mail.state, mail.complaint) == (State.JOINED, complaint)
    assert "今晚又灭了。" in notes(complaint)[-1]
    assert Complaint.objects.count() == 1
    assert mail.receipt == "none"
    told = Notice.objects.filter(kind="mail_joined")
    assert told.get().person_id == complaint.first_contact_id
    # From another address too: whoever knows the id had the message.
    other = text("other", "我是他爱人。", "utf-8", "utf-8", References=f"<x@y> <{ours}@example.cn>")
    assert take(box, other).complaint == complaint


def test_an_answer_to_the_senders_own_message_joins(box: Mailbox) -> None:
    complaint = first(box)
    mail = take(box, answer("b", "补一句。", In_Reply_To="<somebody@mail.example.com>"))
    assert (mail.state, mail.complaint) == (State.JOINED, complaint)


def test_the_number_in_the_subject_joins_for_the_known_address_alone(box: Mailbox) -> None:
    complaint = first(box)
    subject = encoded(f"答复: 灯 [{complaint.number}]", "utf-8")
    mail = take(box, answer("c", "谢谢提醒。", Subject=subject))
    assert (mail.state, mail.complaint) == (State.JOINED, complaint)
    stranger = take(box, text("stranger", "让我看看这件投诉。", "utf-8", "utf-8", Subject=subject))
    assert stranger.state == State.COMPLAINT and stranger.complaint != complaint
    assert stranger.complaint is not None
    assert complaint.number in notes(stranger.complaint)[-1]
    assert "让我看看" not in "".join(notes(complaint))


def test_a_guessed_id_of_ours_opens_nothing(box: Mailbox) -> None:
    complaint = first(box)
    made_up = f"shouwen.{complaint.pk}.receipt.{'0' * 24}@example.cn"
    mail = take(box, text("guess", LAMP + "别的", "utf-8", "utf-8", In_Reply_To=f"<{made_up}>"))
    assert mail.complaint != complaint
    assert threads.complaint_of([made_up, "", "shouwen.1"]) is None


def test_a_complaint_of_another_project_is_not_joined(box: Mailbox, centre: Centre) -> None:
    complaint = first(box)
    there = Project.objects.create(company=centre.project.company, code="YH", name="另一小区")
    Post.objects.filter(position="front_desk").first()
    other = Mailbox.objects.create(
        project=there, address="yh@example.cn", host="x", user="yh", begins_on="2000-01-01"
    )
    ours = threads.own_id(complaint.pk, "receipt")
    mail = take(other, answer("d", LAMP + "那边", In_Reply_To=f"<{ours}@example.cn>"))
    assert mail.complaint != complaint
    assert notes(complaint) == []


def test_words_of_danger_in_an_answer_are_an_emergency_of_their_own(box: Mailbox) -> None:
    complaint = first(box)
    ours = threads.own_id(complaint.pk, "receipt")
    mail = take(box, answer("e", "电梯里困着人，快来！", In_Reply_To=f"<{ours}@example.cn>"))
    assert mail.state == State.COMPLAINT and mail.complaint is not None
    assert mail.complaint != complaint and mail.complaint.severity == "emergency"
    assert complaint.number in notes(mail.complaint)[-1]


def test_an_answer_to_what_has_ended_waits_for_the_desk(box: Mailbox, centre: Centre) -> None:
    centre.complaint, centre.now = first(box), timezone.now()
    ended = centre.complaint
    centre.take("front_desk", "withdraw", reason="客户撤回")
    mail = take(box, answer("f", "又坏了。", In_Reply_To="<somebody@mail.example.com>"))
    assert (mail.state, mail.why, mail.complaint) == (State.HELD, "ended", ended)
    assert Notice.objects.filter(kind="mail_held", address=f"/mail/{mail.pk}/").exists()
    complaint = handling.to_complaint(mail, centre.person("front_desk"))
    assert complaint.pk != ended.pk and complaint.content == "又坏了。"
    with pytest.raises(handling.Decided):
        handling.discard(mail, centre.person("front_desk"), "重复")


def test_our_own_messages_and_addresses_make_nothing(box: Mailbox, settings: Any) -> None:
    settings.SHOUWEN_SMTP_URL = "smtp://127.0.0.1:2525?from=shouwen@example.cn&tls=no"
    complaint = first(box)
    ours = threads.own_id(complaint.pk, "receipt")
    back = take(box, text("back", LAMP, "utf-8", "utf-8", Message_ID=f"<{ours}@example.cn>"))
    assert (back.state, back.why) == (State.IGNORED, "own")
    for address in ("KEFU@example.cn", "shouwen@example.cn"):
        mail = take(box, text(f"own-{address}", LAMP, "utf-8", "utf-8", From=address))
        assert (mail.state, mail.why) == (State.HELD, "own_address")
    assert Complaint.objects.count() == 1


def test_two_machines_that_answer_each_other_end_at_once(box: Mailbox) -> None:
    complaint = first(box)
    ours = threads.own_id(complaint.pk, "receipt")
    for number in range(3):
        vacation = answer(
            f"vacation-{number}",
            "我在休假。",
            In_Reply_To=f"<{ours}@example.cn>",
            Auto_Submitted="auto-replied",
        )
        assert take(box, vacation).state == State.IGNORED
    assert ledger.entries(SUBJECT, complaint.pk)[-1].kind == "relayed"
    assert IncomingMail.objects.filter(receipt="waiting").count() == 1


def test_whoever_writes_without_end_is_held_and_not_answered_without_end(box: Mailbox) -> None:
    states = [
        take(box, answer(f"many-{n}", f"{LAMP}{n}")).state for n in range(senders.MOST_AN_HOUR + 3)
    ]
    assert states.count(State.COMPLAINT) == senders.MOST_AN_HOUR
    assert states[-3:] == [State.HELD] * 3
    answered = IncomingMail.objects.filter(receipt="waiting").count()
    assert answered == senders.MOST_RECEIPTS


def test_nobody_is_called_by_what_a_stranger_writes(box: Mailbox) -> None:
    complaint = first(box)
    mail = take(
        box,
        answer(
            "g", "@jx centre_head 请看 ＠客户中心负责人", In_Reply_To="<somebody@mail.example.com>"
        ),
    )
    assert mail.state == State.JOINED
    assert not Notice.objects.filter(kind__contains="mention").exists()
    assert "﹫jx centre_head" in notes(complaint)[-1]


def test_its_clocks_run_from_when_it_arrived_and_never_from_the_future(box: Mailbox) -> None:
    now = timezone.now()
    early = take(box, answer("h", LAMP + "早"), arrived_at=now - datetime.timedelta(hours=5))
    assert early.complaint is not None
    assert early.complaint.received_at == now - datetime.timedelta(hours=5)
    late = take(box, answer("i", LAMP + "晚"), arrived_at=now + datetime.timedelta(days=2))
    assert late.complaint is not None and late.complaint.received_at <= timezone.now()


def test_what_nobody_could_take_is_held_and_taken_when_somebody_is_there(
    box: Mailbox, centre: Centre
) -> None:
    posts = list(Post.objects.all())
    Post.objects.all().delete()
    mail = take(box, answer("j", LAMP))
    assert (mail.state, mail.why) == (State.HELD, "nobody")
    Post.objects.bulk_create(posts)
    complaint = handling.to_complaint(mail, centre.person("front_desk"))
    assert complaint.received_at == mail.arrived_at
    # The same message once more is the same message.
    assert take(box, answer("j", LAMP)).pk == mail.pk


def test_a_message_too_large_to_fetch_is_taken_by_its_beginning(box: Mailbox) -> None:
    mail = take(box, answer("k", LAMP), whole=False)
    assert mail.state == State.COMPLAINT
    cut = take(box, headed("cut", b"", "Content-Type: text/plain"), whole=False)
    assert (cut.state, cut.why) == (State.HELD, "too_large")


def test_files_join_with_their_message_and_a_refused_one_is_named(box: Mailbox) -> None:
    complaint = first(box)
    raw = multipart(
        "files",
        plain("照片在这里。"),
        part("image/jpeg", picture(), 'Content-Disposition: attachment; filename="a.jpg"'),
        part(
            "application/x-msdownload", b"MZ", 'Content-Disposition: attachment; filename="b.exe"'
        ),
        From="somebody@example.com",
        In_Reply_To="<somebody@mail.example.com>",
    )
    mail = take(box, raw)
    assert mail.state == State.JOINED
    assert files.add_all() == 1 and files.add_all() == 0
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    assert [each.said["name"] for each in entries if each.kind == "attached"] == ["a.jpg"]
    assert "b.exe" in notes(complaint)[-1]
    # Broken off before it was said to be done: nothing comes twice.
    IncomingMail.objects.update(files_left=True)
    files.add_all()
    assert len(ledger.entries(SUBJECT, complaint.pk)) == len(entries)
