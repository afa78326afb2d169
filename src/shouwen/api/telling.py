"""Complaints, entries and clocks as the API tells them: codes for programs, labels for people."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from ninja import Field, Schema
from pydantic import AwareDatetime

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.rules import source_known_to
from shouwen.desk import telling as desk
from shouwen.organization.customers import mask
from shouwen.organization.models import Staff
from shouwen.records.fields import Personal
from shouwen.records.models import Attachment, Entry

# By these facts and words a confidential source would be known.
_OF_THE_SOURCE = frozenset({"home", "customer", "relation", "reach_when"})


def plain(value: Any) -> str:
    """What JSON has no form for: lazy words and times."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(type(value).__name__)


class Labelled(Schema):
    """A code with its label in the language of the answer."""

    code: str
    label: str


class Person(Schema):
    """A member of staff."""

    id: int
    name: str


class EntryOut(Schema):
    """One entry of the ledger. Texts that were erased are null."""

    number: int
    kind: str
    title: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    actor: Person | None
    acting_for: Person | None = None
    retracted: bool = False
    facts: dict[str, Any] = Field(examples=[{"department": "jx-engineering", "lead": True}])
    texts: dict[str, str | None] = Field(examples=[{"instructions": "…"}])


class Part(Schema):
    """A department's part of a complaint."""

    department: str
    lead: bool
    status: Labelled
    due_at: AwareDatetime
    member: Person | None


class Source(Schema):
    """From whom it came; null for whom a confidential source is kept from."""

    home: int | None
    home_label: str | None
    customer: int | None
    relation: str | None
    telephone: str | None = Field(description="masked; the whole number is at …/contact")


class ComplaintRow(Schema):
    """A complaint as lists tell it."""

    number: str = Field(examples=["JX-20260301-001"])
    project: str = Field(examples=["JX"])
    version: int = Field(description="number of the newest entry of the ledger; the ETag")
    status: Labelled
    severity: Labelled
    channel: str
    category: str | None
    subject: str
    received_at: AwareDatetime
    closed_at: AwareDatetime | None
    next_due_at: AwareDatetime | None
    first_contact: Person | None
    departments: list[str]
    needs_developer: bool
    confidential: bool
    urged: int
    round: int
    satisfaction: int | None
    imported: bool
    external_id: str | None
    source: Source | None


class ComplaintOut(ComplaintRow):
    """A complaint whole."""

    recorded_at: AwareDatetime
    content: str
    wish: str
    place: str
    happened: str
    incident: str | None = Field(description="number of the incident that it belongs to")
    manager: Person | None
    about: Person | None
    justified: bool | None
    justified_confirmed: bool
    completeness: int
    group: list[str] = Field(description="the other matters of the same call")
    parts: list[Part]


class ClockOut(Schema):
    """A clock: what it asks, of whom, until when, and its verdict."""

    id: int
    rule: str = Field(examples=["R2.dispatch"])
    article: str | None
    title: str
    department: str | None
    holder: str
    holder_name: str
    person: int | None
    state: Labelled
    started_at: AwareDatetime
    due_at: AwareDatetime
    stopped_at: AwareDatetime | None
    started_by: int
    ended_by: int | None


class AttachmentOut(Schema):
    """A stored file."""

    id: str
    name: str
    content_type: str
    size: int
    sha256: str
    stored_at: AwareDatetime
    entry: int | None
    href: str


def local(moment: datetime | None, zone: str) -> datetime | None:
    """The moment in the time zone whose days count."""
    return moment.astimezone(ZoneInfo(zone)) if moment else None


def _person(found: Staff | None) -> dict[str, Any] | None:
    return {"id": found.pk, "name": found.name} if found else None


def knowing(person: Staff, ids: Collection[int]) -> set[int]:
    """Of these complaints, those whose source the person may know."""
    found = Complaint.objects.filter(source_known_to(person), pk__in=list(ids))
    return set(found.values_list("pk", flat=True))


def row(found: Complaint, *, source: bool) -> dict[str, Any]:
    """A complaint in a list; read with project, category, home and first contact."""
    zone = found.project.timezone
    return {
        "number": found.number,
        "project": found.project.code,
        "version": found.version,
        "status": {"code": found.status, "label": found.get_status_display()},
        "severity": {"code": found.severity, "label": found.get_severity_display()},
        "channel": found.channel,
        "category": found.category.code if found.category else None,
        "subject": found.subject,
        "received_at": local(found.received_at, zone),
        "closed_at": local(found.closed_at, zone),
        "next_due_at": local(found.next_due_at, zone),
        "first_contact": _person(found.first_contact),
        "departments": found.departments,
        "needs_developer": found.needs_developer,
        "confidential": found.confidential,
        "urged": found.urged,
        "round": found.round,
        "satisfaction": found.satisfaction,
        "imported": found.imported,
        "external_id": found.external_id or None,
        "source": _source(found) if source else None,
    }


def _source(found: Complaint) -> dict[str, Any]:
    return {
        "home": found.home_id,
        "home_label": found.home.label if found.home else None,
        "customer": found.customer_id,
        "relation": found.relation or None,
        "telephone": mask(found.telephone) if found.telephone else None,
    }


def whole(found: Complaint, *, source: bool, group: list[str]) -> dict[str, Any]:
    """A complaint with everything that its record says."""
    zone = found.project.timezone
    works = found.works.select_related("department", "member").order_by("-lead", "pk")
    return row(found, source=source) | {
        "recorded_at": local(found.recorded_at, zone),
        "content": found.content,
        "wish": found.wish,
        "place": found.place,
        "happened": found.happened,
        "incident": found.incident.number if found.incident else None,
        "manager": _person(found.manager),
        "about": _person(found.about),
        "justified": found.justified,
        "justified_confirmed": found.justified_confirmed,
        "completeness": found.completeness,
        "group": group,
        "parts": [
            {
                "department": work.department.code,
                "lead": work.lead,
                "status": {"code": work.status, "label": work.get_status_display()},
                "due_at": local(work.due_at, zone),
                "member": _person(work.member),
            }
            for work in works
        ],
    }


def entries(
    found: Sequence[Entry],
    *,
    source: bool,
    zone: str = "Asia/Shanghai",
    among: Sequence[Entry] = (),
) -> list[dict[str, Any]]:
    """Entries in ledger order; they carry `said`. Personal words are never told here.

    `among` is the whole ledger, where these are a part of it: it says which notes were taken back.
    """
    names = desk.Names(found)
    back = {each.facts["entry"] for each in (among or found) if each.kind == "retracted"}
    return [_entry(each, names, source, zone, each.number in back) for each in found]


def _entry(
    found: Entry, names: desk.Names, source: bool, zone: str, retracted: bool
) -> dict[str, Any]:
    hidden = frozenset() if source else _OF_THE_SOURCE
    texts = {
        name: value
        for name, value in found.said.items()
        if not isinstance(value, Personal) and name not in hidden and name not in _PERSONAL
    }
    return {
        "number": found.number,
        "kind": found.kind,
        "title": desk.title(found.kind),
        "occurred_at": local(found.occurred_at, zone),
        "recorded_at": local(found.recorded_at, zone),
        "actor": _named(found.actor_id, names),
        "acting_for": _named(found.acting_for_id, names),
        "retracted": retracted,
        "facts": {name: value for name, value in found.facts.items() if name not in hidden},
        "texts": {} if retracted else texts,
    }


# Once erased their kind cannot be told any more.
_PERSONAL = frozenset({"name", "telephone", "email"})


def _named(pk: int | None, names: desk.Names) -> dict[str, Any] | None:
    return {"id": pk, "name": names.person(pk)} if pk is not None else None


def clocks(rows: Sequence[ClockRow], zone: str) -> list[dict[str, Any]]:
    """Clocks with what they ask, in words, and whose they are."""
    names = desk.Names()
    return [
        {
            "id": each.pk,
            "rule": each.rule,
            "article": each.article or None,
            "title": names.duty(each),
            "department": each.department or each.key or None,
            "holder": each.holder,
            "holder_name": names.clock_holder(each),
            "person": each.person_id,
            "state": {"code": each.state, "label": str(ClockRow.State(each.state).label)},
            "started_at": local(each.started_at, zone),
            "due_at": local(each.due_at, zone),
            "stopped_at": local(each.stopped_at, zone),
            "started_by": each.started_by,
            "ended_by": each.ended_by,
        }
        for each in rows
    ]


def attachment(found: Attachment, zone: str) -> dict[str, Any]:
    """A stored file and where it is fetched."""
    return {
        "id": str(found.pk),
        "name": found.name,
        "content_type": found.content_type,
        "size": found.size,
        "sha256": found.sha256,
        "stored_at": local(found.stored_at, zone),
        "entry": found.entry.number if found.entry else None,
        "href": f"/api/v1/attachments/{found.pk}",
    }
