"""What a morning meeting speaks of: last night, overdue, due today, pressed again, not reached.

Each question is answered by an index: the newest of a project, the next due time, the open ones,
and `complaint_events` on the ledger for what happens seldom. Nothing is counted beyond `MOST`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import ENDED, GRAVE, Severity, Status
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.records.models import Entry

#: The day shift ends, and the morning meeting begins, in the project's time.
END_OF_DAY = time(18)
MORNING = time(8)
MOST = 1000

#: What happens at night to something grave. An index of the ledger holds these and the two below.
GRAVE_EVENTS = (
    "alerted",
    "arrived",
    "controlled",
    "escalated_to_board",
    "escalated_to_company",
    "reopened",
    "taken_in_charge",
)
URGED = "urged"
ATTEMPTED = "visit_attempted"


@dataclass(frozen=True)
class Span:
    """A stretch of time; the end does not belong to it."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class Found:
    """The first complaints of a question, and how many there are, counted up to `MOST`."""

    complaints: list[Complaint]
    total: int


def _at(day: date, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def night(day: date, now: datetime) -> Span:
    """The night before the morning of `day`, as far as it has passed, in the current time zone."""
    since = _at(day - timedelta(days=1), END_OF_DAY)
    return Span(since, max(since, min(now, _at(day, MORNING))))


def since_last_meeting(day: date, now: datetime) -> Span:
    """From the morning before: until now on the present day, else until that day's morning."""
    present = day == timezone.localdate(now)
    return Span(_at(day - timedelta(days=1), MORNING), now if present else _at(day, MORNING))


@dataclass(frozen=True)
class Meeting:
    """Whose meeting it is: what this person may see of these projects."""

    person: Staff
    projects: Collection[Project]

    def _seen(self) -> QuerySet[Complaint]:
        seen = visible_to(self.person, Complaint).filter(project__in=self._ids())
        return seen.select_related("project", "home")

    def _ids(self) -> list[int]:
        return [project.pk for project in self.projects]

    def _with_event(self, kinds: Collection[str], span: Span) -> QuerySet[Entry]:
        return Entry.objects.filter(
            subject_type=SUBJECT,
            project_id__in=self._ids(),
            kind__in=kinds,
            occurred_at__gte=span.since,
            occurred_at__lt=span.until,
        )

    def last_night(self, span: Span, limit: int) -> Found:
        """What came in, and where something grave went on; emergencies first, then by receipt."""
        came_in = self._came_in(span).values("pk")
        # A union rather than an "or", so that either side keeps to its index.
        event = self._with_event(GRAVE_EVENTS, span).values("subject_id")
        found = self._seen().filter(pk__in=came_in.union(event), imported=False)
        found = found.filter(
            Q(received_at__gte=span.since) | Q(severity__in=GRAVE), received_at__lt=span.until
        )
        return _first(found.order_by(_GRAVEST_FIRST, "received_at", "pk"), limit)

    def new(self, span: Span) -> tuple[int, int]:
        """How many came in, and how many of these are emergencies."""
        found = list(self._came_in(span).values_list("severity", flat=True)[:MOST])
        return len(found), found.count(Severity.EMERGENCY)

    def _came_in(self, span: Span) -> QuerySet[Complaint]:
        return (
            visible_to(self.person, Complaint)
            .filter(project__in=self._ids(), imported=False)
            .filter(received_at__gte=span.since, received_at__lt=span.until)
        )

    def overdue(self, now: datetime, limit: int) -> Found:
        """Complaints with a clock past due, the longest first: those of the list's 已超时."""
        found = self._seen().filter(next_due_at__lt=now)
        return _first(found.order_by("next_due_at", "pk"), limit)

    def due_today(self, now: datetime, limit: int) -> Found:
        """Complaints whose next clock is due before tomorrow, the soonest first."""
        tonight = _at(timezone.localdate(now) + timedelta(days=1), time.min)
        found = self._seen().filter(next_due_at__gte=now, next_due_at__lte=tonight)
        return _first(found.order_by("next_due_at", "pk"), limit)

    def pressed(self, span: Span, limit: int, *, open_only: bool) -> Found:
        """Complaints that the customer urged in that time, the most often urged first."""
        urged = self._with_event([URGED], span).values("subject_id")
        found = self._seen().filter(pk__in=urged)
        if open_only:
            found = found.exclude(status__in=sorted(ENDED))
        return _first(found.order_by("-urged", "pk"), limit)

    def unreached(self, limit: int) -> Found:
        """Complaints to be visited whose customer was not reached, the most often tried first."""
        found = self._seen().filter(
            status__in=[Status.FINISHED, Status.VERIFIED], visit_attempts__gt=0
        )
        found = found.exclude(status__in=sorted(ENDED))  # as the index says it
        return _first(found.order_by("-visit_attempts", "received_at", "pk"), limit)

    def tried(self, span: Span, limit: int) -> Found:
        """Complaints whose customer was not reached in that time, whatever came of it since."""
        tried = self._with_event([ATTEMPTED], span).values("subject_id")
        return _first(self._seen().filter(pk__in=tried).order_by("received_at", "pk"), limit)


_GRAVEST_FIRST = Case(
    When(severity=Severity.EMERGENCY, then=Value(0)),
    When(severity=Severity.MAJOR, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def _first(found: QuerySet[Complaint], limit: int) -> Found:
    return Found(list(found[:limit]), found.order_by().values("pk")[:MOST].count())


def in_span(entries: Collection[Entry], kinds: Collection[str], span: Span) -> list[Entry]:
    """Those of a ledger's entries that are of these kinds and happened in that time."""
    return [
        entry
        for entry in entries
        if entry.kind in kinds and span.since <= entry.occurred_at < span.until
    ]
