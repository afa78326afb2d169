"""Complaints kept elsewhere until now: what was closed is brought in as history, what was still
open is received anew [A1].

History is one ledger entry of the kind `imported`: it starts no clock, and the complaint counts in
volumes only. What is still open goes through the step `receive`; its clocks start when it is
brought in, never before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone

from shouwen.complaints import intake, numbers, projection, search_text
from shouwen.complaints.choices import check
from shouwen.complaints.lifecycle import stand
from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.parsing import parse
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.record import completeness
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.complaints.state import State, fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.intake import subject_of
from shouwen.complaints.steps.table import At, Draft
from shouwen.complaints.words import Channel, Severity
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may
from shouwen.records import bulk, canonical, ledger
from shouwen.records.models import Entry

# Any number: imports into one project take turns, batch by batch.
_IMPORTING = 7_306_016
_TEXTS = ("content", "wish", "place", "happened", "reach_when", "reply")
_PERSONAL = ("name", "telephone")


@dataclass(frozen=True, kw_only=True, repr=False)
class Kept:
    """A complaint as it was kept elsewhere; it does not tell itself in error messages.

    `external_id` tells it from all others of the project, for ever. `received_at` and `closed_at`
    are the original times (None: not known when it was closed). `reply` is the answer that was
    given, `words` are original expressions that a code stands for here, `origin` says where it
    comes from (facts of the ledger: no names, no free text).
    """

    external_id: str
    received_at: datetime
    closed_at: datetime | None = None
    subject: str = ""
    content: str = ""
    wish: str = ""
    place: str = ""
    happened: str = ""
    reach_when: str = ""
    reply: str = ""
    name: str = ""
    telephone: str = ""
    relation: str | None = None
    home: int | None = None
    category: str | None = None
    severity: str = Severity.ROUTINE
    channel: str = Channel.IMPORT
    words: dict[str, str] = field(default_factory=dict)
    origin: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The subject, or one drafted from the words."""
        return self.subject or subject_of(self.content)


def present(project: Project, external_ids: Collection[str]) -> set[str]:
    """Which of these are in the project already."""
    found = Complaint.objects.filter(project=project, external_id__in=list(external_ids))
    return set(found.values_list("external_id", flat=True))


def bring_in(
    project: Project,
    rows: Sequence[Kept],
    *,
    person: Staff | None = None,
    now: datetime | None = None,
) -> list[Complaint]:
    """Bring in closed complaints, all or none; those that are there already are left as they are.

    They are numbered by the day on which they were received. `person` is who brings them in (None:
    the system). Returns what was brought in now. Raises ValueError where one was received or
    closed later than `now`, or holds what cannot be stored.
    """
    now = now or timezone.now()
    for row in rows:
        if row.closed_at is not None and not row.received_at <= row.closed_at <= now:
            raise ValueError("history was closed after it was received, and before today")
    known = present(project, [row.external_id for row in rows])
    new = [row for row in rows if row.external_id not in known]
    days = Counter(_day(project, row) for row in new)
    reserved = numbers.reserve_each(project, days) if new else {}
    categories = Category.objects.select_related("parent").in_bulk(field_name="code")
    with transaction.atomic():
        _take_turns(project)
        known = present(project, [row.external_id for row in new])
        new = [row for row in new if row.external_id not in known]
        drafts = [_imported(row, person) for row in new]
        complaints = Complaint.objects.bulk_create(
            _row(project, row, next(reserved[_day(project, row)]), draft, now, categories)
            for row, draft in zip(new, drafts, strict=True)
        )
        bulk.open_many(
            SUBJECT,
            [
                bulk.Opening(complaint.pk, project.pk, draft)
                for complaint, draft in zip(complaints, drafts, strict=True)
            ],
            now=now,
        )
        prefetch_related_objects(complaints, "home")
        search_text.begin(
            (complaint, [draft.texts]) for complaint, draft in zip(complaints, drafts, strict=True)
        )
    return complaints


def may_receive(person: Staff, project: Project) -> None:
    """Raises NotAllowed where this person may not receive complaints in the project [R1]."""
    _standing(project, person, timezone.now())


def check_open(project: Project, row: Kept, *, person: Staff, now: datetime) -> list[Draft]:
    """What receiving this open complaint would write; nothing is written.

    Raises NotAllowed where this person may not receive in the project, InvalidData where the step
    does not accept the row.
    """
    return _received(row, _standing(project, person, now))


def receive_open(
    project: Project, row: Kept, *, person: Staff, now: datetime | None = None
) -> Complaint | None:
    """Receive a complaint that is still open elsewhere: its clocks start now.

    When it was first received stays in the ledger. None where it is there already. Raises as
    `check_open`.
    """
    now = now or timezone.now()
    if present(project, [row.external_id]):
        return None
    at = _standing(project, person, now)
    drafts = _received(row, at)
    number = intake.reserve(project, intake.local_day(project, now))
    with transaction.atomic():
        _take_turns(project)
        if present(project, [row.external_id]):
            return None
        return intake.insert(number, drafts, at, external_id=row.external_id)[0]


def _standing(project: Project, person: Staff, now: datetime) -> At:
    at = stand(person, None, State(), project=project, now=now)
    allowed = may(person, "step:receive", at)
    if not allowed:
        raise NotAllowed(allowed.rule)
    return at


def _received(row: Kept, at: At) -> list[Draft]:
    step = STEPS["receive"]
    told = {name: getattr(row, name) for name in step.data.model_fields if name in _KEPT}
    parsed = parse(step, told | {"content": row.content or row.subject, "subject": row.title})
    errors = check(at, parsed)
    if errors:
        raise InvalidData(errors)
    received, *rest = step.write(at, parsed)
    facts = {**received.facts, **_origin(row), "first_received_at": row.received_at.isoformat()}
    texts = {**received.texts, **row.words} | ({"reply": row.reply} if row.reply else {})
    return [replace(received, facts=facts, texts=texts), *rest]


_KEPT = frozenset(each.name for each in fields(Kept))


def _day(project: Project, row: Kept) -> date:
    return intake.local_day(project, row.received_at)


def _take_turns(project: Project) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_IMPORTING, project.pk])


def _origin(row: Kept) -> dict[str, Any]:
    return {"external_id": row.external_id, **row.origin}


def _imported(row: Kept, person: Staff | None) -> ledger.Draft:
    facts = _origin(row) | {"severity": row.severity, "channel": row.channel}
    for name in ("category", "relation", "home"):
        if getattr(row, name) is not None:
            facts[name] = getattr(row, name)
    if row.closed_at is not None:
        facts["closed_at"] = row.closed_at
    return ledger.Draft(
        kind="imported",
        occurred_at=row.received_at,
        actor_id=person.pk if person else None,
        facts=facts,
        texts={"subject": row.title, **_given(row, _TEXTS), **row.words},
        personal=_given(row, _PERSONAL),
    )


def _given(row: Kept, names: Collection[str]) -> dict[str, str]:
    return {name: getattr(row, name) for name in names if getattr(row, name)}


def _row(
    project: Project,
    row: Kept,
    number: str,
    draft: ledger.Draft,
    now: datetime,
    categories: dict[str, Category],
) -> Complaint:
    """The complaint's row, as the projection tells it from the entry that will be written."""
    entry = Entry(
        number=1,
        kind=draft.kind,
        occurred_at=draft.occurred_at,
        recorded_at=now,
        actor_id=draft.actor_id,
        facts=canonical.facts(draft.facts),
    )
    entry.said = {**draft.texts, **draft.personal}
    state = fold([entry])
    complaint = Complaint(
        number=number,
        project=project,
        imported=True,
        external_id=row.external_id,
        version=1,
        category=categories[state.category] if state.category else None,
        **projection.record_of([entry]),
        **projection.standing_of(state),
    )
    complaint.completeness = completeness(complaint)[0]
    return complaint
