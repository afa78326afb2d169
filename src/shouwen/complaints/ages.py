"""Open complaints by age: the oldest first, in bands [R10]."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from shouwen.complaints.models import Complaint
from shouwen.complaints.words import ENDED
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to

#: Counted no further than this: the bands of the youngest may then hold more than is said.
MOST = 5000


@dataclass(frozen=True)
class Band:
    """Complaints that have been open for at least `days` and less than `below` days."""

    days: int
    below: int | None

    @property
    def name(self) -> str:
        """As it stands in an address."""
        return str(self.days)

    def holds(self, received_at: datetime, now: datetime) -> bool:
        """Whether a complaint received then is in the band."""
        age = now - received_at
        oldest = self.below is None or age < timedelta(days=self.below)
        return age >= timedelta(days=self.days) and oldest

    def condition(self, now: datetime) -> Q:
        """The band as a condition on complaints."""
        found = Q()
        if self.days:
            found &= Q(received_at__lte=now - timedelta(days=self.days))
        if self.below is not None:
            found &= Q(received_at__gt=now - timedelta(days=self.below))
        return found


_STEPS = (30, 15, 7, 3, 0)
BANDS = tuple(Band(days, below) for days, below in zip(_STEPS, (None, *_STEPS[:-1]), strict=True))


def open_ones(person: Staff, projects: list[Project]) -> QuerySet[Complaint]:
    """The open complaints of these projects that the person may see, oldest first."""
    seen = visible_to(person, Complaint).filter(project__in=[each.pk for each in projects])
    return seen.exclude(status__in=sorted(ENDED)).order_by("received_at", "pk")


def counts(found: QuerySet[Complaint], now: datetime) -> dict[Band, int]:
    """How many there are in each band; one query, over the `MOST` oldest."""
    said = found.all()[:MOST].aggregate(
        **{f"from_{band.name}": Count("pk", filter=band.condition(now)) for band in BANDS}
    )
    return {band: said[f"from_{band.name}"] for band in BANDS}


def band_of(complaint: Complaint, now: datetime) -> Band:
    """The band of a complaint; one received just now is in the youngest."""
    return next((band for band in BANDS if band.holds(complaint.received_at, now)), BANDS[-1])
