"""The one door of contacts: recording one, and every step on it (as `lifecycle` for complaints)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.clocks import projection as clocks
from shouwen.clocks.projection import Changes
from shouwen.complaints import intake, lifecycle, requests
from shouwen.complaints.choices import check
from shouwen.complaints.contacts import files, projection
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT
from shouwen.complaints.contacts.state import fold
from shouwen.complaints.contacts.steps import (
    RECORD,
    STEPS,
    ContactStep,
    became_complaint,
    record,
)
from shouwen.complaints.models import Complaint
from shouwen.complaints.parsing import parse
from shouwen.complaints.refusals import Changed, InvalidData, NotAllowed, WrongStatus
from shouwen.complaints.state import State
from shouwen.complaints.steps.table import At, Draft, StepData, Wrong
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import canonical, ledger
from shouwen.records.models import Chain, Entry
from shouwen.regulation import engine

_NEXT = "SELECT nextval(pg_get_serial_sequence(%s, 'id'))"


@dataclass(frozen=True)
class Outcome:
    """What a step led to. `complaint`: what the contact became. `replayed`: answered before."""

    contact: Contact
    entries: list[Entry]
    changes: Changes = field(default_factory=Changes)
    complaint: Complaint | None = None
    replayed: bool = False


def receive(
    *,
    person: Staff,
    project: Project,
    data: Mapping[str, Any],
    occurred_at: datetime | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Record a contact. `data` is what `steps.Contacted` holds; `now` is for a simulated past only.

    Raises a `Refused` as `lifecycle.receive` does; nothing is written then.
    """
    now = now or timezone.now()
    parsed = parse(RECORD, data)
    if occurred_at is not None and occurred_at > now:
        raise InvalidData({"occurred_at": [_("发生时间不能晚于现在")]})
    request = requests.Request(key, person.pk, "contact:record", project.pk, data)
    if (answered := request.answered()) is not None:
        return _replay(answered)
    allowed = may(person, "receive", project)
    if not allowed:
        raise NotAllowed(allowed.rule)
    at = _at(person, project, now, occurred_at)
    drafts = _checked(at, parsed, lambda: record(at, parsed))  # type: ignore[arg-type]
    with transaction.atomic():
        contact = _insert(at, drafts)
        chain = ledger.open_chain(SUBJECT, contact.pk, project.pk)
        written = ledger.append_many(chain=chain, drafts=intake.drafted(drafts, at, None), now=now)
        changes = _project(contact, written, now, new=True)
        Contact.objects.filter(pk=contact.pk).update(next_due_at=changes.next_due)
        contact.next_due_at = changes.next_due
        request.answer({"contact": contact.number, "entries": [each.number for each in written]})
    return Outcome(contact, written, changes)


def take(
    name: str,
    *,
    person: Staff,
    contact: Contact,
    data: Mapping[str, Any] | None = None,
    expected_version: int | None = None,
    key: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Take a step on a contact; raises a `Refused` as `lifecycle.take` does, nothing written then.

    `become-complaint` records a complaint, received now from what the contact says, in the same
    transaction.
    """
    now = now or timezone.now()
    step = STEPS[name]
    parsed = parse(step, data or {})
    request = requests.Request(key, person.pk, f"contact:{name}", contact.pk, data or {})
    with transaction.atomic():
        chain = ledger.lock(SUBJECT, contact.pk)
        if chain is None:
            raise LookupError(f"contact {contact.pk} has no ledger")
        if (answered := request.answered()) is not None:
            return _replay(answered)
        before = ledger.entries(SUBJECT, contact.pk, with_said=True)
        if expected_version is not None:
            _unchanged(before, expected_version)
        fresh = Contact.objects.select_related("project").get(pk=contact.pk)
        at = _at(person, fresh.project, now)
        _admit(step, at, fresh)
        complaint: Complaint | None = None
        if name == "become-complaint":
            complaint = _complaint_from(fresh, person, now)
            files.hand_over(fresh, complaint, person)
            drafts = [became_complaint(complaint.number)]
        else:
            state = fold(before)
            drafts = _checked(at, parsed, lambda: step.write(at, state, parsed))
        written = _append(chain, drafts, at)
        changes = _project(fresh, [*before, *written], now)
        whole = [*before, *written]
        projection.write(fresh, whole, fold(whole), next_due_at=changes.next_due)
        request.answer(
            {
                "contact": fresh.number,
                "entries": [each.number for each in written],
                "complaint": complaint.number if complaint else None,
            }
        )
    return Outcome(fresh, written, changes, complaint)


def possible(person: Staff, contact: Contact) -> list[ContactStep]:
    """What this person may do on the contact now."""
    if not may(person, "take_contact_step", contact):
        return []
    received = may(person, "receive", contact.project)
    return [
        step
        for step in STEPS.values()
        if contact.status in step.statuses and (step.name != "become-complaint" or received)
    ]


def preview(
    person: Staff,
    project: Project,
    data: Mapping[str, Any],
    *,
    contact: Contact | None = None,
    name: str = "receive",
    now: datetime | None = None,
) -> Changes:
    """Which clocks recording it, or a step, would start and stop. Raises as `receive` and `take`."""
    now = now or timezone.now()
    at = _at(person, project, now)
    if contact is None:
        said = parse(RECORD, data)
        drafts = _checked(at, said, lambda: record(at, said))  # type: ignore[arg-type]
    else:
        step, state = STEPS[name], fold(ledger.entries(SUBJECT, contact.pk))
        told = parse(step, data)
        drafts = _checked(at, told, lambda: step.write(at, state, told))
    extra = [engine.Entry(each.kind, now, now, canonical.facts(each.facts)) for each in drafts]
    return clocks.preview(
        SUBJECT,
        contact.pk if contact else None,
        extra,
        now=now,
        timezone=ZoneInfo(project.timezone),
        persons=lambda clock: None,
    )


def _at(person: Staff, project: Project, now: datetime, occurred_at: datetime | None = None) -> At:
    return lifecycle.stand(person, None, State(), project=project, now=now, occurred_at=occurred_at)


def _checked(at: At, data: StepData, write: Any) -> list[Draft]:
    if errors := check(at, data):
        raise InvalidData(errors)
    try:
        drafts: list[Draft] = write()
    except Wrong as wrong:
        raise InvalidData(wrong.errors) from None
    return drafts


def _admit(step: ContactStep, at: At, contact: Contact) -> None:
    if not visible_to(at.person, Contact).filter(pk=contact.pk).exists():
        raise NotAllowed(_("这件事不在您的查看范围内"))
    allowed = may(at.person, "take_contact_step", contact)
    if not allowed:
        raise NotAllowed(allowed.rule)
    if contact.status not in step.statuses:
        raise WrongStatus(step.verb, contact.get_status_display())


def _unchanged(entries: Sequence[Entry], expected: int) -> None:
    newer = [
        each
        for each in entries
        if each.number > expected and each.kind not in lifecycle.SYSTEM_KINDS
    ]
    if newer:
        raise Changed(newer)


def _insert(at: At, drafts: list[Draft]) -> Contact:
    """The row, numbered by the local day and a serial that is never given twice."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [Contact._meta.db_table])
        (pk,) = cursor.fetchone()
    planned = intake.to_be_written(drafts, at)
    day = intake.local_day(at.project, at.now)
    contact = Contact(
        pk=pk,
        number=f"{at.project.code}-{day:%Y%m%d}-C{pk}",
        project=at.project,
        **projection.columns_of(planned, fold(planned)),
    )
    contact.save(force_insert=True)
    return contact


def _append(chain: Chain, drafts: list[Draft], at: At) -> list[Entry]:
    return ledger.append_many(chain=chain, drafts=intake.drafted(drafts, at, None), now=at.now)


def _project(
    contact: Contact, entries: Sequence[Entry], now: datetime, *, new: bool = False
) -> Changes:
    return clocks.project(
        SUBJECT,
        contact.pk,
        now=now,
        timezone=ZoneInfo(contact.project.timezone),
        persons=lambda clock: None,
        barred=lambda contact_id: None,
        entries=entries,
        new=new,
    )


def _complaint_from(contact: Contact, person: Staff, now: datetime) -> Complaint:
    """The complaint that the contact has become: received now, with what the contact says.

    Its clocks run from now by the regulation: until now nobody had complained.
    """
    said: dict[str, Any] = {
        "content": str.__str__(contact.content),
        "place": contact.place,
        "channel": contact.channel,
        "name": str.__str__(contact.name),
        "telephone": str.__str__(contact.telephone),
        "relation": contact.relation or None,
        "home": contact.home_id,
        "customer": contact.customer_id,
        "reach_when": contact.reach_when,
    }
    outcomes = lifecycle.receive(
        person=person,
        project=contact.project,
        matters=[{name: value for name, value in said.items() if value not in ("", None)}],
        from_contact=contact.number,
        now=now,
    )
    return outcomes[0].complaint


def _replay(answered: Mapping[str, Any]) -> Outcome:
    contact = Contact.objects.select_related("project").get(number=answered["contact"])
    numbers = set(answered["entries"])
    entries = [e for e in ledger.entries(SUBJECT, contact.pk) if e.number in numbers]
    number = answered.get("complaint")
    complaint = Complaint.objects.filter(number=number).first() if number else None
    return Outcome(contact, entries, complaint=complaint, replayed=True)
