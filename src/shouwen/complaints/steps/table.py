"""The form of the step table: what a step declares, and what it is given.

A step is declared with its clause, who may take it, from which statuses, what it must be told and
which status may follow; its function turns that into drafts of ledger entries. It neither writes
nor reads the database beyond what `At` holds, so that the same function serves the preview.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Protocol, get_type_hints
from uuid import UUID

from django.utils.functional import Promise
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from shouwen.complaints.models import Category, Complaint
from shouwen.complaints.roles import CUSTOMER, departments_of
from shouwen.complaints.state import State
from shouwen.complaints.words import Status
from shouwen.organization.models import Project, Staff

Words = str | Promise


@dataclass(frozen=True)
class Shown:
    """How a field of a step's data is asked for, and where its value is kept.

    `widget` is one of text, textarea, datetime, choice, flag, department, own_department,
    departments, staff, category, complaint, incident, home, number, telephone. `kept` is `fact` (in the
    ledger itself), `text` (free text, erasable) or `personal` (encrypted and erasable).
    """

    label: Words
    widget: str = "text"
    kept: str = "fact"
    help: Words = ""
    choices: tuple[tuple[str, Words], ...] = ()
    short: bool = False  # shares a line with its neighbours


class StepData(BaseModel):
    """What a step must be told. Unknown fields are refused, so that no word is lost silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if isinstance(value, str) and (
            "\0" in value or any("\ud800" <= c <= "\udfff" for c in value)
        ):
            raise PydanticCustomError("unstorable", "文字中有无法保存的字符")
        return value

    @classmethod
    def shown(cls) -> dict[str, Shown]:
        """How each field is shown, in order."""
        return _shown(cls)


@cache
def _shown(data: type[StepData]) -> dict[str, Shown]:
    hints = get_type_hints(data, include_extras=True)
    return {
        name: next(extra for extra in hints[name].__metadata__ if isinstance(extra, Shown))
        for name in data.model_fields
    }


class Asks(Protocol):
    """Whatever is asked for by a form: a step of a complaint, or of a contact."""

    @property
    def name(self) -> str:
        """Its name in addresses."""

    @property
    def data(self) -> type[StepData]:
        """What it must be told."""


class Nothing(StepData):
    """A step that need not be told anything."""


Line = Annotated[str, StringConstraints(max_length=200)]
#: An e-mail address, or none. Whether it exists says the first message to it.
MailAddress = Annotated[str, StringConstraints(max_length=200, pattern=r"^([^@\s<>]+@[^@\s<>]+)?$")]
FilledLine = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Said = Annotated[str, StringConstraints(max_length=20_000)]
Required = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


@dataclass(frozen=True)
class Draft:
    """An entry that a step would write: what goes into the ledger, and what beside it."""

    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    occurred_at: datetime | None = None  # where it is not when the step was taken
    number: str | None = None  # of another complaint whose ledger this goes into (merging)
    incident: int | None = None  # the incident whose ledger this goes into (joining, leaving)

    @property
    def own(self) -> bool:
        """Whether it goes into the ledger of the complaint that the step is taken on."""
        return self.number is None and self.incident is None


@dataclass(frozen=True)
class At:
    """Where a step is taken: who, on which complaint, as it stands, and when."""

    person: Staff
    project: Project
    state: State
    roles: frozenset[str]
    now: datetime
    occurred_at: datetime
    complaint: Complaint | None = None
    unattended: bool = False  # it came in by itself; the person follows it and wrote nothing
    from_contact: str = ""  # the number of the contact that has become this complaint

    @property
    def category(self) -> Category | None:
        """The complaint's category, where it has one."""
        return self.complaint.category if self.complaint else None

    @property
    def actor_id(self) -> int | None:
        """Who wrote it, as the ledger names them."""
        return None if self.unattended else self.person.pk

    def own(self, department: str) -> bool:
        """Whether the person works in that department."""
        return department in departments_of(self.person)


class Wrong(Exception):
    """What a step was told does not fit: messages by field (`""` for the whole)."""

    def __init__(self, **errors: Words) -> None:
        super().__init__("the step was told what does not fit")
        self.errors: dict[str, list[str]] = {
            name.rstrip("_"): [str(words)] for name, words in errors.items()
        }


Condition = Callable[[At], bool]
Write = Callable[[At, Any], list[Draft]]


@dataclass(frozen=True)
class Step:
    """One thing that can be done to a complaint."""

    name: str
    kind: str
    clause: str | None
    verb: Words
    who: tuple[str, ...]
    statuses: frozenset[Status]
    data: type[StepData]
    write: Write
    becomes: tuple[Status, ...] = ()  # statuses that may follow; none: it stays
    when: Condition | None = None  # further condition on the complaint
    letter: str = ""  # its key on the desk
    answers: tuple[str, ...] = ()  # rules whose clocks this step is the answer to
    crowd: bool = False  # may be taken beside somebody else's step (a note, a call)
    bulk: bool = False  # makes sense for several complaints in the same words

    @property
    def by_customer(self) -> bool:
        """Whether it is the customer's own, taken by the tracking link and by nobody of the staff."""
        return self.who == (CUSTOMER,)

    def open_to(self, at: At) -> bool:
        """Whether this person may take it, whatever the status."""
        return bool(at.roles.intersection(self.who))

    def open_at(self, at: At) -> bool:
        """Whether the complaint stands where this step can be taken."""
        return at.state.status in self.statuses and (self.when is None or self.when(at))


STEPS: dict[str, Step] = {}


def step(
    name: str,
    *,
    kind: str,
    verb: Words,
    who: tuple[str, ...],
    statuses: frozenset[Status],
    clause: str | None = None,
    data: type[StepData] = Nothing,
    becomes: tuple[Status, ...] = (),
    when: Condition | None = None,
    letter: str = "",
    answers: tuple[str, ...] = (),
    crowd: bool = False,
    bulk: bool = False,
) -> Callable[[Write], Write]:
    """Declare a step; the decorated function writes its drafts."""

    def declare(write: Write) -> Write:
        if name in STEPS:
            raise ValueError(f"There is a step {name!r} already.")
        STEPS[name] = Step(
            name=name,
            kind=kind,
            clause=clause,
            verb=verb,
            who=tuple(str(word) for word in who),
            statuses=statuses,
            data=data,
            write=write,
            becomes=becomes,
            when=when,
            letter=letter,
            answers=answers,
            crowd=crowd,
            bulk=bulk,
        )
        return write

    return declare


def keep(
    data: StepData, *, leaving: tuple[str, ...] = ()
) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Sort what a step was told into facts, free texts and personal words; empty ones are left out."""
    facts: dict[str, Any] = {}
    texts: dict[str, str] = {}
    personal: dict[str, str] = {}
    for name, shown in data.shown().items():
        value = getattr(data, name)
        if name in leaving or value is None or value == "" or value == []:
            continue
        if shown.kept == "text":
            texts[name] = value
        elif shown.kept == "personal":
            personal[name] = value
        else:
            facts[name] = _plain(value)
    return facts, texts, personal


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def entry(kind: str, data: StepData, *, leaving: tuple[str, ...] = (), **facts: Any) -> Draft:
    """The draft of an entry that keeps what the step was told, with further facts."""
    kept, texts, personal = keep(data, leaving=leaving)
    return Draft(kind, kept | facts, texts, personal)
