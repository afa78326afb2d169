"""The regulation as data: what a regulation file may say.

`docs/regulation-file.md` describes the vocabulary for those who write one. `model.py` reads files
into these models.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
)

from shouwen.regulation.durations import Limit

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
RuleId = Annotated[str, StringConstraints(pattern=r"^(R[0-9]+|H)\.[a-z_]+$")]
Value = bool | str
Severity = Literal["routine", "complex", "major", "emergency"]
Hearer = Literal["holder", "head"]
Moment = Literal["occurred_at", "recorded_at"]


def _limit(value: Any) -> Limit:
    if isinstance(value, Limit):
        return value
    if not isinstance(value, str):
        raise ValueError('must be text like "3 min", "24 h" or "2 working days"')
    return Limit.parse(value)


LimitText = Annotated[Limit, PlainValidator(_limit), PlainSerializer(str)]
# One table holds where all of its facts hold; a list of tables holds where one of them does.
Condition = dict[Word, Value | tuple[Value, ...]]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Article(Part):
    """One clause of the regulation in its own words."""

    number: Annotated[str, StringConstraints(pattern=r"^R[0-9]+$")]
    text: str


class Fact(Part):
    """Something a complaint is, as its entries last said it, or for good once something happened."""

    said_by: tuple[Word, ...] = ()
    happened: tuple[Word, ...] = ()
    default: Value = False
    values: tuple[str, ...] = ()

    def allows(self, value: Value) -> bool:
        return value in self.values if self.values else isinstance(value, bool)


class Round(Part):
    """What begins a complaint's round and what ends it; both void what is unstopped."""

    begins: tuple[Word, ...]
    ends: tuple[Word, ...]


class Work(Part):
    """Which rule's unstopped clocks say that a department is at work, and what finishes the work.

    `finished_by`: after one of these no department is at work; `done_by`: one of these has
    happened in the round and since the last `undone_by`; `dispatched_by`: work begins again.
    """

    rule: RuleId
    finished_by: tuple[Word, ...]
    done_by: tuple[Word, ...]
    undone_by: tuple[Word, ...]
    dispatched_by: tuple[Word, ...]


class Stands(Part):
    """Holds where one of `kinds` stands in the ledger after the last of `since`, and after
    `since_becomes` last came to hold. The entry itself is not yet counted among `kinds`."""

    kinds: Annotated[tuple[Word, ...], Field(min_length=1)]
    since: tuple[Word, ...] = ()
    since_becomes: Condition | None = None


class Trigger(Part):
    """An entry of one of `kinds` that `said` so, and that stopped a clock of the rule `stopping`:
    `late` or not, where that is given."""

    kinds: tuple[Word, ...] = ()
    said: dict[Word, Value] = {}
    stopping: RuleId | None = None
    late: bool | None = None


class Start(Trigger):
    """Which entry starts the rule's clock, and from when it counts.

    `finish` instead of kinds: the entry that finishes the work.
    """

    finish: bool = False
    counted_from: Moment = "occurred_at"
    not_said: dict[Word, Value] = {}
    becomes: tuple[Condition, ...] = ()
    when: tuple[Condition, ...] = ()
    unless: tuple[Stands, ...] = ()
    holder: Word | None = None


class Stop(Trigger):
    """Which entry stops the rule's clock: at its `occurred_at`, never before the clock's start.

    `same_entry` instead of kinds: the entry that started it.
    """

    same_entry: bool = False
    at: Moment = "occurred_at"


class Void(Trigger):
    """Which entry voids the rule's clock; one past due is breached, unless `forgives`."""

    kinds: Annotated[tuple[Word, ...], Field(min_length=1)]
    when: tuple[Condition, ...] = ()
    forgives: bool = False


class Move(Part):
    """Which entry moves the due time of the rule's clocks to the time the rule's `until` names."""

    kinds: Annotated[tuple[Word, ...], Field(min_length=1)]


class Hears(Part):
    """Who hears of a warning and of a breach."""

    warning: tuple[Hearer, ...] = ("holder",)
    breach: tuple[Hearer, ...] = ("holder", "head")


class Rule(Part):
    """One limit of time: what starts and stops its clock, how long, whose it is, who hears.

    Either `within` a limit or `until` a time that the starting entry's data name. `key` names the
    data field by which several clocks of the rule are told apart; `several` lets clocks of one key
    run beside each other. `outlives` are kinds that otherwise void everything but not this.
    `period` marks a rule that is not a complaint's: it is due `within` after each week or month.
    """

    id: RuleId
    house: bool = False
    title: str
    verb: str
    holder: Word
    holder_from: Word | None = None
    within: LimitText | None = None
    until: Word | None = None
    starts: tuple[Start, ...] = ()
    stops: tuple[Stop, ...] = ()
    voids: tuple[Void, ...] = ()
    moves: tuple[Move, ...] = ()
    applies: tuple[Condition, ...] = ()
    key: Word | None = None
    several: bool = False
    outlives: tuple[Word, ...] = ()
    period: Literal["week", "month"] | None = None
    reports_to: tuple[Word, ...] = ()
    warnings: tuple[Annotated[float, Field(gt=0, lt=1)], ...] = (0.5, 0.8)
    hears: Hears = Hears()

    @property
    def article(self) -> str | None:
        """The clause the rule comes from ("R6"), None for a house rule."""
        return None if self.house else self.id.partition(".")[0]

    @property
    def kinds(self) -> frozenset[str]:
        """Every kind of entry the rule names as starting, stopping, voiding or moving its clock."""
        parts: Iterable[Trigger | Move] = (*self.starts, *self.stops, *self.voids, *self.moves)
        return frozenset(kind for part in parts for kind in part.kinds)


class Limits(Part):
    """The default limits for a department's work [A4]: by severity, and by category where set."""

    default: dict[Severity, LimitText] = {}
    category: dict[str, dict[Severity, LimitText]] = {}


class Regulation(Part):
    """A regulation in force from a date, with its clauses in their own words and its rules."""

    id: str
    in_force_from: date
    title: str
    articles: tuple[Article, ...]
    facts: dict[Word, Fact]
    round: Round
    work: Work
    limits: Limits = Limits()
    rules: tuple[Rule, ...]

    def __hash__(self) -> int:
        # What is worked out from a regulation is cached by it.
        return hash((self.id, self.in_force_from))

    def rule(self, identifier: str) -> Rule:
        """The rule of that id; KeyError where there is none."""
        return self.rules_by_id[identifier]

    def clause(self, number: str) -> str:
        """The text of an article by its number ("R6"); KeyError where there is none."""
        return {article.number: article.text for article in self.articles}[number]

    def handle_limit(self, severity: Severity, *categories: str) -> Limit:
        """The default limit for a department's work [A4]: the first of `categories` (the most
        specific first) for which one is set, else by severity alone."""
        for category in categories:
            limit = self.limits.category.get(category, {}).get(severity)
            if limit is not None:
                return limit
        return self.limits.default[severity]

    @cached_property
    def rules_by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}


class House(Part):
    """A company's own house file: rules beside those that ship, and other limits for those.

    `within` gives rules H. another limit. `limits` replace default limits for a department's work.
    """

    within: dict[RuleId, LimitText] = {}
    limits: Limits = Limits()
    rules: tuple[Rule, ...] = ()
