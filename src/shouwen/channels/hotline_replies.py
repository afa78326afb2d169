"""Replies to outside hotlines: each `hotline_answered` of the ledger goes out once it is written.

At least once under the same id, in the documented form, tried again for three days.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import app

from shouwen.channels.models import Hotline, HotlineReply
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.notices.sending import web
from shouwen.notices.sending.failures import Failed
from shouwen.notices.sending.gateway import signature
from shouwen.records import followers, ledger
from shouwen.records.models import Entry

NAME = "hotlines"
TASK = "channels.send_hotline_reply"
VERSION = 1
LOOK = 0.5  # seconds between looks at the ledger
_KIND = "hotline_answered"
PAUSES = [
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
]


def run(stop: threading.Event, worker: str) -> None:
    """The loop of a worker process: following the ledger until `stop` is set."""
    followers.begin(NAME)
    while not stop.is_set():
        if not followers.advance(NAME, handle):
            stop.wait(LOOK)


def handle(entries: Sequence[Entry]) -> None:
    """Queue the replies among the entries, in the transaction that moves the position."""
    for entry in entries:
        if entry.subject_type == SUBJECT and entry.kind == _KIND:
            queue(entry)


def queue(entry: Entry) -> HotlineReply | None:
    """Send this reply, where its hotline takes replies by wire; None where it does not."""
    complaint = Complaint.objects.get(pk=entry.subject_id)
    order = fold(ledger.entries(SUBJECT, complaint.pk)).hotline
    named = order.source if order else ""
    hotline = (
        Hotline.objects.filter(project=complaint.project_id, name=named, is_active=True)
        .exclude(reply_url="")
        .first()
    )
    if hotline is None:
        return None
    reply, made = HotlineReply.objects.get_or_create(
        complaint=complaint, entry=entry.number, defaults={"hotline": hotline}
    )
    if made:
        _defer(reply)
    return reply


def again(reply: HotlineReply) -> None:
    """Try once more what was given up."""
    HotlineReply.objects.filter(pk=reply.pk).update(
        state=HotlineReply.State.WAITING, attempts=0, problem=""
    )
    _defer(reply)


def _defer(reply: HotlineReply, at: datetime | None = None) -> None:
    app.configure_task(TASK, lock=f"hotline-{reply.pk}", schedule_at=at).defer(reply=str(reply.pk))


def body(reply: HotlineReply) -> dict[str, Any]:
    """What a hotline is told (docs/hotlines.md)."""
    entries = ledger.entries(SUBJECT, reply.complaint_id, with_said=True)
    answer = next(each for each in entries if each.number == reply.entry)
    order = next(
        each
        for each in reversed(entries)
        if each.kind == "hotline_order" and each.number < answer.number
    )
    due_at = datetime.fromisoformat(order.facts["due_at"])
    return {
        "version": VERSION,
        "id": str(reply.pk),
        "order": order.facts["order"],
        "complaint": reply.complaint.number,
        "reply": answer.said.get("reply", ""),
        "response": answer.facts["response"],
        "resolution": answer.facts["resolution"],
        "satisfaction": answer.facts["satisfaction"],
        "answered_at": answer.occurred_at.isoformat(),
        "due_at": due_at.isoformat(),
        "in_time": answer.occurred_at <= due_at,
    }


def deliver(pk: str) -> None:
    """Send one reply, and say what came of it; what may be taken later is tried again then."""
    replies = HotlineReply.objects.select_related("hotline", "complaint")
    reply = replies.filter(pk=pk, state=HotlineReply.State.WAITING).first()
    if reply is None:
        return
    sent = json.dumps(body(reply), ensure_ascii=False).encode()
    timestamp = str(int(timezone.now().timestamp()))
    headers = {
        "X-Shouwen-Delivery": str(reply.pk),
        "X-Shouwen-Timestamp": timestamp,
        "X-Shouwen-Signature": signature(str.__str__(reply.hotline.secret), timestamp, sent),
    }
    reply.attempts += 1
    try:
        status, _answer = web.post(reply.hotline.reply_url, sent, headers=headers)
        web.by_status(status)
    except Failed as failed:
        reply.problem = failed.code
        if failed.temporary and reply.attempts <= len(PAUSES):
            _defer(reply, timezone.now() + PAUSES[reply.attempts - 1])
        else:
            reply.state = HotlineReply.State.FAILED
    else:
        reply.state, reply.problem, reply.sent_at = HotlineReply.State.SENT, "", timezone.now()
    reply.save(update_fields=["state", "attempts", "problem", "sent_at"])
