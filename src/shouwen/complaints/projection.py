"""The complaint row and its departments' parts, copied from the ledger (design, idea 1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from shouwen.clocks import projection as clocks
from shouwen.clocks import reading
from shouwen.complaints import search_text
from shouwen.complaints.models import Category, Complaint, Work
from shouwen.complaints.record import completeness
from shouwen.complaints.state import State, fold
from shouwen.organization.customers import telephone_indexes
from shouwen.organization.models import Department
from shouwen.records import ledger
from shouwen.records.models import Entry

SUBJECT = "complaint"

# Texts and personal words of the record, by the column that repeats them.
SAID = (
    *("subject", "content", "wish", "place", "happened", "reach_when"),
    *("name", "telephone", "email"),
)


def record_of(entries: Iterable[Entry]) -> dict[str, Any]:
    """The standard record as received and amended: columns by name. Entries carry `said`."""
    columns: dict[str, Any] = {}
    for entry in entries:
        if entry.kind == "erased" and "customer" in (entry.facts["names"] or ("customer",)):
            columns["customer_id"] = None
        if entry.kind == "erased" and _without_home(entry):
            columns["home_id"] = None
        if entry.kind not in ("received", "amended", "imported"):
            continue
        for name in SAID:
            if name in entry.said:
                columns[name] = entry.said[name] or ""
        facts = entry.facts
        for fact, column in (("home", "home_id"), ("customer", "customer_id")):
            if facts.get(fact) is not None:
                columns[column] = facts[fact]
        if facts.get("relation"):
            columns["relation"] = facts["relation"]
        if entry.kind != "amended":
            columns["received_at"] = entry.occurred_at
            columns["recorded_at"] = entry.recorded_at
            columns["channel"] = facts.get("channel", "phone")
            columns["front_desk"] = bool(facts.get("front_desk", False))
            columns["confidential"] = bool(facts.get("confidential", False))
    if "subject" in columns:
        columns["subject"] = columns["subject"][:200]
    if "telephone" in columns:
        whole, last4 = telephone_indexes(columns["telephone"])
        columns["telephone_index"], columns["telephone_last4_index"] = whole, last4
    return columns


def _without_home(entry: Entry) -> bool:
    """Whether an erasure took the home: where all was erased, or it was named."""
    names = entry.facts.get("names")
    return names is None or "home" in names


def standing_of(state: State) -> dict[str, Any]:
    """Where the complaint stands: columns by name."""
    return {
        "status": str(state.status),
        "severity": str(state.severity),
        "needs_developer": state.needs_developer,
        "with_board": state.board,
        "justified": state.justified,
        "justified_confirmed": state.justified_confirmed,
        "first_contact_id": state.first_contact_id,
        "manager_id": state.manager_id,
        "about_id": state.about_id,
        "departments": sorted(state.departments),
        "urged": state.urged,
        "round": state.round,
        "visit_attempts": state.visit_attempts,
        "satisfaction": state.satisfaction,
        "closed_at": state.closed_at,
        "held": state.held,
        "incident_id": state.incident_id,
    }


def write(complaint: Complaint, state: State, written: list[Entry], **further: Any) -> None:
    """Bring the row up to its ledger after `written` was appended; in the step's transaction.

    `further` are columns that others tell: `next_due_at`, by the clocks.
    """
    columns = record_of(written) | standing_of(state) | further
    columns["version"] = written[-1].number
    found_at = (complaint.home_id, complaint.category_id, complaint.confidential)
    if state.category and (complaint.category is None or complaint.category.code != state.category):
        complaint.category = Category.objects.select_related("parent").get(code=state.category)
        columns["category_id"] = complaint.category.pk
    for name, value in columns.items():
        setattr(complaint, name, value)
    complaint.completeness = completeness(complaint)[0]
    if complaint.pk is None:
        raise ValueError("a complaint is inserted before its ledger is written")
    complaint.save(update_fields=[*_attributes(columns), "completeness"])
    if found_at == (complaint.home_id, complaint.category_id, complaint.confidential):
        search_text.add(complaint, written)
    else:
        search_text.rewrite(complaint)
    if any(entry.kind in _PARTS_CHANGE for entry in written):
        write_parts(complaint, state)


_PARTS_CHANGE = frozenset(
    {"dispatched", "accepted", "declined", "recalled", "completed", "assigned", "extended"}
    | {"reopened"}
)


def _attributes(columns: Mapping[str, Any]) -> list[str]:
    return [name.removesuffix("_id") if name != "external_id" else name for name in columns]


def write_parts(complaint: Complaint, state: State) -> None:
    """The departments' parts of this round; those of an earlier round are told by the ledger."""
    stored = {work.department.code: work for work in complaint.works.select_related("department")}
    departments = {
        department.code: department
        for department in Department.objects.filter(code__in=state.parts.keys() - stored.keys())
    }
    for code, part in state.parts.items():
        work = stored.pop(code, None) or Work(complaint=complaint, department=departments[code])
        values = {
            "lead": part.lead,
            "status": str(part.status),
            "due_at": datetime.fromisoformat(part.due_at),
            "member_id": part.member_id,
            "declines": part.declines,
        }
        if work.pk is None or any(getattr(work, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(work, name, value)
            work.save()
    for work in stored.values():
        work.delete()


def differences(complaint_id: int) -> list[str]:
    """Where the stored row differs from what its ledger amounts to: the names of the columns."""
    complaint = Complaint.objects.select_related("category__parent", "home").get(pk=complaint_id)
    entries = ledger.entries(SUBJECT, complaint_id, with_said=True)
    state = fold(entries)
    expected = record_of(entries) | standing_of(state)
    expected["version"] = entries[-1].number
    expected["next_due_at"] = _next_due(complaint_id)
    found = [name for name, value in expected.items() if getattr(complaint, name) != value]
    if (complaint.category.code if complaint.category else None) != state.category:
        found.append("category")
    stored = {
        work.department.code: (work.lead, work.status, work.due_at, work.member_id, work.declines)
        for work in complaint.works.select_related("department")
    }
    folded = {
        code: (
            part.lead,
            str(part.status),
            datetime.fromisoformat(part.due_at),
            part.member_id,
            part.declines,
        )
        for code, part in state.parts.items()
    }
    if stored != folded:
        found.append("works")
    if search_text.differs(complaint, entries):
        found.append("search")
    return found


def _next_due(complaint_id: int) -> datetime | None:
    # The clocks room compares its rows with the ledger; here they are what the row follows.
    return clocks.soonest(reading.of_subject(SUBJECT, complaint_id))


def rebuild(complaint_id: int) -> None:
    """Write the row anew from its ledger alone; the chain is locked by the caller."""
    complaint = Complaint.objects.select_related("category__parent", "home").get(pk=complaint_id)
    entries = ledger.entries(SUBJECT, complaint_id, with_said=True)
    state = fold(entries)
    write(complaint, state, entries, next_due_at=_next_due(complaint_id))
    write_parts(complaint, state)
    search_text.rewrite(complaint)
