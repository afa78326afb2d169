"""What a complaint is linked with: the incident that it belongs to, and what was merged with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.complaints import incidents
from shouwen.complaints.choices import offered
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps.table import At, Step
from shouwen.complaints.words import Status
from shouwen.desk import telling
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import ledger
from shouwen.records.models import Entry

MOST_MERGED = 10

_TOLD = frozenset({"customer_informed", "explained", "visited"})


@dataclass(frozen=True)
class Belonging:
    """The incident that a complaint belongs to, or those that it may join."""

    incident: Incident | None
    others: int = 0
    sees: bool = False
    may_leave: bool = False
    may_join: bool = False
    may_begin: bool = False
    alike: Sequence[Incident] = ()
    choices: Sequence[tuple[Any, str]] = ()
    gone: bool = False


def belonging(at: At, steps: list[Step], *, gone: bool = False) -> Belonging:
    """What the card of incidents shows of the complaint; `gone`: one chosen at intake had ended."""
    found = at.complaint
    assert found is not None
    names = {step.name for step in steps}
    if found.incident is not None:
        return Belonging(
            incident=found.incident,
            others=found.incident.complaints.exclude(pk=found.pk).count(),
            sees=bool(may(at.person, "see_incidents", found.incident)),
            may_leave="leave_incident" in names,
        )
    if "join_incident" not in names:
        return Belonging(None)
    choices = offered("incident", at)
    building, unit = (found.home.building, found.home.unit) if found.home else ("", "")
    alike = choices and incidents.look_alike(
        found.project,
        place=found.place,
        content=found.content or found.subject,
        building=building,
        unit=unit,
    )
    return Belonging(
        incident=None,
        may_join=True,
        may_begin=bool(may(at.person, "edit_incident", found.project)),
        alike=alike or (),
        choices=choices,
        gone=gone,
    )


@dataclass(frozen=True)
class Merged:
    """The other of two complaints of the same matter, with its history.

    `into`: it is the one that goes on; else it was merged here, and its customer is still to be told
    (`told_at` when they were, since it was merged or before).
    """

    complaint: Complaint
    into: bool
    told_at: datetime | None
    course: list[telling.Told]


def merged(person: Staff, complaint: Complaint, entries: Sequence[Entry]) -> list[Merged]:
    """What was merged with the complaint, as far as the person may see it; both ways."""
    into = next((e.facts.get("into") for e in reversed(entries) if e.kind == "merged"), None)
    going_on = into if complaint.status == Status.MERGED else None
    here = [e.facts["merged_here"] for e in entries if e.facts.get("merged_here")]
    numbers = [number for number in (going_on, *here) if number][:MOST_MERGED]
    if not numbers:
        return []
    seen = visible_to(person, Complaint).filter(number__in=numbers)
    others = [
        each
        for each in seen.order_by("received_at", "pk")
        # One that was reopened stands for itself again.
        if each.number == going_on or each.status == Status.MERGED
    ]
    found = list(
        Entry.objects.filter(
            subject_type=SUBJECT, subject_id__in=[each.pk for each in others]
        ).order_by("subject_id", "number")
    )
    ledger.attach_said(found)
    names = telling.Names(found)
    of_each = {each.pk: [e for e in found if e.subject_id == each.pk] for each in others}
    return [
        Merged(
            complaint=each,
            into=each.number == going_on,
            told_at=next(
                (e.occurred_at for e in reversed(of_each[each.pk]) if e.kind in _TOLD), None
            ),
            course=telling.tell(of_each[each.pk], names=names),
        )
        for each in others
    ]
