"""E-mail by SMTP, one connection a message."""

from __future__ import annotations

import smtplib
import ssl
from email.headerregistry import Address as Mailbox
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import Smtp
from shouwen.notices.message import Message
from shouwen.notices.sending import texts
from shouwen.notices.sending.failures import Failed
from shouwen.notices.threads import Thread

TIMEOUT = 20  # seconds


def send(to: str, message: Message, delivery: str, thread: Thread | None = None) -> None:
    """Hand the message to the company's mail server, in a thread where one is given. Raises Failed."""
    server = gateways.load(Gateway.Kind.SMTP, Smtp)
    if server is None:
        raise Failed("not_set_up", temporary=False)
    try:
        mail = _composed(server, to, message, delivery, thread or Thread())
    except ValueError:
        # A line break or the like in the address; the text of the exception would repeat it.
        raise Failed("address_wrong", temporary=False) from None
    try:
        with _connected(server) as connection:
            if server.user:
                connection.login(server.user, server.password.get_secret_value())
            connection.send_message(mail)
    except (OSError, smtplib.SMTPException, UnicodeError) as error:
        raise _failure(error) from None


def _composed(
    server: Smtp, to: str, message: Message, delivery: str, thread: Thread
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = Mailbox(server.sender_name, addr_spec=thread.sender or server.sender)
    mail["To"] = Mailbox(addr_spec=to)
    if thread.reply_to:
        mail["Reply-To"] = Mailbox(addr_spec=thread.reply_to)
    mail["Subject"] = " ".join(thread.subject.split()) or texts.title(message)
    if thread.in_reply_to:
        mail["In-Reply-To"] = f"<{thread.in_reply_to}>"
        mail["References"] = " ".join(f"<{each}>" for each in thread.references)
    mail["Date"] = formatdate(localtime=False)
    domain = server.sender.rpartition("@")[2]
    # The same for each attempt at one delivery, so that a mailbox may drop the second.
    mail["Message-ID"] = f"<{delivery}@{domain}>" if delivery else make_msgid(domain=domain)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday note comes back
    mail["X-Auto-Response-Suppress"] = "All"
    if message.urgent and not message.rehearsal:
        mail["Importance"] = "high"
        mail["X-Priority"] = "1"
    mail.set_content(texts.plain(message))
    mail.add_alternative(texts.html(message), subtype="html")
    mail["Content-Language"] = message.language  # last: the parts would take it with them
    return mail


def _connected(server: Smtp) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    if server.security == "starttls":
        try:
            connection.starttls(context=context)
        except BaseException:
            connection.close()
            raise
    return connection


def _failure(error: Exception) -> Failed:
    """What a server's refusal means. Its text is left out: it may name the address."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _text in error.recipients.values()]
        later = all(400 <= code < 500 for code in codes)
        return Failed("busy" if later else "nobody_there", temporary=later)
    if isinstance(error, smtplib.SMTPResponseException):
        if error.smtp_code in (530, 534, 535, 538):
            return Failed("credentials", temporary=False)
        later = 400 <= error.smtp_code < 500 or error.smtp_code < 0
        return Failed("busy" if later else "refused", temporary=later)
    if isinstance(error, smtplib.SMTPNotSupportedError | UnicodeError):
        # No STARTTLS, no sign-in or no international addresses there.
        return Failed("refused", temporary=False)
    if isinstance(error, ssl.SSLCertVerificationError):
        return Failed("certificate", temporary=False)
    if isinstance(error, TimeoutError):
        return Failed("timeout", temporary=True)
    return Failed("unreachable", temporary=True)
