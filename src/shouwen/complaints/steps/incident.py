"""Belonging to an incident (同因事项): one cause, many complaints, each with its own history."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.roles import FIRST_CONTACT
from shouwen.complaints.steps.intake import DESK
from shouwen.complaints.steps.table import At, Draft, Nothing, Shown, StepData, Wrong, step
from shouwen.complaints.words import Status

JOINED, LEFT = "joined_incident", "left_incident"


class JoinIncident(StepData):
    incident: Annotated[int, Shown(_("同因事项"), "incident")]


@step(
    "join_incident",
    kind=JOINED,
    clause="P1",
    verb=_("归入同因事项"),
    who=(*DESK, FIRST_CONTACT),
    statuses=frozenset(Status) - {Status.WITHDRAWN, Status.MERGED},
    data=JoinIncident,
    crowd=True,
    bulk=True,
)
def join_incident(at: At, data: JoinIncident) -> list[Draft]:
    """[P1] It has the same cause as others; whoever complained is still told and visited alone."""
    if at.state.incident_id == data.incident:
        raise Wrong(incident=_("这件投诉已在这件同因事项里"))
    return [*_leaving(at), *_both(at, JOINED, data.incident)]


@step(
    "leave_incident",
    kind=LEFT,
    clause="P1",
    verb=_("移出同因事项"),
    who=(*DESK, FIRST_CONTACT),
    statuses=frozenset(Status),
    data=Nothing,
    when=lambda at: at.state.incident_id is not None,
    crowd=True,
    bulk=True,
)
def leave_incident(at: At, data: Nothing) -> list[Draft]:
    """[P1] Another cause after all; what was written while it belonged stays written."""
    return _leaving(at)


def _leaving(at: At) -> list[Draft]:
    before = at.state.incident_id
    return [] if before is None else _both(at, LEFT, before)


def _both(at: At, kind: str, incident_id: int) -> list[Draft]:
    """The same in the complaint's ledger and in the incident's."""
    complaint_id = at.complaint.pk if at.complaint else 0
    return [
        Draft(kind, {"incident": incident_id}),
        Draft(kind, {"complaint": complaint_id}, incident=incident_id),
    ]
