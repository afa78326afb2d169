"""What is sent by the portal's form: let in at once, or held back to be looked at; each thing once.

An emergency is never held back, whoever sends it and however often.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.channels import counting, held
from shouwen.channels.arriving import arrive, danger_in
from shouwen.channels.models import HeldArrival
from shouwen.complaints import requests
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel, Severity
from shouwen.organization.models import Place, Project
from shouwen.records.models import Request


@dataclass(frozen=True)
class Sent:
    """What somebody wrote, `danger` what they chose; `machine`: a field that no person sees was filled."""

    content: str
    place: str = ""
    name: str = ""
    telephone: str = ""
    danger: bool = False
    machine: bool = False

    @property
    def emergency(self) -> bool:
        """Whether the choice or the words mean danger [R6]."""
        return self.danger or danger_in(self.content, self.place) is not None

    @property
    def unreachable(self) -> bool:
        """Whether nobody could say who sent it or call them."""
        return not (self.name or self.telephone)

    def matter(self) -> dict[str, Any]:
        """What `arrive` is told."""
        told: dict[str, Any] = {
            "content": self.content,
            "place": self.place,
            "name": self.name,
            "telephone": self.telephone,
        }
        if self.danger:
            told["severity"] = Severity.EMERGENCY
        return {name: said for name, said in told.items() if said}

    def key(self, form: str) -> str:
        """Names this content of that form: sent again it is the same, written anew it is another."""
        said = json.dumps(self.matter(), sort_keys=True, ensure_ascii=False)
        return f"{form[:64]}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def answered(project: Project, key: str) -> Complaint | HeldArrival | None:
    """What became of it when it was sent before; None where it was not, or the reply never left."""
    stored = Request.objects.filter(key=f"{Channel.WEB}:{key}", actor_id=requests.NOBODY).first()
    if stored is not None:
        return Complaint.objects.filter(
            project=project, number__in=stored.result["numbers"]
        ).first()
    return HeldArrival.objects.filter(project=project, key=key).first()


def weigh(place: Place, sent: Sent, *, key: str, address: str, now: datetime | None = None) -> str:
    """Why it is to be looked at first; "" where it is let in. Counts it, once.

    In a transaction of its own, so that arrivals from one address do not wait for each other.
    """
    if sent.emergency or answered(place.project, key) is not None:
        return ""
    # Counted also where a machine sent it: the next from there are not let in either.
    many = counting.too_many(place, address, sent.telephone, now)
    if sent.machine:
        return HeldArrival.Why.MACHINE
    return HeldArrival.Why.MANY if many else ""


def take(
    place: Place, sent: Sent, *, key: str, why: str = "", now: datetime | None = None
) -> Complaint | HeldArrival:
    """Receive it, or hold it back where `weigh` says `why`. `key` is `sent.key(…)`.

    What was sent before gives what it gave then. Raises as `arriving.arrive`.
    """
    before = answered(place.project, key)
    if before is not None:
        return before
    if why:
        return held.hold(place.project, sent.matter(), key=key, why=why, now=now)
    return arrive(place.project, sent.matter(), channel=Channel.WEB, key=key, now=now).complaint
