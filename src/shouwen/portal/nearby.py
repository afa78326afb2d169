"""Open incidents that look like what a resident is writing: "is it this one?"."""

from __future__ import annotations

from shouwen.complaints import incidents
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.refusals import Refused
from shouwen.organization.models import Project


def offered(project: Project, place: str, content: str) -> list[Incident]:
    """The incidents that this may be, the most alike first; what residents read of them is title and time."""
    return incidents.look_alike(project, place=place, content=content)


def join(project: Project, offer: str, complaint: Complaint) -> None:
    """Join the complaint to the incident that was chosen, if it is open still.

    The complaint stays one of its own, with the resident's words and an answer to them.
    """
    if not offer.isdecimal():
        return
    found = Incident.objects.filter(project=project, pk=int(offer[:18])).first()
    if found is None or found.status != Incident.Status.OPEN:
        return
    try:
        incidents.join(found, complaint, unattended=True)
    except Refused:
        # It ended meanwhile: what was reported stands by itself.
        return
