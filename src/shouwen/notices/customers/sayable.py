"""What may be said to a customer about their complaint: a whitelist, told from its ledger alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shouwen.complaints.state import fold
from shouwen.complaints.words import Status
from shouwen.notices.customers.templates import Occasion
from shouwen.records.models import Entry

#: Entries by which the customer hears from us.
TOLD = frozenset({"customer_informed", "explained", "visited"})
# What was done before these is no longer the result.
_BEGINS_ANEW = frozenset({"reopened", "verification_failed"})


@dataclass(frozen=True)
class Known:
    """What the ledger names by code, in the customer's language, and what must not be repeated."""

    number: str
    categories: Mapping[str, str] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    #: By when the customer hears from us first, where they have not heard yet (H.contact).
    first_reply: datetime | None = None
    #: Names of other customers, never to be repeated.
    others: Sequence[str] = ()


@dataclass(frozen=True)
class Sayable:
    """Everything that words to the customer are made of; nothing else of the ledger reaches them."""

    number: str
    name: str = ""
    category: str = ""
    departments: tuple[str, ...] = ()
    date: datetime | None = None
    next: datetime | None = None
    reason: str = ""
    results: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    when: datetime | None = None
    visited: bool = False
    notes: tuple[str, ...] = ()  # what must not be repeated, for the guard alone
    others: tuple[str, ...] = ()


def sayable(entries: Sequence[Entry], known: Known, now: datetime) -> Sayable:
    """What may be said as the ledger stands. `entries` is all of it, in order, with what was said."""
    state = fold(entries)
    parts = sorted(state.at_work, key=lambda part: not part.lead) or [
        part for part in state.parts.values() if part.status == "completed"
    ]
    due = [datetime.fromisoformat(part.delay_asked or part.due_at) for part in state.at_work]
    date = max(due, default=None)
    round_ = list(_since(entries, _BEGINS_ANEW))
    done = [entry for entry in round_ if entry.kind == "completed"]
    expected = date or known.first_reply
    name = _last(entries, ("received", "amended"), "name")
    return Sayable(
        number=known.number,
        name=name,
        category=known.categories.get(state.category or "", ""),
        departments=tuple(known.departments.get(p.department, "") for p in parts),
        date=date,
        next=expected if expected is not None and expected > now else None,
        reason=_reason(entries),
        results=tuple(_said(each, "result") for each in done),
        found=tuple(_said(e, "findings") for e in round_ if e.kind == "investigated"),
        when=done[-1].occurred_at if done else None,
        visited=state.visited,
        notes=tuple(_said(each, "text") for each in entries if each.kind == "noted"),
        others=tuple(other for other in known.others if other and other != name),
    )


def _said(entry: Entry, name: str) -> str:
    return (entry.said.get(name) or "").strip()


def _last(entries: Sequence[Entry], kinds: tuple[str, ...], name: str) -> str:
    found = (_said(each, name) for each in reversed(entries) if each.kind in kinds)
    return next((text for text in found if text), "")


def _since(entries: Sequence[Entry], kinds: frozenset[str]) -> Iterator[Entry]:
    places = [place for place, entry in enumerate(entries) if entry.kind in kinds]
    yield from entries[places[-1] if places else 0 :]


def _reason(entries: Sequence[Entry]) -> str:
    """Why the department needs longer, in its own words: the last delay that was reported."""
    for entry in reversed(entries):
        if entry.kind == "delay_reported":
            return _said(entry, "reason")
        if entry.kind in ("reopened", "dispatched"):
            break
    return ""


def occasion(entries: Sequence[Entry]) -> Occasion | None:
    """What the customer is to hear now; None where there is nothing left to be told."""
    state = fold(entries)
    if state.status in (Status.EXPLAINED, Status.WITHDRAWN, Status.MERGED):
        return None
    since = list(_since(entries, TOLD))
    told = any(entry.kind in TOLD for entry in entries)
    kinds = {entry.kind for entry in (since[1:] if told else since)}
    if state.at_work:
        if state.delay_to_tell:
            return Occasion.DELAYED
        return Occasion.ARRANGED if "dispatched" in kinds or not told else Occasion.PROGRESS
    if state.completed_since_failure:
        if state.status == Status.CLOSED and "completed" not in kinds:
            return None
        return Occasion.RESULT
    if state.status == Status.CLOSED:
        return None
    return Occasion.PROGRESS if told else Occasion.RECEIVED
