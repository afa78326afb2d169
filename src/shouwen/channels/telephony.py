"""Taking what a telephone line tells: each event once, in whatever order they come.

An event is taken in one transaction with what follows from it: the call's row, a notice of a call
that nobody answered, and the end of a call-back that is no longer needed. docs/telephony.md
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import unquote, urlsplit

from django.db.models import Q
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from shouwen.channels import call_backs
from shouwen.channels.calls import Call, CallEvent, Extension, TelephoneLine
from shouwen.organization.customers import find_by_telephone, normalise, telephone_indexes
from shouwen.organization.models import Post, Staff

VERSION = 1
#: How long the ids of events are remembered, far longer than a signature is good.
REMEMBERED = timedelta(days=7)

_PLAIN = r"^[^\x00-\x1f\x7f]*$"
_URI = re.compile(r"^(?:sips?|tel):([^@;]*)", re.IGNORECASE)


def _text(longest: int, least: int = 0) -> StringConstraints:
    return StringConstraints(
        strip_whitespace=True, min_length=least, max_length=longest, pattern=_PLAIN
    )


class Event(BaseModel):
    """One event as it is sent. What a switchboard says beyond this is left unread."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    version: Annotated[int, Field(strict=True, ge=VERSION, le=VERSION)]
    id: Annotated[str, _text(100, 1)]
    event: Literal["ringing", "answered", "missed", "ended", "recording"]
    call: Annotated[str, _text(120, 1)]
    caller: Annotated[str, _text(80)] = Field("", alias="from")
    called: Annotated[str, _text(80)] = Field("", alias="to")
    direction: Literal["in", "out"] = "in"
    extension: Annotated[str, _text(20)] = ""
    agent: Annotated[str, _text(150)] = ""
    at: AwareDatetime
    duration: int | None = Field(None, ge=0, le=86_400)
    recording_url: Annotated[str, _text(1000)] = ""


class RecordingElsewhere(ValueError):
    """The recording does not lie below the address that the line has for recordings."""


def taken(line: TelephoneLine, event: Event, now: datetime) -> bool:
    """Take an event, inside a transaction; False where the same id was taken before.

    Raises RecordingElsewhere for a recording that lies somewhere else than agreed.
    """
    if event.event == "recording" and not below(event.recording_url, line.recordings):
        raise RecordingElsewhere
    # A second one with the same id waits here for the first, and then finds it.
    _row, fresh = CallEvent.objects.get_or_create(
        line=line, event_id=event.id, defaults={"received_at": now}
    )
    if not fresh:
        return False
    if line.last_event_at is None or now - line.last_event_at > timedelta(minutes=1):
        TelephoneLine.objects.filter(pk=line.pk).update(last_event_at=now)
    if event.direction == "in" and _internal(line, event):
        return True
    call, fresh = _call(line, event, now)
    _told(call, event, now)
    _at_whom(call, event, _agent(line, event), fresh=fresh)
    call.state = _state(call)
    call.save()
    _follow(call, now)
    return True


def number_of(said: str) -> str:
    """The number in what a switchboard calls a caller; "" where it was withheld.

    Takes `13800001001`, `+86 138 0000 1001`, `sip:02088880000@pbx`, `anonymous`.
    """
    uri = _URI.match(said.strip())
    text = unquote(uri[1]) if uri else said.strip()
    return text[:40] if normalise(text) and not re.search(r"[A-Za-z]", text) else ""


def below(url: str, base: str) -> bool:
    """Whether an address lies below another: the same server, and a path that leads nowhere else."""
    if not base or not url:
        return False
    try:
        there, here = urlsplit(url), urlsplit(base)
        same = (there.scheme, there.hostname, there.port) == (here.scheme, here.hostname, here.port)
    except ValueError:
        return False
    if not same or there.scheme not in ("https", "http") or there.username or there.password:
        return False
    folder = here.path if here.path.endswith("/") else here.path + "/"
    path = unquote(unquote(there.path))
    leads_away = "\\" in path or any(part in (".", "..") for part in path.split("/"))
    return there.path.startswith(folder) and not leads_away and not url.startswith(("//", "\\"))


def _internal(line: TelephoneLine, event: Event) -> bool:
    """Whether one extension rings another: nobody of the customers is calling."""
    return bool(event.caller) and line.extensions.filter(number=event.caller).exists()


def _call(line: TelephoneLine, event: Event, now: datetime) -> tuple[Call, bool]:
    number = number_of(event.caller if event.direction == "in" else event.called)
    known = list(find_by_telephone([line.project_id], number)[:2]) if number else []
    return Call.objects.select_for_update(of=("self",)).get_or_create(
        line=line,
        external_id=event.call,
        defaults={
            "project_id": line.project_id,
            "direction": event.direction,
            "number": number,
            "number_index": telephone_indexes(number)[0],
            "customer": known[0] if len(known) == 1 else None,
            "state": Call.State.RINGING,
            "started_at": min(event.at, now),
        },
    )


def _at_whom(call: Call, event: Event, agent: Staff | None, *, fresh: bool) -> None:
    """At whose extension it is; while it rings at several, it is the whole front desk's."""
    if event.event == "ringing" and not fresh and call.agent_id != (agent.pk if agent else None):
        if call.answered_at is None:
            call.agent, call.extension = None, ""
        return
    if event.extension:
        call.extension = event.extension
    if agent is not None:
        call.agent = agent


def _told(call: Call, event: Event, now: datetime) -> None:
    """Put into the call what the event says; a clock that is ahead says nothing of the future."""
    at = min(event.at, now)
    match event.event:
        case "ringing":
            call.started_at = min(call.started_at, at)
        case "answered":
            call.answered_at = min(call.answered_at or at, at)
        case "missed" | "ended":
            call.ended_at = max(call.ended_at or at, at)
        case "recording":
            call.recording = event.recording_url
    if event.duration is not None:
        call.duration = event.duration


def _state(call: Call) -> str:
    """Where the call stands, whatever came first; one that ends unanswered was missed."""
    if call.ended_at is None:
        return call.state if call.answered_at is None else Call.State.ANSWERED
    if call.answered_at is None and call.direction == Call.Direction.IN:
        return Call.State.MISSED
    return Call.State.ENDED


def _agent(line: TelephoneLine, event: Event) -> Staff | None:
    """Who sits at the extension, else whose user name it is, of those who work for the project."""
    if event.extension:
        seat = Extension.objects.select_related("staff").filter(
            line=line, number=event.extension, staff__is_active=True
        )
        if (found := seat.first()) is not None:
            return found.staff
    if event.agent:
        here = Post.objects.filter(Q(project=line.project_id) | Q(project=None))
        staff = Staff.objects.filter(
            username=event.agent, is_active=True, pk__in=here.values("staff")
        )
        return staff.first()
    return None


def _follow(call: Call, now: datetime) -> None:
    if call.answered_at is not None:
        call_backs.reached(call)
    if call.state == Call.State.MISSED and call.settled_at is None:
        call_backs.missed(call, now)
