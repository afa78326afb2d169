"""Open incidents that look like what a resident is writing: "is it this one?"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shouwen.complaints.models import Complaint
from shouwen.organization.models import Project


@dataclass(frozen=True)
class Offer:
    """An incident that can be joined: its id, what it is called to residents, since when it is known."""

    pk: int
    title: str
    since: datetime


def offered(project: Project, place: str, content: str) -> list[Offer]:
    """The incidents that this may be; none where nothing alike is open."""
    return []


def join(project: Project, offer: str, complaint: Complaint) -> bool:
    """Join the complaint to the incident that was chosen; whether there was one."""
    return False
