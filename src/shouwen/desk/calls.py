"""The card of a call: who rings, where they live, what is open with them, when they were last visited."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from shouwen.channels import call_backs, ringing
from shouwen.channels.calls import Call
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import ENDED
from shouwen.desk.matrix import Specimens
from shouwen.organization.customers import find_by_telephone, mask, telephone_indexes
from shouwen.organization.models import Customer, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records.models import Entry

#: More open complaints or names are not told on a card.
MOST = 3
#: Nor is further back looked than this many.
MOST_LOOKED_AT = 30


@dataclass
class Card:
    """A call as it comes up: `number` is masked, "" where it was withheld."""

    call: Call
    number: str
    customers: list[Customer] = field(default_factory=list)
    open: list[Complaint] = field(default_factory=list)
    visited_at: datetime | None = None

    @property
    def since(self) -> datetime:
        """Since when they speak, or it rings."""
        return self.call.answered_at or self.call.started_at

    @property
    def speaks(self) -> bool:
        """Whether somebody is on the telephone with them."""
        return self.call.state == Call.State.ANSWERED


def callers(person: Staff, call: Call) -> list[Customer]:
    """Who is known by the call's number, of those the person may see."""
    if not call.number:
        return []
    found = find_by_telephone([call.project_id], call.number).values("pk")
    mine = visible_to(person, Customer).filter(pk__in=found).select_related("home", "project")
    return list(mine.order_by("since", "pk")[: MOST + 1])


def card_of(person: Staff, call: Call) -> Card:
    """The card of one call as this person may read it."""
    card = Card(call, mask(call.number) if call.number else "", callers(person, call))
    if not call.number:
        return card
    homes = {each.home_id for each in card.customers if each.home_id}
    # A confidential matter of the home is not told to whoever else calls from there.
    theirs = Q(telephone_index=telephone_indexes(call.number)[0]) | Q(
        home__in=homes, confidential=False
    )
    visible = visible_to(person, Complaint).filter(theirs, project=call.project_id)
    found = list(visible.order_by("-received_at", "-pk")[:MOST_LOOKED_AT])
    card.open = [each for each in found if each.status not in ENDED][: MOST + 1]
    card.visited_at = _visited_at(found)
    return card


def of_complaint(complaint: Complaint) -> list[Call]:
    """The calls about a complaint, or about another matter of the same call; newest first."""
    about = Q(complaint=complaint)
    if complaint.group_id:
        about |= Q(complaint__group=complaint.group_id)
    found = Call.objects.filter(about).select_related("agent")
    return list(found.order_by("-started_at", "-pk")[:MOST_LOOKED_AT])


def _visited_at(complaints: Sequence[Complaint]) -> datetime | None:
    """When one of these complaints last had its return visit [R5]."""
    visits = Entry.objects.filter(
        subject_type=SUBJECT, subject_id__in=[each.pk for each in complaints], kind="visited"
    )
    return visits.order_by("-occurred_at").values_list("occurred_at", flat=True).first()


def call_backs_of(person: Staff) -> QuerySet[Call]:
    """The missed calls that this person is to see to."""
    if not may(person, "see_missed_calls"):
        return Call.objects.none()
    # As agent one also sees calls of projects whose front desk one does not belong to.
    found = visible_to(person, Call).filter(ringing.at_the_desk_of(person))
    return call_backs.waiting(found)


def numbers_to_call_back(person: Staff) -> int:
    """How many numbers these are."""
    return call_backs_of(person).values("project", "number_index").distinct().order_by().count()


def token(calls: Sequence[Call]) -> str:
    """What tells two states of the screen apart, cheaply and without saying anything."""
    said: Any = [(each.pk, each.state, each.agent_id) for each in calls]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16] if calls else "none"


def specimens(made: Specimens, person: Staff) -> dict[str, Call]:
    """Calls that the rules tell apart: at one's own extension, and at the desk of the own project."""
    return {
        "own_call": Call(project=made.project, agent=person),
        "desk_call": Call(project=made.project),
    }
