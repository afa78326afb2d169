"""A shape in one of the places, as texts with holes: all that its copies there have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from shouwen.clocks.models import ClockRow
from shouwen.complaints import grams, search_text
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.projection import SUBJECT
from shouwen.demo import bulk
from shouwen.demo.neighbours import Place
from shouwen.demo.shapes import COPY_OF, Shape, as_time
from shouwen.demo.stencils import Holes
from shouwen.records import canonical
from shouwen.records.fields import Personal, encrypt
from shouwen.records.models import Entry

#: Facts that name a member of staff.
STAFF_FACTS = frozenset({"about", "first_contact", "manager", "member", "to"})
#: Facts that name departments, or begin with one (an approval's key).
DEPARTMENT_FACTS = frozenset({"approval", "department", "departments", "key"})
#: Columns that every copy has of its own, those at home there, and those of a caller who is known.
OF_EACH = frozenset({"id", "number", "next_due_at"})
AT_HOME = frozenset({"home_id", "place"})
OF_A_CALLER = frozenset(
    {"customer_id", "name", "relation", "telephone", "telephone_index", "telephone_last4_index"}
)

#: What a copy is found by otherwise than the template.
FOUND_BY = ("number", "home", "content", "place")
#: Kinds of entries that the record is told from.
RECORD = frozenset({"received", "amended"})

COMPLAINT = bulk.column_names(Complaint)
CLOCK = bulk.column_names(ClockRow, but=["id"])
WORK = bulk.column_names(Work, but=["id"])


class Said(NamedTuple):
    """A text or personal word beside an entry, and its last two columns as COPY takes them."""

    name: str
    value: str
    columns: str

    @classmethod
    def of(cls, name: str, value: str, ciphertext: str | None = None) -> Said:
        """A text, or the personal word of that ciphertext."""
        text, cipher = (value, None) if ciphertext is None else (None, ciphertext)
        return cls(name, value, f"{bulk.field(text)}\t{bulk.field(cipher)}")


class Moment(NamedTuple):
    """A moment that moves with the copy: the name of its hole, and whether its form is canonical."""

    name: str
    at: datetime
    canonical: bool


class Part(NamedTuple):
    """An entry: its canonical form and its row with holes; what was said, and whether as record."""

    form: str
    row: str
    said: Sequence[Said]
    record: bool


@dataclass(frozen=True)
class Placed:
    """A shape in a place, ready to be filled in; texts with holes are rows as COPY takes them.

    `caller` says that every copy has the home of one of the place's callers, `known` that it is
    the caller who complains; `content` is what is said before a copy adds its own. `due` are the
    due times of running clocks, and whether they move. `grams` are those of the lines of the search
    text that all copies have in common, `found` names what of their own they are found by.
    """

    shape: Shape
    place: Place
    caller: bool
    known: bool
    moments: Sequence[Moment]
    parts: Sequence[Part]
    head: str
    complaint: str
    clocks: str
    works: str
    due: Sequence[tuple[datetime, bool]]
    search: str
    grams: str
    found: frozenset[str]
    content: str


def placed(shape: Shape, place: Place) -> Placed:
    """Work out what copies of the shape have in common in the place."""
    return _Placing(shape, place).placed()


class _Placing:
    def __init__(self, shape: Shape, place: Place) -> None:
        self.shape, self.place, self.template = shape, place, shape.template
        self.holes = Holes()
        self.moments: dict[tuple[str, bool], Moment] = {}
        self.caller = self.template.columns["home_id"] is not None and bool(place.callers)
        self.known = self.caller and self.template.columns["customer_id"] is not None

    def placed(self) -> Placed:
        parts = [self._part(entry) for entry in self.shape.entries]
        last = self.shape.entries[-1]
        head = (self.holes.text("chain"), *self._whose(), last.number)
        search = self._search()
        return Placed(
            shape=self.shape,
            place=self.place,
            caller=self.caller,
            known=self.known,
            parts=parts,
            head=self._row(
                *head, rf"\x{self.holes.text('previous')}", self._time(last, last.recorded_at)
            ),
            complaint=self._complaint(),
            clocks="".join(self._clocks()),
            works="".join(self._works()),
            due=[
                (clock.due_at, "due_at" in moved)
                for clock, moved in zip(self.shape.clocks, self.shape.moved, strict=True)
                if clock.state == ClockRow.State.RUNNING
            ],
            search=self._row(self.holes.text("id"), search, self.holes.text("grams")),
            grams=" ".join(map(lexeme, self._common_grams(search))),
            found=frozenset(
                name for name in FOUND_BY if self.holes.text(f"found_{name}") in search
            ),
            content=self.template.columns["content"],
            moments=list(self.moments.values()),
        )

    # -- holes

    def _row(self, *values: Any) -> str:
        return self.holes.stencil(bulk.line(values))

    def _whose(self) -> tuple[str, str, int]:
        return SUBJECT, self.holes.text("id"), self.place.project.pk

    def _moving(self, at: datetime, *, canonical: bool = True) -> str:
        """The name of the hole for a moment that moves."""
        new = Moment(f"moment{len(self.moments)}", at, canonical)
        return self.moments.setdefault((at.isoformat(), canonical), new).name

    def _time(self, entry: Entry, at: datetime) -> datetime | str:
        """A moment of that entry in a row."""
        fixed = entry.number in self.shape.fixed
        return at if fixed else self.holes.text(self._moving(at))

    # -- the ledger

    def _part(self, entry: Entry) -> Part:
        fixed = entry.number in self.shape.fixed
        facts = {name: self._fact(name, value, fixed) for name, value in entry.facts.items()}
        if entry.number == 1:
            facts[COPY_OF] = self.template.complaint.number
        said = [
            Said.of(name, value, encrypt(value) if isinstance(value, Personal) else None)
            for name, value in entry.said.items()
            if value is not None
        ]
        digests = {name: self.holes.text(f"digest_{name}") for name, _value, _columns in said}
        who = (self.place.person(entry.actor_id), self.place.person(entry.acting_for_id))
        moments = (entry.occurred_at, entry.recorded_at)
        occurred_at, recorded_at = (
            at if fixed else self.holes.moment(self._moving(at)) for at in moments
        )
        form = canonical.entry_form(
            subject_type=SUBJECT,
            subject_id=self.holes.number("id"),
            project_id=self.place.project.pk,
            number=entry.number,
            kind=entry.kind,
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            actor_id=who[0],
            acting_for_id=who[1],
            facts=facts,
            digests=digests,
            previous_hash=self.holes.hash("previous"),
        )
        row = self._row(
            *(self.holes.text("entry"), self.holes.text("chain"), *self._whose()),
            *(entry.number, entry.kind, *(self._time(entry, at) for at in moments), *who),
            *(canonical.encode(each).decode() for each in (facts, digests)),
            *(rf"\x{self.holes.text(name)}" for name in ("previous", "hash")),
        )
        said_as_record = entry.kind in RECORD
        return Part(self.holes.stencil(form.decode()), row, said, said_as_record)

    def _fact(self, name: str, value: Any, fixed: bool) -> Any:
        at = None if fixed else as_time(value)
        if at is not None:
            return self.holes.text(self._moving(at, canonical=False))
        if name == "home" and self.caller:
            return self.holes.number("home_id")
        if name == "customer" and self.known:
            return self.holes.number("customer_id")
        if name == "relation" and self.known:
            return self.holes.text("relation")
        if name in STAFF_FACTS and type(value) is int:
            return self.place.person(value)
        if name in DEPARTMENT_FACTS and isinstance(value, list):
            return [self.place.department(each) for each in value]
        if name in DEPARTMENT_FACTS and isinstance(value, str):
            return self.place.department(value)
        return value

    # -- what is told from it

    def _complaint(self) -> str:
        columns = dict(self.template.columns)
        for name, value in columns.items():
            if isinstance(value, datetime):
                columns[name] = self.holes.text(self._moving(value + self.shape.shift))
        for name in ("first_contact_id", "manager_id", "about_id"):
            columns[name] = self.place.person(columns[name])
        for name in ("name", "telephone"):
            columns[name] = columns[name] and encrypt(columns[name])
        columns["departments"] = sorted(map(self.place.department, columns["departments"]))
        columns["project_id"] = self.place.project.pk
        own = {"content"} | (AT_HOME if self.caller else set())
        own |= OF_A_CALLER if self.known else set()
        for name in own:
            columns[name] = columns[name] and self.holes.text(name)
        columns |= {name: self.holes.text(name) for name in OF_EACH}
        return self._row(*(columns[name] for name in COMPLAINT))

    def _clocks(self) -> Iterator[str]:
        for clock, moved in zip(self.shape.clocks, self.shape.moved, strict=True):
            columns = {name: getattr(clock, name) for name in CLOCK}
            columns |= {name: self.holes.text(self._moving(columns[name])) for name in moved}
            columns |= {"subject_id": self.holes.text("id"), "project_id": self.place.project.pk}
            for name in ("person_id", "barred_id", "claimed_by_id"):
                columns[name] = self.place.person(columns[name])
            for name in ("key", "department"):
                columns[name] = self.place.department(columns[name])
            columns["fired"] = [self._mark(mark, "due_at" in moved) for mark in clock.fired]
            yield self._row(*(columns[name] for name in CLOCK))

    def _mark(self, mark: str, moves: bool) -> str:
        what, _at, due_at = mark.partition("@")
        at = as_time(due_at)
        if not moves or at is None:
            return mark
        return f"{what}@{self.holes.text(self._moving(at, canonical=False))}"

    def _works(self) -> Iterator[str]:
        for work in self.template.works:
            columns = dict(work)
            columns["complaint_id"] = self.holes.text("id")
            columns["department_id"] = self.place.department_id(work["department_id"])
            columns["member_id"] = self.place.person(work["member_id"])
            due_at = self._moving(work["due_at"] + self.shape.shift)
            columns["due_at"] = self.holes.text(due_at)
            yield self._row(*(columns[name] for name in WORK))

    def _search(self) -> str:
        """What a copy is found by, with holes for what is its own."""
        complaint, own = self.template.complaint, {"content"} | (AT_HOME if self.caller else set())
        home = "" if complaint.confidential or complaint.home is None else complaint.home.label
        return search_text.composed(
            self.holes.text("found_number"),
            "",
            self.holes.text("found_home") if home and self.caller else home,
            search_text.codes(complaint.category),
            [
                {
                    name: self.holes.text(f"found_{name}")
                    if name in own and entry.kind in RECORD
                    else value
                    for name, value in entry.said.items()
                }
                for entry in self.shape.entries
            ],
        )

    def _common_grams(self, search: str) -> set[str]:
        common = [line for line in search.split("\n") if not self.holes.among(line)]
        return set[str]().union(*map(grams.pieces, common))


@lru_cache(maxsize=1 << 16)
def lexeme(piece: str) -> str:
    """A piece of a text as a lexeme of a `tsvector`, in the text form of COPY."""
    quoted = piece.replace("\\", r"\\").replace("'", "''")
    return bulk.escaped(f"'{quoted}'")
