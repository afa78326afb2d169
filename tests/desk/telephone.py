"""A switchboard for the tests: it signs what it tells and posts it, as docs/telephony.md says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

from django.utils import timezone

from shouwen.api.webhooks import signing
from shouwen.channels.models import TelephoneLine
from shouwen.organization.models import Project

_TOKENS = itertools.count(1)


def line_of(project: Project, **given: Any) -> TelephoneLine:
    """A line of the project."""
    return TelephoneLine.objects.create(
        project=project,
        name="前台",
        token=f"line-{next(_TOKENS)}-{uuid.uuid4().hex[:12]}",
        secret=signing.new_secret(),
        created_at=timezone.now(),
        **given,
    )


def event(kind: str, call: str, **said: Any) -> dict[str, Any]:
    """What an event says; `from` is written `caller`, `to` `called`."""
    names = {"caller": "from", "called": "to"}
    return {
        "version": 1,
        "id": uuid.uuid4().hex,
        "event": kind,
        "call": call,
        "at": timezone.now().isoformat(),
        **{names.get(name, name): value for name, value in said.items()},
    }


def signed(
    secret: str, body: bytes, event_id: str, *, timestamp: int | None = None
) -> dict[str, str]:
    """The headers, reckoned here on their own and not by the product."""
    at = int(time.time()) if timestamp is None else timestamp
    key = base64.b64decode(str.__str__(secret).removeprefix("whsec_"))
    made = hmac.new(key, f"{event_id}.{at}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(at),
        "webhook-signature": "v1," + base64.b64encode(made).decode(),
    }


def post(server: str, line: TelephoneLine, said: dict[str, Any]) -> tuple[int, Any]:
    """Tell the server something; the status and what it answered."""
    body = json.dumps(said).encode()
    headers = {"Content-Type": "application/json"} | signed(line.secret, body, said["id"])
    request = urllib.request.Request(
        f"{server}/telephony/{line.token}/events", data=body, headers=headers
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)
