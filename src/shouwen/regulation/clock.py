"""A clock as the engine gives it, and one that still runs inside the engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal, NamedTuple

from shouwen.regulation.durations import WorkingCalendar
from shouwen.regulation.vocabulary import Rule

State = Literal["running", "overdue", "met", "breached", "void"]


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a complaint, as the engine gives it. All times are in UTC.

    `started_by`, `ended_by` and `moved_by` are positions of entries in the ledger, from 0.
    `counted_from` is the time the clock counts from: the starting entry's "occurred_at" or
    "recorded_at", or "condition", the `occurred_at` of the entry that made the rule apply.
    `overdue` is a state, not a verdict: what was done in time may be written later.
    """

    rule: str
    article: str | None
    key: str | None
    holder: str
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    state: State
    started_by: int
    ended_by: int | None
    counted_from: str
    moved_by: tuple[int, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the clock has stopped or is void, and so will never change again."""
        return self.ended_by is not None


class OpenClock(NamedTuple):
    """A clock that has neither stopped nor become void. `due` is None where a limit gives it."""

    rule: Rule
    key: str | None
    holder: str
    start: datetime
    due: datetime | None
    started_by: int
    counted_from: str
    moved_by: tuple[int, ...] = ()

    def due_at(self, calendar: WorkingCalendar, zone: tzinfo) -> datetime:
        """When it is due by that calendar, in UTC."""
        if self.due is not None:
            return self.due
        assert self.rule.within is not None
        return self.rule.within.end(self.start, calendar, zone)

    def as_clock(
        self,
        due: datetime,
        state: State,
        stopped_at: datetime | None = None,
        ended_by: int | None = None,
    ) -> Clock:
        return Clock(
            rule=self.rule.id,
            article=self.rule.article,
            key=self.key,
            holder=self.holder,
            started_at=self.start,
            due_at=due,
            stopped_at=stopped_at,
            state=state,
            started_by=self.started_by,
            ended_by=ended_by,
            counted_from=self.counted_from,
            moved_by=self.moved_by,
        )
