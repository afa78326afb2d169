"""What is open in a position at this moment, for the hand-over sheet: numbers, rules and times alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from shouwen.clocks import reading
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.desk import words
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Staff
from shouwen.organization.positions import IN_A_DEPARTMENT
from shouwen.organization.scheduling import Place

MOST = 300


@dataclass(frozen=True)
class Open:
    """A line of the sheet as it is read."""

    number: str
    verb: str
    due_at: datetime
    who: str
    late: bool


def items(place: Place) -> list[dict[str, Any]]:
    """The running clocks of the position, soonest first; none of a complaint about a colleague.

    Those go to who is not complained about, and everybody of the project reads the sheet.
    """
    holder = DEPARTMENT if place.position in IN_A_DEPARTMENT else place.position
    rows = reading.running().filter(
        project_id=place.project.pk,
        subject_type=SUBJECT,
        holder=holder,
        person_id__isnull=True,
        barred_id__isnull=True,
    )
    if place.department is not None:
        rows = rows.filter(department=place.department.code)
    found = list(rows.order_by("due_at", "pk")[:MOST])
    numbers = dict(
        Complaint.objects.filter(pk__in={each.subject_id for each in found}).values_list(
            "pk", "number"
        )
    )
    return [
        {
            "number": numbers[each.subject_id],
            "rule": each.rule,
            "due_at": each.due_at.isoformat(),
            "claimed_by": each.claimed_by_id,
        }
        for each in found
        if each.subject_id in numbers
    ]


def told(kept: Iterable[dict[str, Any]], at: datetime) -> list[Open]:
    """The lines of a sheet in words; late where they were due before it was signed."""
    kept = list(kept)
    claimed = {each["claimed_by"] for each in kept if each.get("claimed_by")}
    names = dict(Staff.objects.filter(pk__in=claimed).values_list("pk", "name")) if claimed else {}
    found = []
    for each in kept:
        due_at = parse_datetime(each["due_at"])
        assert due_at is not None
        who = names.get(each["claimed_by"] or 0, "")
        found.append(Open(each["number"], words.duty(each["rule"]), due_at, who, due_at < at))
    return found
