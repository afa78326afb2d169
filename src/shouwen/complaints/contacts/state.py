"""A contact's ledger folded into where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shouwen.complaints.contacts.words import KEPT, ContactStatus
from shouwen.organization.customers import telephone_indexes

#: Texts and personal words of the record, by the column that repeats them.
SAID = ("content", "place", "reach_when", "name", "telephone")


@dataclass
class ContactState:
    """Where a contact stands after its last entry."""

    status: ContactStatus = ContactStatus.OPEN
    holder: str = ""
    department: str = ""
    next_reply_at: datetime | None = None
    settled_at: datetime | None = None
    complaint: str = ""

    @property
    def standing(self) -> dict[str, Any]:
        """The columns of the row that say so."""
        return {
            "status": str(self.status),
            "holder": self.holder,
            "department": self.department,
            "next_reply_at": self.next_reply_at,
            "settled_at": self.settled_at,
        }


def fold(entries: Iterable[Any]) -> ContactState:
    """Where the contact stands."""
    state = ContactState()
    for entry in entries:
        apply(state, entry)
    return state


def apply(state: ContactState, entry: Any) -> None:
    """Take in one more entry."""
    facts = entry.facts
    if entry.kind == "contacted":
        state.status = ContactStatus.KEPT if facts["nature"] in KEPT else ContactStatus.OPEN
    elif entry.kind == "handed_on":
        state.holder, state.department = facts["holder"], facts.get("department", "")
        state.next_reply_at = _moment(facts.get("next_reply_at"))
        promised = facts["promised"]
        state.status = ContactStatus.PROMISED if promised else ContactStatus.OPEN
    elif entry.kind == "answered":
        state.next_reply_at = _moment(facts.get("next_reply_at"))
        if state.next_reply_at is not None:
            state.status = ContactStatus.PROMISED
    elif entry.kind in ("settled", "became_complaint"):
        settled = entry.kind == "settled"
        state.status = ContactStatus.SETTLED if settled else ContactStatus.COMPLAINT
        state.settled_at = state.settled_at or entry.occurred_at
        state.next_reply_at = None
        state.complaint = facts.get("complaint", state.complaint)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def record_of(entries: Iterable[Any]) -> dict[str, Any]:
    """The record as it came in, and the last answer: columns by name. Entries carry `said`."""
    columns: dict[str, Any] = {}
    for entry in entries:
        if entry.kind == "erased" and "customer" in (entry.facts["names"] or ("customer",)):
            columns["customer_id"] = None
        if entry.kind == "erased" and "home" in (entry.facts["names"] or ("home",)):
            columns["home_id"] = None
        if entry.kind == "answered":
            columns["answer"] = entry.said.get("told") or ""
        if entry.kind != "contacted":
            continue
        facts = entry.facts
        columns |= {name: entry.said.get(name) or "" for name in SAID}
        columns |= {
            "nature": facts["nature"],
            "channel": facts.get("channel", "phone"),
            "received_at": entry.occurred_at,
            "recorded_at": entry.recorded_at,
            "taken_by_id": entry.actor_id,
            "about_id": facts.get("praised"),
            "customer_id": facts.get("customer"),
            "home_id": facts.get("home"),
            "relation": facts.get("relation") or "",
        }
        whole, last4 = telephone_indexes(columns["telephone"])
        columns |= {"telephone_index": whole, "telephone_last4_index": last4}
    return columns
