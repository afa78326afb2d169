"""The answer to whoever wrote: once, in their thread, through a real mail server."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from tests.channels.mail.conftest import Post
from tests.channels.mail.letters import LAMP, text
from tests.channels.mail.test_joining import box, take
from tests.complaints.conftest import Centre

from shouwen.channels.mail import receipts, taking
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints import one_customer, tracking
from shouwen.complaints.projection import SUBJECT
from shouwen.notices import threads
from shouwen.notices.customers import following, keeping, sending
from shouwen.notices.customers.kept import CustomerMessage
from shouwen.records import erasure, personal
from shouwen.records.models import Entry

__all__ = ["box"]
pytestmark = pytest.mark.usefixtures("box")


def test_the_sender_hears_once_with_number_next_reply_and_private_link(
    box: Mailbox, post: Post
) -> None:
    mail = take(box, text("wang", LAMP, "utf-8", "utf-8", Subject="lamp"))
    complaint = mail.complaint
    assert complaint is not None
    assert receipts.send_due() == 1 and receipts.send_due() == 0
    [sent] = post.mails
    assert sent["To"] == "wang@example.com" and sent["Reply-To"] == "kefu@example.cn"
    assert sent["In-Reply-To"] == sent["References"] == "<wang@mail.example.com>"
    assert complaint.number in sent["Subject"] and sent["Subject"].startswith("Re: lamp")
    assert sent["Auto-Submitted"] == "auto-generated"
    said = sent.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert complaint.number in said and "下次答复" in said
    assert f"https://complaints.example.cn/t/{tracking.token_of(complaint)}/" in said
    mail.refresh_from_db()
    assert mail.receipt == "sent" and mail.receipt_at is not None
    # Its id leads back to the complaint.
    assert threads.complaint_of([sent["Message-ID"].strip("<>")]) == complaint.pk


def test_nobody_is_answered_who_does_not_read(box: Mailbox, post: Post) -> None:
    for name, sender in (("a", "no-reply@example.com"), ("b", "donotreply@example.com")):
        mail = take(box, text(name, LAMP + name, "utf-8", "utf-8", From=sender))
        assert mail.state == "complaint" and mail.receipt == "none"
    automatic = take(box, text("c", LAMP, "utf-8", "utf-8", Auto_Submitted="auto-replied"))
    assert automatic.state == "ignored"
    assert receipts.send_due() == 0 and post.mails == []


def test_a_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not(
    box: Mailbox, post: Post
) -> None:
    now = timezone.now()
    later = take(box, text("x", LAMP, "utf-8", "utf-8", From="later@example.com"))
    gone = take(box, text("y", LAMP, "utf-8", "utf-8", From="gone@example.com"))
    now = timezone.now()
    assert receipts.send_due(now) == 2
    later.refresh_from_db(), gone.refresh_from_db()
    assert gone.receipt == "failed"
    assert later.receipt == "waiting" and later.receipt_next_at is not None
    assert receipts.send_due(now) == 0
    for _ in range(receipts.MOST_ATTEMPTS):
        now += datetime.timedelta(days=1)
        receipts.send_due(now)
    later.refresh_from_db()
    assert later.receipt == "failed"


def test_a_killed_sender_sends_the_same_message_again(box: Mailbox, post: Post) -> None:
    mail = take(box, text("z", LAMP, "utf-8", "utf-8"))
    receipts.send_due()
    IncomingMail.objects.filter(pk=mail.pk).update(
        receipt="waiting", receipt_next_at=timezone.now()
    )
    receipts.send_due()
    assert post.mails[0]["Message-ID"] == post.mails[1]["Message-ID"]


def test_later_words_to_the_customer_go_out_in_the_same_thread(
    box: Mailbox, post: Post, centre: Centre
) -> None:
    keeping.set_telling(
        centre.project, "zh-hans", {"received": True, "delayed": True, "result": True}
    )
    mail = take(box, text("li", LAMP, "utf-8", "utf-8", Subject="lamp"))
    complaint = mail.complaint
    assert complaint is not None
    following.take(list(Entry.objects.order_by("pk")))
    # The receipt says it already.
    assert not CustomerMessage.objects.exists()
    message = CustomerMessage.objects.create(
        complaint=complaint,
        matter="received",
        occasion="received",
        language="zh-hans",
        entry_number=complaint.version,
        send_at=timezone.now(),
    )
    sending.send(message.pk)
    [sent] = post.mails
    assert sent["In-Reply-To"] == "<li@mail.example.com>" and sent["Reply-To"] == "kefu@example.cn"
    own = sent["Message-ID"].strip("<>")
    joined = take(box, text("li-2", "收到。", "utf-8", "utf-8", In_Reply_To=f"<{own}>"))
    assert joined.complaint == complaint and joined.state == "joined"


def test_what_others_wrote_to_a_complaint_is_not_in_its_customers_thread(
    box: Mailbox, centre: Centre
) -> None:
    mail = take(box, text("chen", LAMP, "utf-8", "utf-8", Subject="lamp"))
    complaint = mail.complaint
    assert complaint is not None
    ours = threads.own_id(complaint.pk, "receipt")
    other = text("other", "我也是。", "utf-8", "utf-8", Subject="mine", In_Reply_To=f"<{ours}@x>")
    assert take(box, other).complaint == complaint
    thread = threads.thread_of(complaint)
    assert thread is not None and thread.in_reply_to == "chen@mail.example.com"
    assert "mine" not in thread.subject
    # Whoever told us at the desk can answer to the mailbox.
    told = threads.thread_of(centre.receive(email="desk@example.com"))
    assert told is not None and (told.reply_to, told.in_reply_to) == ("kefu@example.cn", "")


def test_what_is_held_of_a_message_is_handed_over_and_erased_with_its_complaint(
    box: Mailbox, django_capture_on_commit_callbacks: object
) -> None:
    mail = take(box, text("zhang", LAMP, "utf-8", "utf-8", From="zhang <zhang@example.com>"))
    assert mail.complaint is not None
    [held] = [
        each["held"]
        for each in personal.export(SUBJECT, mail.complaint.pk)
        if each["room"] == "channels"
    ]
    assert held[0]["sender"] == "zhang@example.com" and held[0]["file"] == str(mail.path)
    assert "email" in one_customer.IDENTIFYING
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        erasure.erase(
            SUBJECT, mail.complaint.pk, one_customer.IDENTIFYING, actor_id=None, reason="客户要求"
        )
    mail.refresh_from_db(), mail.complaint.refresh_from_db()
    assert not mail.path.exists() and mail.erased_at is not None
    assert (mail.sender, mail.sender_name, mail.sender_index) == ("", "", "")
    assert mail.complaint.email == "" and mail.receipt == "none"
    assert receipts.send_due() == 0
    # Fetched again, it is known still.
    raw = text("zhang", LAMP, "utf-8", "utf-8", From="zhang <zhang@example.com>")
    assert taking.take(box, taking.Fetched(9, raw, len(raw), None, True)).pk == mail.pk
