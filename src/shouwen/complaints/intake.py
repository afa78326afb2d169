"""Writing a complaint for the first time: its row, its chain and its first entries [R1][P1]."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.clocks import projection as clocks
from shouwen.clocks.projection import Changes
from shouwen.complaints import numbers, projection, search_text
from shouwen.complaints.models import Category, Complaint, MatterGroup
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.record import completeness
from shouwen.complaints.roles import in_project
from shouwen.complaints.state import fold
from shouwen.complaints.steps.customer import Split
from shouwen.complaints.steps.intake import subject_of
from shouwen.complaints.steps.table import At, Draft, Step, StepData
from shouwen.complaints.subject import alone
from shouwen.organization.models import Project, Staff
from shouwen.records import canonical, ledger
from shouwen.records.models import Entry

reserve = numbers.reserve


@dataclass
class Planned:
    """An entry that will be written: what the projection reads of it before it has an id."""

    number: int
    kind: str
    occurred_at: datetime
    recorded_at: datetime
    actor_id: int | None
    facts: dict[str, Any]
    said: dict[str, str] = field(default_factory=dict)


def roles_at(person: Staff, project: Project) -> frozenset[str]:
    """What somebody is where there is no complaint yet: their positions in the project."""
    return in_project(person, project)


def group_of(matters: int) -> MatterGroup | None:
    """The link between several matters of one call; one matter needs none."""
    return MatterGroup.objects.create() if matters > 1 else None


def drafted(drafts: list[Draft], at: At, acting_for: Staff | None) -> list[ledger.Draft]:
    """A step's drafts as the ledger takes them."""
    return [
        ledger.Draft(
            kind=draft.kind,
            occurred_at=draft.occurred_at or at.occurred_at,
            actor_id=at.actor_id,
            acting_for_id=acting_for.pk if acting_for else None,
            facts=draft.facts,
            texts=draft.texts,
            personal=draft.personal,
        )
        for draft in drafts
    ]


def to_be_written(drafts: list[Draft], at: At) -> list[Planned]:
    """The entries of a ledger that is about to be opened with these drafts."""
    return [
        Planned(
            number=place,
            kind=draft.kind,
            occurred_at=draft.occurred_at or at.occurred_at,
            recorded_at=at.now,
            actor_id=at.actor_id,
            facts=canonical.facts(draft.facts),
            said={**draft.texts, **draft.personal},
        )
        for place, draft in enumerate(drafts, start=1)
    ]


def insert(
    number: str,
    drafts: list[Draft],
    at: At,
    *,
    group: MatterGroup | None = None,
    acting_for: Staff | None = None,
    **columns: Any,
) -> tuple[Complaint, list[Entry], Changes]:
    """Write a new complaint whole: row, chain, entries, clocks; inside a transaction."""
    planned = to_be_written(drafts, at)
    state = fold(planned)
    rows = clocks.foretell(
        SUBJECT,
        at.project.pk,
        planned,  # type: ignore[arg-type]
        now=at.now,
        timezone=ZoneInfo(at.project.timezone),
        persons=alone(state.first_contact_id, state.manager_id),
        barred_id=state.about_id,
    )
    complaint = Complaint(
        number=number,
        project=at.project,
        group=group,
        version=len(planned),
        next_due_at=clocks.soonest(rows),
        **projection.record_of(planned),  # type: ignore[arg-type]
        **projection.standing_of(state),
        **columns,
    )
    if state.category:
        complaint.category = Category.objects.get(code=state.category)
    complaint.completeness = completeness(complaint)[0]
    complaint.save(force_insert=True)
    chain = ledger.open_chain(SUBJECT, complaint.pk, at.project.pk)
    written = ledger.append_many(chain=chain, drafts=drafted(drafts, at, acting_for), now=at.now)
    search_text.begin([(complaint, [entry.said for entry in written])])
    return complaint, written, clocks.begin(rows, complaint.pk, now=at.now)


def number_for_split(step: Step, complaint: Complaint, now: datetime) -> str | None:
    """The number of the complaint that a split makes, reserved before the transaction begins."""
    if step.name != "split":
        return None
    return reserve(complaint.project, local_day(complaint.project, now))


def local_day(project: Project, now: datetime) -> date:
    """The project's local date at that moment."""
    return now.astimezone(ZoneInfo(project.timezone)).date()


def split_off(complaint: Complaint, number: str, parsed: StepData, at: At) -> Complaint:
    """The other matter of one call as a complaint of its own, linked to the first [P1].

    It was heard when the first was, so its clocks run from then [R1].
    """
    assert isinstance(parsed, Split)
    if complaint.group is None:
        complaint.group = MatterGroup.objects.create()
        complaint.save(update_fields=["group"])
    facts: dict[str, Any] = {
        "severity": parsed.severity,
        "needs_developer": False,
        "channel": complaint.channel,
        "first_contact": complaint.first_contact_id,
        "front_desk": complaint.front_desk,
        "confidential": complaint.confidential,
        "category": parsed.category,
        "home": complaint.home_id,
        "customer": complaint.customer_id,
        "relation": complaint.relation or None,
        "split_from": complaint.number,
    }
    texts = {
        "subject": subject_of(parsed.content),
        "content": parsed.content,
        "place": complaint.place,
        "happened": complaint.happened,
        "reach_when": complaint.reach_when,
    }
    personal = {name: getattr(complaint, name) for name in ("name", "telephone", "email")}
    drafts = [
        Draft(
            "received",
            {name: value for name, value in facts.items() if value is not None},
            {name: value for name, value in texts.items() if value},
            {name: value for name, value in personal.items() if value},
            occurred_at=complaint.received_at,
        ),
        Draft("relayed", occurred_at=at.now),
    ]
    return insert(number, drafts, at, group=complaint.group)[0]
