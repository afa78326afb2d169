"""Telling somebody something: the one door by which notices come into being.

    tell([person], kind="report_due", matter=f"report:{entry.pk}", complaint=complaint,
         urgency=Urgency.SOON, rule="R6.report", article="R6", step="file_report")

The kind is registered in `kinds`. What is told here is in the person's list at once, in the caller's
transaction; messages to their other addresses leave when the transaction has committed.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from shouwen.complaints.models import Complaint
from shouwen.notices import reaching
from shouwen.notices.kinds import KINDS
from shouwen.notices.notice import Notice
from shouwen.notices.policy import Escalation
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to

# One statement for all. What comes again about a matter is the same notice: newer, unread, counted.
_WRITE = """
INSERT INTO notices_notice AS known (
    person_id, project_id, complaint_id, matter, kind, rule, article, urgency, step, address,
    entry_number, due_at, facts, times, made_at, again_at, escalation_id, rehearsal)
SELECT person_id, project_id, complaint_id, matter, kind, rule, article, urgency, step, address,
    entry_number, due_at, facts, times, made_at, again_at, escalation_id, rehearsal
FROM jsonb_to_recordset(%s) AS told (
    person_id bigint, project_id bigint, complaint_id bigint, matter text, kind text, rule text,
    article text, urgency text, step text, address text, entry_number int, due_at timestamptz,
    facts jsonb, times int, made_at timestamptz, again_at timestamptz, escalation_id bigint,
    rehearsal boolean)
ORDER BY person_id, matter
ON CONFLICT (person_id, matter) DO UPDATE SET
    times = known.times + excluded.times, again_at = excluded.again_at, kind = excluded.kind,
    rule = excluded.rule, article = excluded.article, urgency = excluded.urgency,
    step = excluded.step, due_at = excluded.due_at, facts = excluded.facts,
    entry_number = coalesce(excluded.entry_number, known.entry_number),
    read_at = NULL, shown_at = NULL
RETURNING id, person_id, matter, times, made_at
"""
_COLUMNS = (
    "person_id",
    "project_id",
    "complaint_id",
    "matter",
    "kind",
    "rule",
    "article",
    "urgency",
    "step",
    "address",
    "entry_number",
    "facts",
    "times",
    "escalation_id",
    "rehearsal",
)
_MOMENTS = ("due_at", "made_at", "again_at")


def tell(
    people: Iterable[Staff],
    *,
    kind: str,
    matter: str,
    urgency: str = Urgency.SOON,
    complaint: Complaint | None = None,
    project: Project | None = None,
    rule: str = "",
    article: str = "",
    step: str = "",
    address: str = "",
    due_at: datetime.datetime | None = None,
    entry_number: int | None = None,
    facts: Mapping[str, Any] | None = None,
    escalation: Escalation | None = None,
    rehearsal: bool = False,
    now: datetime.datetime | None = None,
) -> list[Notice]:
    """Tell each of these people once about the matter; their notices.

    `matter` names what it is about: whoever has a notice of that matter gets no second one; it comes
    up again as unread, and is sent again unless it still waits to be sent. `rule` and `article` say
    why, `step` which step the link opens; without a complaint `address` is the path that it opens.
    `facts` are codes, numbers and times for the kind's words, never personal data. Nobody is told of a
    complaint that they may not see, and the person it is about never. Raises LookupError for a kind
    that nobody has registered.
    """
    now = now or timezone.now()
    return write(
        [
            draft(
                person,
                kind=kind,
                matter=matter,
                urgency=urgency,
                complaint=complaint,
                project_id=project.pk if project else None,
                rule=rule,
                article=article,
                step=step,
                address=address,
                due_at=due_at,
                entry_number=entry_number,
                facts=facts,
                escalation=escalation,
                rehearsal=rehearsal,
                now=now,
            )
            for person in people
        ]
    )


def draft(
    person: Staff,
    *,
    kind: str,
    matter: str,
    now: datetime.datetime,
    complaint: Complaint | None = None,
    project_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
    **said: Any,
) -> Notice:
    """A notice that is not written yet; see `tell`. Raises LookupError for an unknown kind."""
    if kind not in KINDS:
        raise LookupError(kind)
    return Notice(
        person=person,
        project_id=complaint.project_id if complaint else project_id,
        complaint=complaint,
        matter=matter,
        kind=kind,
        facts=dict(facts or {}),
        made_at=now,
        again_at=now,
        **said,
    )


def write(drafts: Sequence[Notice]) -> list[Notice]:
    """Write many notices at once, and plan where they go: the notices of whoever may know."""
    told: dict[tuple[int, str], Notice] = {}
    for notice in _lawful(drafts):
        key = (notice.person_id, notice.matter)
        if key in told:
            notice.times = told[key].times
        told[key] = notice
    if not told:
        return []
    rows = [_row(notice) for notice in told.values()]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [json.dumps(rows)])
        for pk, person_id, matter, times, made_at in cursor.fetchall():
            notice = told[person_id, matter]
            notice.pk, notice.times, notice.made_at = pk, times, made_at
            notice._state.adding, notice._state.db = False, connection.alias
    written = list(told.values())
    reaching.plan(written)
    return written


def _row(notice: Notice) -> dict[str, Any]:
    row = {name: getattr(notice, name) for name in _COLUMNS}
    for name in _MOMENTS:
        value = getattr(notice, name)
        row[name] = value.isoformat() if value else None
    return row


def _lawful(drafts: Sequence[Notice]) -> list[Notice]:
    """Those whose person works here and may see what it is about; one question for each person."""
    asked: dict[int, set[int]] = {}
    people: dict[int, Staff] = {}
    for notice in drafts:
        people.setdefault(notice.person_id, notice.person)
        if notice.complaint_id is not None:
            asked.setdefault(notice.person_id, set()).add(notice.complaint_id)
    seen = {
        pk: set(visible_to(people[pk], Complaint).filter(pk__in=ids).values_list("pk", flat=True))
        for pk, ids in asked.items()
    }
    return [
        notice
        for notice in drafts
        if notice.person.is_active
        and (notice.complaint_id is None or notice.complaint_id in seen[notice.person_id])
    ]
