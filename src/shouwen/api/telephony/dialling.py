"""Asking a switchboard to dial: a signed POST, sent once, since somebody waits with the hand on it."""

from __future__ import annotations

import json

from django.utils import timezone

from shouwen.api.webhooks import sending, signing
from shouwen.channels.models import Call


def dial(call_id: int) -> bool:
    """Ask for one call; whether the switchboard took it. Nothing where that was done before."""
    found = Call.objects.select_related("line").filter(pk=call_id, state=Call.State.DIALLING)
    call = found.first()
    if call is None:
        return False
    line = call.line
    said = {
        "version": 1,
        "id": call.external_id,
        "call": call.external_id,
        "from": call.extension,
        "to": call.number,
    }
    body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    timestamp = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Shouwen-Webhooks/1",
        "webhook-id": call.external_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signing.sign(line.secret, call.external_id, timestamp, body),
    }
    taken = line.is_active and sending.send(line.dial_url, body, headers).taken
    state = Call.State.RINGING if taken else Call.State.FAILED
    # What the switchboard told meanwhile is newer than its answer.
    Call.objects.filter(pk=call.pk, state=Call.State.DIALLING).update(state=state)
    return taken
