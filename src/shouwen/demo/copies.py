"""Copies of the demo's complaints, written as they would lie there had their steps been taken.

Every copy has hashes, digests and salts of its own, so that the ledger verifies.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from shouwen.clocks.models import ClockRow
from shouwen.complaints import numbers
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.projection import SUBJECT
from shouwen.demo import bulk, details
from shouwen.demo.neighbours import Caller, Place
from shouwen.demo.shapes import COPY_OF, Shape, later
from shouwen.records import canonical
from shouwen.records.fields import Personal, encrypt
from shouwen.records.models import Chain, Entry, ErasableFact

#: Facts that name a member of staff.
STAFF_FACTS = frozenset({"about", "first_contact", "manager", "member", "to"})
#: Facts that name departments, or begin with one (an approval's key).
DEPARTMENT_FACTS = frozenset({"approval", "department", "departments", "key"})

_COMPLAINT = bulk.column_names(Complaint)
_CLOCK = bulk.column_names(ClockRow, but=["id"])
_WORK = bulk.column_names(Work, but=["id"])
#: What a copy consists of, in the order in which it is written.
TABLES: dict[bulk.Model, Sequence[str]] = {
    Complaint: _COMPLAINT,
    Work: _WORK,
    Chain: bulk.column_names(Chain),
    Entry: bulk.column_names(Entry, but=["transaction"]),
    ErasableFact: bulk.column_names(ErasableFact, but=["id"]),
    ClockRow: _CLOCK,
}
_STILL = timedelta()


class Said(NamedTuple):
    """A text or personal word beside an entry; a personal one with its ciphertext."""

    name: str
    value: str
    ciphertext: str | None


@dataclass(frozen=True)
class Placed:
    """A shape in one of the places: what its copies there have in common, worked out once."""

    shape: Shape
    place: Place

    @cached_property
    def facts(self) -> list[tuple[dict[str, Any], list[str]]]:
        """Of each entry the facts at the earliest moment, and the names of those that move."""
        found = []
        for entry in self.shape.entries:
            facts = {name: self._fact(name, value) for name, value in entry.facts.items()}
            stays = entry.number in self.shape.fixed
            moving = [] if stays else [name for name in facts if _is_time(facts[name])]
            found.append((facts, moving))
        return found

    def _fact(self, name: str, value: Any) -> Any:
        if name in STAFF_FACTS and type(value) is int:
            return self.place.person(value)
        if name in DEPARTMENT_FACTS and isinstance(value, str):
            return self.place.department(value)
        if name in DEPARTMENT_FACTS and isinstance(value, list):
            return [self.place.department(each) for each in value]
        return value

    @cached_property
    def said(self) -> list[list[Said]]:
        """Of each entry what was said, in the template's words."""
        return [
            [
                Said(name, value, encrypt(value) if isinstance(value, Personal) else None)
                for name, value in entry.said.items()
                if value is not None
            ]
            for entry in self.shape.entries
        ]

    @cached_property
    def columns(self) -> dict[str, Any]:
        """The complaint's row at the earliest moment."""
        columns = dict(self.shape.template.columns)
        for name, value in columns.items():
            if isinstance(value, datetime):
                columns[name] = value + self.shape.shift
        for name in ("first_contact_id", "manager_id", "about_id"):
            columns[name] = self.place.person(columns[name])
        for name in ("name", "telephone"):
            columns[name] = encrypt(columns[name]) if columns[name] else ""
        columns["departments"] = sorted(map(self.place.department, columns["departments"]))
        columns["project_id"] = self.place.project.pk
        return columns

    @cached_property
    def times(self) -> list[str]:
        """The columns of the complaint that hold a time."""
        return [name for name, value in self.columns.items() if isinstance(value, datetime)]

    @cached_property
    def works(self) -> list[dict[str, Any]]:
        """The departments' parts at the earliest moment."""
        return [
            work
            | {
                "department_id": self.place.department_id(work["department_id"]),
                "member_id": self.place.person(work["member_id"]),
                "due_at": work["due_at"] + self.shape.shift,
            }
            for work in self.shape.template.works
        ]

    @cached_property
    def clocks(self) -> list[dict[str, Any]]:
        """The clocks' columns at the earliest moment."""
        found = []
        for clock in self.shape.clocks:
            columns = {name: getattr(clock, name) for name in _CLOCK}
            columns["project_id"] = self.place.project.pk
            columns["fired"] = list(columns["fired"])
            for name in ("person_id", "barred_id"):
                columns[name] = self.place.person(columns[name])
            for name in ("key", "department"):
                columns[name] = self.place.department(columns[name])
            found.append(columns)
        return found


def _is_time(value: Any) -> bool:
    return bool(later(value, timedelta(days=1)) != value)


@dataclass(frozen=True)
class Copy:
    """One copy: of what, where, how much later than the shape's earliest moment, who complains."""

    placed: Placed
    by: timedelta
    caller: Caller | None

    @cached_property
    def day(self) -> date:
        """The local day on which it is recorded; its number says so."""
        template = self.placed.shape.template
        recorded_at = template.complaint.recorded_at + self.placed.shape.shift + self.by
        return recorded_at.astimezone(template.subject.timezone).date()


def write(copies: Sequence[Copy], ids: Sequence[int], chance: random.Random) -> None:
    """Write these copies as the complaints of these ids, in one transaction."""
    serials = _numbers(copies)
    chain_ids = bulk.next_ids(Chain, len(copies))
    wanted = sum(len(each.placed.shape.entries) for each in copies)
    entry_ids = iter(bulk.next_ids(Entry, wanted))
    rows = bulk.Rows(TABLES)
    for each, pk, chain_id in zip(copies, ids, chain_ids, strict=True):
        number = next(serials[each.placed.place.project.pk][each.day])
        record = _ledger(rows, each, pk, chain_id, entry_ids, chance)
        next_due_at = _clocks(rows, each, pk)
        _complaint(rows, each, pk, number, record, next_due_at)
        for work in each.placed.works:
            moved = work | {"complaint_id": pk, "due_at": work["due_at"] + each.by}
            rows.add(Work, [moved[name] for name in _WORK])
    rows.write()


def _numbers(copies: Sequence[Copy]) -> dict[int, dict[date, Iterator[str]]]:
    projects = {each.placed.place.project.pk: each.placed.place.project for each in copies}
    wanted: dict[int, Counter[date]] = defaultdict(Counter)
    for each in copies:
        wanted[each.placed.place.project.pk][each.day] += 1
    return {pk: numbers.reserve_each(projects[pk], days) for pk, days in sorted(wanted.items())}


def _ledger(
    rows: bulk.Rows,
    copy: Copy,
    pk: int,
    chain_id: int,
    entry_ids: Iterator[int],
    chance: random.Random,
) -> dict[str, Said]:
    """Chain, entries and what was said beside them; gives the words that the record repeats."""
    placed = copy.placed
    person, project_id = placed.place.person, placed.place.project.pk
    previous, record = canonical.GENESIS, dict[str, Said]()
    for entry, (common, moving), words in zip(
        placed.shape.entries, placed.facts, placed.said, strict=True
    ):
        by = _STILL if entry.number in placed.shape.fixed else copy.by
        facts = common | {name: later(common[name], by) for name in moving}
        if entry.kind in ("received", "amended"):
            facts |= _of_caller(copy, facts)
            words = [_own(copy, each, chance) for each in words]
            record |= {each.name: each for each in words}
        if entry.number == 1:
            facts[COPY_OF] = placed.shape.template.complaint.number
        entry_id = next(entry_ids)
        digests = {}
        for name, value, ciphertext in words:
            salt = chance.randbytes(canonical.SALT_BYTES)
            digests[name] = canonical.digest(salt, name, value)
            text = value if ciphertext is None else None
            rows.add(ErasableFact, (entry_id, name, salt, text, ciphertext))
        occurred_at, recorded_at = entry.occurred_at + by, entry.recorded_at + by
        actor_id, acting_for_id = person(entry.actor_id), person(entry.acting_for_id)
        form = canonical.entry_form(
            subject_type=SUBJECT,
            subject_id=pk,
            project_id=project_id,
            number=entry.number,
            kind=entry.kind,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            actor_id=actor_id,
            acting_for_id=acting_for_id,
            facts=facts,
            digests=digests,
            previous_hash=previous,
        )
        own = canonical.sha256(form)
        # In the order of the columns of `Entry`.
        whose = (entry_id, chain_id, SUBJECT, pk, project_id, entry.number, entry.kind)
        who = (occurred_at, recorded_at, actor_id, acting_for_id)
        rows.add(Entry, (*whose, *who, facts, digests, previous, own))
        previous = own
    rows.add(Chain, (chain_id, SUBJECT, pk, project_id, entry.number, previous, recorded_at))
    return record


def _of_caller(copy: Copy, facts: dict[str, Any]) -> dict[str, Any]:
    caller = copy.caller
    if caller is None:
        return {}
    own = {"customer": caller.customer_id, "home": caller.home_id, "relation": caller.relation}
    return {name: value for name, value in own.items() if name in facts}


def _own(copy: Copy, said: Said, chance: random.Random) -> Said:
    """What this caller says in place of the template's."""
    caller = copy.caller
    if said.name == "content":
        return Said("content", f"{said.value}{details.sentence(chance)}", None)
    if said.name == "place" and caller is not None:
        return Said("place", details.spot(caller.building, chance), None)
    if said.name == "name" and caller is not None:
        return Said("name", caller.name, caller.name_cipher)
    if said.name == "telephone" and caller is not None:
        return Said("telephone", caller.telephone, caller.telephone_cipher)
    return said


def _complaint(
    rows: bulk.Rows,
    copy: Copy,
    pk: int,
    number: str,
    record: dict[str, Said],
    next_due_at: datetime | None,
) -> None:
    columns = copy.placed.columns | {"id": pk, "number": number}
    for name in copy.placed.times:
        columns[name] += copy.by
    columns["next_due_at"] = next_due_at
    for said in record.values():
        if said.name in columns:
            columns[said.name] = said.value if said.ciphertext is None else said.ciphertext
    caller = copy.caller
    if caller is not None:
        own = {"customer_id": caller.customer_id, "home_id": caller.home_id}
        own |= {"relation": caller.relation, "telephone_index": caller.indexes[0]}
        own |= {"telephone_last4_index": caller.indexes[1]}
        columns |= {name: value for name, value in own.items() if columns[name]}
    rows.add(Complaint, [columns[name] for name in _COMPLAINT])


def _clocks(rows: bulk.Rows, copy: Copy, pk: int) -> datetime | None:
    """Write the clocks; gives the earliest due time of those that run."""
    next_due_at = None
    for common, moved in zip(copy.placed.clocks, copy.placed.shape.moved, strict=True):
        columns = common | {name: common[name] + copy.by for name in moved}
        columns["subject_id"] = pk
        if "due_at" in moved:
            columns["fired"] = [_later_mark(mark, copy.by) for mark in common["fired"]]
        if columns["state"] == ClockRow.State.RUNNING:
            next_due_at = min(next_due_at or columns["due_at"], columns["due_at"])
        rows.add(ClockRow, [columns[name] for name in _CLOCK])
    return next_due_at


def _later_mark(mark: str, by: timedelta) -> str:
    what, _at, due_at = mark.partition("@")
    return f"{what}@{later(due_at, by)}"
