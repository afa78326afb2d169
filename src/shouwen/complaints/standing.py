"""Where a complaint stands, as its ledger tells: the departments' parts, what was done, what is owed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from shouwen.complaints.words import AT_WORK, ENDED, GRAVE, Severity, Status, WorkStatus


class Happening(Protocol):
    """What the fold reads of a ledger entry."""

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def recorded_at(self) -> datetime: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass
class Part:
    """One department's part: what was last asked of it and what it answered [R4][R5]."""

    department: str
    lead: bool
    status: WorkStatus
    due_at: str
    dispatched_by: int
    member_id: int | None = None
    declines: int = 0
    delay_asked: str | None = None
    appointment: str | None = None


@dataclass(frozen=True)
class Note:
    """Who wrote a note, and when it was written down."""

    author_id: int | None
    recorded_at: datetime


@dataclass(frozen=True)
class Claim:
    """Who of a position took up what it then had to do, and by which entry."""

    person_id: int | None
    number: int


@dataclass(frozen=True)
class HotlineOrder:
    """An outside hotline's order: its number and limit there, and the entries that hold both ends."""

    number: str
    source: str
    due_at: str
    registered_by: int
    answered_by: int | None = None


@dataclass
class State:
    """A complaint as its ledger tells it up to one entry."""

    status: Status = Status.RECEIVED
    severity: Severity = Severity.ROUTINE
    needs_developer: bool = False
    category: str | None = None
    justified: bool | None = None
    justified_confirmed: bool = False
    confirmation_of: int | None = None  # the assessor whose word a second person must confirm
    parts: dict[str, Part] = field(default_factory=dict)
    departments: set[str] = field(default_factory=set)  # all that were ever concerned
    round: int = 1
    urged: int = 0
    visit_attempts: int = 0
    declines: int = 0  # in this round, all departments together
    lead_asked: bool = False
    first_contact_id: int | None = None
    manager_id: int | None = None
    about_id: int | None = None
    charge_taken_by: int | None = None
    alerted: bool = False
    company: bool = False  # escalated to the company in this round
    board: bool = False  # escalated to the board, for good [R7]
    reports_owed: set[str] = field(default_factory=set)
    completed_since_failure: bool = False
    verified: bool = False
    visited: bool = False
    visit_outcome: str = ""
    satisfaction: int | None = None
    explained_accepted: bool | None = None
    mediated: bool = False
    mediator_department: str | None = None
    first_contact_informed: bool = False
    delay_to_tell: bool = False
    arrived: bool = False
    controlled: bool = False
    investigated: bool = False
    approvals: dict[str, int | None] = field(default_factory=dict)  # key → who proposed it
    handlers: set[int] = field(default_factory=set)
    claims: dict[str, Claim] = field(default_factory=dict)  # by position
    closed_at: datetime | None = None
    merged_into: str | None = None
    hotline: HotlineOrder | None = None  # the last that came
    incident_id: int | None = None  # the incident (同因事项) that it belongs to
    questions: list[int] = field(default_factory=list)  # entries that ask the customer, unanswered
    customer_unheard: bool = False  # the customer wrote by the link, and nobody has answered yet
    customer_urged_at: datetime | None = None  # by the link
    customer_says: str = ""  # by the link, of the work now done: done, not_done
    customer_rating: int | None = None  # by the link, of this round
    held: bool = False  # kept for a dispute: no retention period takes anything of it
    notes: dict[int, Note] = field(default_factory=dict)  # by their entries; not those taken back

    @property
    def at_work(self) -> list[Part]:
        """The departments' parts not yet completed, declined or recalled."""
        return [part for part in self.parts.values() if part.status in AT_WORK]

    @property
    def lead(self) -> Part | None:
        """The lead department's part (主办), whatever its status."""
        return next((part for part in self.parts.values() if part.lead), None)

    @property
    def grave(self) -> bool:
        """Emergency or major: the articles of minutes apply [R6][R7]."""
        return self.severity in GRAVE

    @property
    def joint(self) -> bool:
        """Verified and visited together with the developer [R7]."""
        return self.needs_developer or self.board

    @property
    def ended(self) -> bool:
        """Closed, withdrawn or merged."""
        return self.status in ENDED
