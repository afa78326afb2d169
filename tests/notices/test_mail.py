"""E-mail as a real mail server receives it: signed in, over TLS, with the headers of a machine's mail."""

from __future__ import annotations

import email
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from django.test import override_settings
from tests.notices.receivers import Authority, MailServer

from shouwen.notices import addresses, gateways, sending
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import Smtp, of_address
from shouwen.notices.message import Message
from shouwen.notices.sending import Failed
from shouwen.organization.models import Staff

PASSWORD = "a pass:word@of the mailbox"
MESSAGE = Message(
    title="JX-20261001-001 即将超时\r\nBcc: everybody@example.cn",
    lines=("还剩 38 分（第四条）", "<b>漏水</b> & 停电"),
    link="https://complaints.example.cn/complaints/JX-20261001-001/",
    language="zh-hans",
    urgent=True,
)


class Mailbox:
    """Takes mail for the staff; knows neither `gone@` nor, for now, `later@`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.sessions: list[Session] = []

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
        self.sessions.append(session)
        return "250 taken"


def _signs_in(server: Any, session: Any, envelope: Any, mechanism: str, said: Any) -> AuthResult:
    right = isinstance(said, LoginPassword) and said.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def mailbox(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A mail server that takes nothing before STARTTLS and signing in."""
    box = Mailbox()
    server = MailServer(
        box,
        hostname="127.0.0.1",
        port=0,
        tls_context=authority.context("127.0.0.1"),
        require_starttls=True,
        authenticator=_signs_in,
        auth_required=True,
    )
    server.start()
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    port = server.bound
    with override_settings(SHOUWEN_SMTP_URL=_url(port)):
        yield box
    server.stop()


def _url(port: int, password: str = "a%20pass%3Aword%40of%20the%20mailbox") -> str:
    sender = "from=notices@example.cn&name=%E9%94%A6%E7%BB%A3%E5%AE%B6%E5%9B%AD"
    return f"smtp://notices:{password}@127.0.0.1:{port}/?{sender}"


def _to(staff: Staff, mailbox_name: str) -> Address:
    return Address.objects.create(
        staff=staff, kind="email", target=f"{mailbox_name}@example.cn", reaches_one=True
    )


def test_a_mail_arrives_as_text_and_html_and_says_that_a_machine_sent_it(
    front_desk: Staff, mailbox: Mailbox
) -> None:
    sending.send(_to(front_desk, "desk"), MESSAGE, delivery="d-1")
    [mail] = mailbox.mails
    assert mailbox.sessions[0].ssl is not None
    assert mail["To"] == "desk@example.cn" and mail["From"] == "锦绣家园 <notices@example.cn>"
    assert mail["Subject"] == "【紧急】JX-20261001-001 即将超时 Bcc: everybody@example.cn"
    assert mail["Bcc"] is None  # a title starts no header of its own
    assert mail["Message-ID"] == "<d-1@example.cn>"
    assert mail["Auto-Submitted"] == "auto-generated" and mail["Date"].datetime
    assert mail["Importance"] == "high" and mail["Content-Language"] == "zh-hans"
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert MESSAGE.link in plain and "<b>漏水</b> & 停电" in plain
    assert f'href="{MESSAGE.link}"' in html and "&lt;b&gt;漏水&lt;/b&gt; &amp; 停电" in html


def test_the_address_of_the_staff_record_is_used_without_setting_anything_up(
    front_desk: Staff, mailbox: Mailbox
) -> None:
    front_desk.email = "front-desk@example.cn"
    front_desk.save()
    found = [each for each in addresses.addresses_for(front_desk) if each.kind == "email"]
    sending.send(found[0], MESSAGE)
    assert mailbox.mails[0]["To"] == "front-desk@example.cn"


@pytest.mark.parametrize(
    ("name", "code", "temporary"), [("gone", "nobody_there", False), ("later", "busy", True)]
)
def test_what_the_mail_server_says_of_a_mailbox_is_told_apart(
    name: str, code: str, temporary: bool, front_desk: Staff, mailbox: Mailbox
) -> None:
    address = _to(front_desk, name)
    with pytest.raises(Failed) as failed:
        sending.send(address, MESSAGE)
    assert (failed.value.code, failed.value.temporary) == (code, temporary)
    assert address.last_error == code


def test_a_wrong_password_is_told_and_named_nowhere(
    front_desk: Staff, mailbox: Mailbox, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SHOUWEN_SMTP_URL = settings.SHOUWEN_SMTP_URL.replace("word", "key")
    with pytest.raises(Failed) as failed:
        sending.send(_to(front_desk, "desk"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("credentials", False)
    assert failed.value.__suppress_context__ and "pass" not in caplog.text + repr(failed.value)
    assert not mailbox.mails


def test_a_server_that_cannot_be_trusted_is_told_no_password(
    front_desk: Staff, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).bundle))
    with pytest.raises(Failed) as failed:
        sending.send(_to(front_desk, "desk"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("certificate", False)


def test_a_server_without_starttls_is_told_no_password(front_desk: Staff) -> None:
    box = Mailbox()
    server = MailServer(box, hostname="127.0.0.1", port=0)
    server.start()
    port = server.bound
    try:
        with (
            override_settings(SHOUWEN_SMTP_URL=_url(port)),
            pytest.raises(Failed) as failed,
        ):
            sending.send(_to(front_desk, "desk"), MESSAGE)
        assert failed.value.code == "refused" and not box.mails
        gateways.save(
            Gateway.Kind.SMTP,
            Smtp(host="127.0.0.1", port=port, security="none", sender="notices@example.cn"),
        )
        sending.send(_to(front_desk, "desk"), MESSAGE)
        assert len(box.mails) == 1 and Gateway.objects.get().last_ok_at
    finally:
        server.stop()


def test_tls_from_the_first_byte(
    front_desk: Staff, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    context: ssl.SSLContext = authority.context("127.0.0.1")
    box = Mailbox()
    server = MailServer(box, hostname="127.0.0.1", port=0, ssl_context=context)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.bundle))
    server.start()
    port = server.bound
    try:
        with override_settings(SHOUWEN_SMTP_URL=f"smtps://127.0.0.1:{port}?from=a@example.cn"):
            sending.send(_to(front_desk, "desk"), MESSAGE)
        assert len(box.mails) == 1
    finally:
        server.stop()


def test_nobody_listening_is_temporary(front_desk: Staff) -> None:
    with (
        override_settings(SHOUWEN_SMTP_URL="smtp://127.0.0.1:9"),
        pytest.raises(Failed) as failed,
    ):
        sending.send(_to(front_desk, "desk"), MESSAGE)
    assert (failed.value.code, failed.value.temporary) == ("unreachable", True)


def test_the_mail_servers_address_is_read_as_documented() -> None:
    read = of_address("smtps://mail.example.cn")
    assert (read.port, read.security, read.sender) == (465, "tls", "shouwen@mail.example.cn")
    read = of_address("smtp://a%40b.cn:p%23w@mail.example.cn?tls=no")
    assert (read.port, read.security, read.user, read.sender) == (587, "none", "a@b.cn", "a@b.cn")
    assert read.password.get_secret_value() == "p#w" and "p#w" not in repr(read)
    for wrong in ("http://mail.example.cn", "smtp://", "mail.example.cn:587", "smtp://h:port-x"):
        with pytest.raises(ValueError, match="SHOUWEN_SMTP_URL"):
            of_address(wrong)
