"""Whether a machine wrote a message (RFC 3834): such a one is neither a complaint nor answered."""

from __future__ import annotations

import re
from email.message import Message

from shouwen.channels.mail import headers

_SUBJECT = re.compile(
    r"^\s*[\[【(（]?\s*(?:自动回复|自动答复|自動回覆|自動回復|系统退信|退信|Auto(?:matic)?[ -]?Repl(?:y|ies)"
    r"|Out of (?:the )?Office|Undeliver(?:able|ed)|Delivery Status Notification|Mail delivery failed"
    r"|Returned mail|Failure notice|已读|Read:)",
    re.IGNORECASE,
)
_MACHINES = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@")
#: Nobody reads there: what they write is taken, and not answered.
_UNREAD = re.compile(r"^(?:no-?_?reply|do-?not-?reply|noreply\d*|bounces?)[@+]")


def why(message: Message, sender: str) -> str:
    """The sign by which a machine wrote it, as a code; "" where a person did."""

    def said(name: str) -> str:
        return headers.raw(message, name).lower()

    if said("Auto-Submitted").partition(";")[0].strip() not in ("", "no"):
        return "auto_submitted"
    if any(
        message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    ):
        return "autoreply"
    if said("Precedence") in ("bulk", "junk", "list", "auto_reply"):
        return "bulk"
    if any(message.get(name) is not None for name in ("List-Id", "List-Unsubscribe", "List-Post")):
        return "list"
    if said("Return-Path").replace(" ", "") == "<>" or _MACHINES.match(sender):
        return "bounce"
    if message.get_content_type() in ("multipart/report", "message/delivery-status"):
        return "bounce"
    if _SUBJECT.match(headers.text(message, "Subject")):
        return "subject"
    return ""


def answerable(sender: str) -> bool:
    """Whether somebody may read an answer there."""
    return bool(sender) and not _UNREAD.match(sender) and not _MACHINES.match(sender)
