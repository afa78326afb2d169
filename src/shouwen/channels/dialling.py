"""Click to dial: the switchboard rings one's own extension, then the number one was just shown.

A page offers a number with a ticket; only what was shown to a person can be dialled by them.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.core import signing
from procrastinate.contrib.django import app

from shouwen.channels.calls import Call, Extension
from shouwen.complaints.models import Complaint
from shouwen.organization.customers import telephone_indexes
from shouwen.organization.models import Staff
from shouwen.records import audit

TASK = "shouwen.api.tasks.dial"
#: For how long a number that was shown can be dialled, in seconds.
GOOD_FOR = 8 * 3600


class NothingToDial(ValueError):
    """The ticket is not this person's or too old, or the person has no extension that dials."""


def seat_of(person: Staff, project_id: int | None = None) -> Extension | None:
    """The extension from which somebody dials: of that project before another's; None without."""
    found = Extension.objects.select_related("line").filter(staff=person, line__is_active=True)
    seats = list(found.exclude(line__dial_url="").order_by("pk"))
    return min(seats, key=lambda each: each.line.project_id != project_id, default=None)


def ticket(person: Staff, number: str, complaint: Complaint | None = None) -> str:
    """Words by which this person may have this number dialled, for eight hours."""
    said: dict[str, Any] = {"number": str.__str__(number)}
    if complaint is not None:
        said["complaint"] = complaint.pk
    return signing.dumps(said, salt=_salt(person))


def ask(person: Staff, given: str, now: datetime) -> Call:
    """Have the number of a ticket dialled by a job. Raises NothingToDial."""
    try:
        said = signing.loads(given, salt=_salt(person), max_age=GOOD_FOR)
    except signing.BadSignature:
        raise NothingToDial from None
    complaint = Complaint.objects.filter(pk=said.get("complaint")).first()
    seat = seat_of(person, complaint.project_id if complaint else None)
    if seat is None:
        raise NothingToDial
    same = complaint is not None and complaint.project_id == seat.line.project_id
    call = Call.objects.create(
        project_id=seat.line.project_id,
        line=seat.line,
        external_id=uuid.uuid4().hex,
        direction=Call.Direction.OUT,
        number=said["number"],
        number_index=telephone_indexes(said["number"])[0],
        extension=seat.number,
        agent=person,
        state=Call.State.DIALLING,
        started_at=now,
        complaint=complaint if same else None,
    )
    audit.note(
        "number_dialled",
        actor_id=person.pk,
        subject_type="call",
        subject_id=call.pk,
        project_id=call.project_id,
    )
    # The queue holds no number, only which call it is.
    app.configure_task(TASK).defer(call=call.pk)
    return call


def _salt(person: Staff) -> str:
    return f"dial-{person.pk}"
