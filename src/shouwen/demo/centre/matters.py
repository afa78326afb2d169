"""What somebody complains of, in words, and what comes of it: one matter of the demo company.

A matter says what is said and done; who does it and when is the course's.
"""

from __future__ import annotations

from dataclasses import dataclass

from shouwen.complaints.words import Channel, Severity
from shouwen.demo.stories.telling import When


@dataclass(frozen=True)
class Again:
    """A further piece of work: what is asked for, what is done, and what is seen of it."""

    instructions: str
    result: str
    checked: str


@dataclass(frozen=True)
class Turn:
    """Something out of the ordinary in the course of a complaint."""


@dataclass(frozen=True)
class Unjustified(Turn):
    """[R3] Found to be no fault of the company's, confirmed, and explained."""

    facts: str
    confirmed: str
    explanation: str
    #: Where the customer is not persuaded: which department's head settles it, and how.
    mediated_by: str = ""
    account: str = ""


@dataclass(frozen=True)
class Withdrawn(Turn):
    reason: str


@dataclass(frozen=True)
class Merged(Turn):
    """The same matter as the story of that key."""

    into: str
    reason: str


@dataclass(frozen=True)
class SameCause(Turn):
    """One of several with one cause: the desk makes them one incident, so long after the call."""

    title: str
    place: str
    after: str


@dataclass(frozen=True)
class Split(Turn):
    """Another matter in the same words, which the story of that key goes on with."""

    key: str
    content: str
    category: str


@dataclass(frozen=True)
class Declined(Turn):
    """Sent to a department first that says it is not theirs."""

    by: str
    reason: str


@dataclass(frozen=True)
class Appointment(Turn):
    where: str
    note: str
    outcome: str = "kept"


@dataclass(frozen=True)
class Findings(Turn):
    """[A5] What was found, its cause, and who is responsible."""

    findings: str
    cause: str
    responsible: str


@dataclass(frozen=True)
class Proposal(Turn):
    """[A6] A solution that the head approves, or first sends back."""

    solution: str
    cost: int
    comment: str
    refused: str = ""


@dataclass(frozen=True)
class Delay(Turn):
    """[R4] Cannot be kept: why, how much longer, and what the customer is told."""

    reason: str
    longer: str
    told: str


@dataclass(frozen=True)
class Urged(Turn):
    """The customer presses; the third time the supervisor answers."""

    words: tuple[str, ...]
    answer: str = ""


@dataclass(frozen=True)
class Referred(Turn):
    to: str
    reason: str


@dataclass(frozen=True)
class Noted(Turn):
    text: str


@dataclass(frozen=True)
class Attached(Turn):
    """What the customer sends along: a text, or a picture where there is none."""

    name: str
    text: str = ""


@dataclass(frozen=True)
class SentBack(Turn):
    """Not done when somebody looked: done again."""

    reason: str
    again: Again


@dataclass(frozen=True)
class Unreached(Turn):
    """The visit takes several attempts; each says what became of it."""

    results: tuple[str, ...]


@dataclass(frozen=True)
class NotSolved(Turn):
    """The customer says on the visit that it is not solved: done again."""

    words: str
    satisfaction: str
    again: Again


@dataclass(frozen=True)
class Reopened(Turn):
    """It comes back after closing: another round."""

    reason: str
    again: Again
    words: str
    satisfaction: str


@dataclass(frozen=True)
class Grave(Turn):
    """[R6] What the leaders do of an emergency or a major matter.

    With `beyond` the site manager cannot solve it and passes it up; the company leader does
    `measures` then, and the written report follows.
    """

    reached: str
    measures: str
    scene: str = ""
    controlled: str = ""
    beyond: str = ""
    report: tuple[str, str, str] = ("", "", "")  # facts, measures, cause


@dataclass(frozen=True)
class Matter:
    """One complaint in words. `department` is the code without its project's."""

    key: str
    project: str
    home: str
    category: str
    subject: str
    content: str
    department: str = ""
    instructions: str = ""
    told: str = ""
    result: str = ""
    checked: str = ""
    said: str = ""
    summary: str = ""
    wish: str = ""
    place: str = ""
    happened: str = ""
    facts: str = ""  # what the desk verified before it dispatched
    channel: Channel = Channel.PHONE
    severity: Severity = Severity.ROUTINE
    caller: tuple[str, str] = ("", "")  # name and telephone of whom no home knows
    taken_by: str = ""  # who heard it first, where it was not the front desk
    about: str = ""
    confidential: bool = False
    needs_developer: bool = False
    assisting: tuple[tuple[str, str], ...] = ()  # departments, and what each of them did
    limit: str = "2d"
    satisfaction: str = "4"
    outcome: str = "solved"
    turns: tuple[Turn, ...] = ()
    comes: When | None = None  # where it matters when; otherwise the calendar says
