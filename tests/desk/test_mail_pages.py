"""The pages of e-mail: what waits at the front desk, reading it safely, and the mailboxes."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.test import Client
from tests.channels.mail.held import held_mail
from tests.channels.mail.letters import LAMP
from tests.desk.conftest import Office

from shouwen.channels.mail import raw, taking
from shouwen.channels.mail.imap import Fetched
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import InvalidData
from shouwen.records.models import Access

Desk = Callable[[str], Client]


def _hostile() -> bytes:
    body = "<script>alert(1)</script><p>楼道灯不亮 &lt;img src=x onerror=alert(2)&gt;</p>"
    return (
        "From: <b>x</b> <somebody@example.com>\r\nSubject: <script>alert(3)</script>\r\n"
        f"Content-Type: text/html; charset=utf-8\r\n\r\n{body}"
    ).encode()


def test_what_is_held_becomes_a_complaint_by_one_action(office: Office, at_desk: Desk) -> None:
    mail, client = held_mail(office.project), at_desk("front-desk-1")
    page = client.get("/mail/").content.decode()
    assert f"/mail/{mail.pk}/" in page and "同一地址一小时内来信过多" in page
    page = client.get(f"/mail/{mail.pk}/").content.decode()
    assert LAMP in page and "登记为投诉" in page
    answer = client.post(f"/mail/{mail.pk}/take-up/")
    complaint = Complaint.objects.get()
    assert answer.headers["Location"] == f"/complaints/{complaint.number}/"
    assert complaint.content == LAMP and complaint.email == "somebody@example.com"
    # Once.
    assert client.post(f"/mail/{mail.pk}/take-up/").status_code == 409
    assert Complaint.objects.count() == 1
    assert f"/mail/{mail.pk}/" in client.get(f"/complaints/{complaint.number}/").content.decode()


def test_it_is_added_to_a_complaint_of_the_project_or_set_aside_with_a_reason(
    office: Office, at_desk: Desk
) -> None:
    mail, client = held_mail(office.project), at_desk("front-desk-1")
    complaint = office.receive("front-desk-1")
    assert client.post(f"/mail/{mail.pk}/add/", {"number": "JX-1"}).status_code == 422
    assert client.post(f"/mail/{mail.pk}/discard/", {"reason": " "}).status_code == 422
    client.post(f"/mail/{mail.pk}/discard/", {"reason": "广告"})
    mail.refresh_from_db()
    assert (mail.state, mail.reason) == ("discarded", "广告")
    assert mail.handled_by == office.person("front-desk-1")
    # What was set aside can be taken up still.
    client.post(f"/mail/{mail.pk}/add/", {"number": complaint.number.lower()})
    mail.refresh_from_db()
    assert (mail.state, mail.complaint) == ("joined", complaint)
    assert LAMP in client.get(f"/complaints/{complaint.number}/").content.decode()


def test_a_hostile_message_is_shown_as_text(office: Office, at_desk: Desk) -> None:
    mail, client = held_mail(office.project), at_desk("front-desk-1")
    raw.write(mail, _hostile())
    page = client.get(f"/mail/{mail.pk}/").content.decode()
    assert "alert(1)" not in page and "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(2)&gt;" in page
    file = client.get(f"/mail/{mail.pk}/download/")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["Content-Type"] == "application/octet-stream"
    assert {each.action for each in Access.objects.all()} >= {"mail_seen", "mail_downloaded"}


def test_another_projects_mail_is_nobodys_here(office: Office, at_desk: Desk) -> None:
    mail = held_mail(office.project)
    assert at_desk("yh-front-desk-1").get(f"/mail/{mail.pk}/").status_code == 404
    assert "lamp" not in at_desk("yh-front-desk-1").get("/mail/").content.decode()


def test_the_mail_of_a_complaint_about_somebody_is_not_theirs(
    office: Office, at_desk: Desk
) -> None:
    mail = held_mail(office.project)
    message = raw.read(mail)
    IncomingMail.objects.all().delete()
    mail = taking.take(mail.mailbox, Fetched(1, message, len(message), None, True))
    Complaint.objects.update(about=office.person("front-desk-1"))
    assert at_desk("front-desk-1").get(f"/mail/{mail.pk}/").status_code == 404


def test_the_whole_address_is_shown_on_asking_and_written_down(
    office: Office, at_desk: Desk
) -> None:
    complaint = office.receive("front-desk-1", email="somebody@example.com")
    client = at_desk("front-desk-1")
    page = client.get(f"/complaints/{complaint.number}/").content.decode()
    assert "somebody@example.com" not in page and "s***@example.com" in page
    shown = client.post(f"/complaints/{complaint.number}/e-mail/").content.decode()
    assert "somebody@example.com" in shown
    assert Access.objects.filter(action="email_seen", subject_id=complaint.pk).exists()


@pytest.mark.parametrize("wrong", ["", "somebody", "a@b@c", "a b@c.cn"])
def test_an_address_is_written_as_one(office: Office, wrong: str) -> None:
    if not wrong:
        assert office.receive("front-desk-1", email=wrong).email == ""
        return
    with pytest.raises(InvalidData):
        office.receive("front-desk-1", email=wrong)


def test_a_mailbox_is_added_and_its_password_never_shown(office: Office, at_desk: Desk) -> None:
    client = at_desk("administrator")
    given = {
        "project": office.project.pk,
        "address": "kefu@example.cn",
        "host": "127.0.0.1",
        "port": "1",
        "security": "none",
        "user": "kefu@example.cn",
        "password": "a secret of the mailbox",
        "folder": "INBOX",
        "begins_on": "2026-01-01",
    }
    assert client.post("/settings/mailboxes/new/", given | {"password": ""}).status_code == 422
    assert client.post("/settings/mailboxes/new/", given).status_code == 302
    box = Mailbox.objects.get()
    assert box.password == "a secret of the mailbox" and box.begins_on == datetime.date(2026, 1, 1)
    page = client.get(f"/settings/mailboxes/{box.pk}/").content.decode()
    assert "a secret" not in page
    client.post(f"/settings/mailboxes/{box.pk}/", given | {"password": "", "port": "2"})
    box.refresh_from_db()
    assert box.password == "a secret of the mailbox" and box.port == 2
    # What fails is said there, and above every administrator's worklist.
    client.post(f"/settings/mailboxes/{box.pk}/try/")
    assert "连不上对方的服务器" in client.get("/settings/mailboxes/").content.decode()
    assert "kefu@example.cn 取不到信" in client.get("/desk/").content.decode()
    client.post(f"/settings/mailboxes/{box.pk}/switch/")
    box.refresh_from_db()
    assert not box.is_active


def test_only_the_administrator_sets_mailboxes_up(office: Office, at_desk: Desk) -> None:
    assert at_desk("front-desk-1").get("/settings/mailboxes/").status_code == 403
    assert at_desk("administrator").get("/mail/").status_code == 403
