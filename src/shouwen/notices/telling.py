"""Telling somebody something: the one door by which notices come into being.

    tell([person], kind="report_due", matter=f"report:{entry.pk}", complaint=complaint,
         urgency=Urgency.SOON, rule="R6.report", article="R6", step="file_report")

The kind is registered in `kinds`. What is told here is in the person's list at once, in the caller's
transaction; messages to their other addresses leave when the transaction has committed.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
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

# What comes again about a matter is the same notice: newer, unread, and counted.
_AGAIN = """
UPDATE notices_notice SET times = times + 1, again_at = %s, read_at = NULL, shown_at = NULL,
    kind = %s, rule = %s, article = %s, step = %s, due_at = %s, facts = %s::jsonb,
    entry_number = coalesce(%s, entry_number)
WHERE person_id = %s AND matter = %s
"""


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
    """Tell each of these people once about the matter; the notices that are new.

    `matter` names what it is about: whoever has a notice of that matter gets no second one, it only
    comes up again as unread. `rule` and `article` say why, `step` which step the link opens;
    without a complaint `address` is the path that it opens. `facts` are codes, numbers and times for
    the kind's words, never personal data. Nobody is told of a complaint that they may not see, and
    the person it is about never. Raises LookupError for a kind that nobody has registered.
    """
    if kind not in KINDS:
        raise LookupError(kind)
    now = now or timezone.now()
    known: set[int] = set()
    told = []
    for person in people:
        if person.pk in known or not person.is_active or not _may_know(person, complaint):
            continue
        known.add(person.pk)
        told.append(
            Notice(
                person=person,
                project_id=complaint.project_id if complaint else project.pk if project else None,
                complaint=complaint,
                matter=matter,
                kind=kind,
                rule=rule,
                article=article,
                urgency=Urgency(urgency),
                step=step,
                address=address,
                entry_number=entry_number,
                due_at=due_at,
                facts=dict(facts or {}),
                made_at=now,
                again_at=now,
                escalation=escalation,
                rehearsal=rehearsal,
            )
        )
    return _write(told)


def _may_know(person: Staff, complaint: Complaint | None) -> bool:
    if complaint is None:
        return True
    if complaint.about_id == person.pk:
        return False
    return visible_to(person, Complaint).filter(pk=complaint.pk).exists()


def _write(told: list[Notice]) -> list[Notice]:
    """Insert those that are new; the others come up again."""
    if not told:
        return []
    matter = told[0].matter
    there = set(
        Notice.objects.filter(
            person__in=[each.person_id for each in told], matter=matter
        ).values_list("person_id", flat=True)
    )
    # Two that tell the same at once: the unique key decides, and who came second counts on.
    Notice.objects.bulk_create(
        [each for each in told if each.person_id not in there], ignore_conflicts=True
    )
    fresh = {
        row.person_id: row
        for row in Notice.objects.filter(
            person__in=[each.person_id for each in told], matter=matter
        ).select_related("person", "complaint")
        if row.person_id not in there
    }
    with connection.cursor() as cursor:
        for each in told:
            if each.person_id in there:
                cursor.execute(_AGAIN, _values(each))
    made = list(fresh.values())
    reaching.plan(made)
    return made


def _values(notice: Notice) -> list[Any]:
    return [
        notice.again_at,
        notice.kind,
        notice.rule,
        notice.article,
        notice.step,
        notice.due_at,
        json.dumps(notice.facts),
        notice.entry_number,
        notice.person_id,
        notice.matter,
    ]
