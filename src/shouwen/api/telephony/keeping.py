"""Keeping a line: its secret, whether it is in use, and a call to try it."""

from __future__ import annotations

import json
import secrets
import uuid
from datetime import timedelta

from django.utils import timezone

from shouwen.api.webhooks import signing
from shouwen.channels import telephony
from shouwen.channels.models import TelephoneLine
from shouwen.organization.models import Project, Staff
from shouwen.records import audit

#: For how long the old secret is good beside a new one.
OVERLAP = timedelta(hours=24)


def make(project: Project, name: str, *, by: Staff) -> TelephoneLine:
    """A new line with a secret of its own."""
    line = TelephoneLine.objects.create(
        project=project,
        name=name,
        token=secrets.token_urlsafe(16),
        secret=signing.new_secret(),
        created_at=timezone.now(),
    )
    note(line, by, "made")
    return line


def rotate(line: TelephoneLine, *, by: Staff) -> None:
    """A new secret; the old one is good for another day."""
    line.previous_secret, line.previous_until = line.secret, timezone.now() + OVERLAP
    line.secret = signing.new_secret()
    line.save(update_fields=["secret", "previous_secret", "previous_until"])
    note(line, by, "rotated")


def switch(line: TelephoneLine, active: bool, *, by: Staff) -> None:
    """Stop the line, or take it into use again. Of a stopped line nothing is taken."""
    line.is_active = active
    line.save(update_fields=["is_active"])
    note(line, by, "started" if active else "stopped")


def try_out(line: TelephoneLine, person: Staff) -> bool:
    """Sign an event as the switchboard would and take it: a card comes up for this person alone."""
    now = timezone.now()
    event_id = f"test-{uuid.uuid4().hex}"
    said = {
        "version": telephony.VERSION,
        "id": event_id,
        "event": "ringing",
        "call": event_id,
        "from": "anonymous",
        "to": line.number,
        "agent": person.username,
        "at": now.isoformat(),
    }
    body, at = json.dumps(said).encode(), int(now.timestamp())
    signature = signing.sign(line.secret, event_id, at, body)
    if not signing.verified(
        line.secrets(now), event_id, str(at), body, signature, now=now.timestamp()
    ):
        return False
    return telephony.taken(line, telephony.Event.model_validate_json(body), now)


def note(line: TelephoneLine, by: Staff, what: str) -> None:
    """Write down that somebody changed the line."""
    audit.note(
        "telephone_line_changed",
        actor_id=by.pk,
        subject_type="telephone_line",
        subject_id=line.pk,
        project_id=line.project_id,
        act=what,
    )
