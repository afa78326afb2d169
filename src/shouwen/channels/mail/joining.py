"""Adding to a complaint what its customer wrote further: the one place where mail touches a ledger.

The step that is taken is said here alone.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.organization import on_duty
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer
from shouwen.organization.positions import Position
from shouwen.records import ledger
from shouwen.records.models import Attachment

__all__ = ["add_file", "add_words", "remark"]

_LONGEST = 18_000


def add_words(
    complaint: Complaint, words: str, *, key: str, at: datetime.datetime, now: datetime.datetime
) -> None:
    """What the customer wrote, as their own step: somebody owes them an answer. Raises a `Refused`."""
    said = _("客户来信补充：") + "\n" + words[:_LONGEST]
    lifecycle.take_by_customer(
        "customer_add",
        complaint=complaint,
        data={"words": _naming_nobody(said)},
        key=key,
        occurred_at=max(at, complaint.received_at),
        now=now,
    )


def remark(complaint: Complaint, words: str, *, key: str, now: datetime.datetime) -> None:
    """What the desk should know about a message: that a file was not taken in, who may have sent it."""
    said = _naming_nobody(words[:_LONGEST])
    _take(complaint, "note", {"text": said}, key=key, at=now, now=now)


def add_file(complaint: Complaint, stored: Attachment, *, key: str, now: datetime.datetime) -> None:
    """A file that came with a message. Raises a `Refused`."""
    data: dict[str, Any] = {
        "attachment": str(stored.pk),
        "name": stored.name,
        "sha256": stored.sha256,
        "content_type": stored.content_type,
        "size": stored.size,
    }
    outcome = _take(complaint, "attach", data, key=key, at=now, now=now)
    if not outcome.replayed:
        stored.entry = outcome.entries[0]
        stored.save(update_fields=["entry"])


def _take(
    complaint: Complaint,
    step: str,
    data: dict[str, Any],
    *,
    key: str,
    at: datetime.datetime,
    now: datetime.datetime,
) -> lifecycle.Outcome:
    return lifecycle.take(
        step,
        person=desk_of(complaint, now),
        complaint=complaint,
        data=data,
        occurred_at=max(at, complaint.received_at),
        key=key,
        admitted=Answer(True, ""),
        unattended=True,
        now=now,
    )


def desk_of(complaint: Complaint, now: datetime.datetime) -> Staff:
    """Who answers at the front desk for it now; in the ledger nobody is named."""
    about = fold(ledger.entries(SUBJECT, complaint.pk)).about_id
    found = on_duty.resolve(
        Position.FRONT_DESK, project_id=complaint.project_id, at=now, barred_id=about
    ).persons
    if not found:
        raise LookupError("nobody answers at the front desk")
    return found[0]


def _naming_nobody(words: str) -> str:
    """The words with every @ as a letter: whoever writes from outside calls no colleague."""
    return words.replace("@", "﹫").replace("＠", "﹫")
