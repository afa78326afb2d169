"""Writing down the acts of one complaint: who, when, and when it was told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeVar

from shouwen.complaints.words import GRAVE
from shouwen.demo.centre import matters, pace
from shouwen.demo.centre.crew import Crew
from shouwen.demo.centre.hours import FRONT_DESK
from shouwen.demo.centre.matters import Matter
from shouwen.demo.stories.telling import Act, On

Kind = TypeVar("Kind", bound=matters.Turn)
Data = Mapping[str, Any]


class Diary:
    """What has been written of a matter that came in at `came`; `at` is how far it is told."""

    def __init__(self, matter: Matter, came: datetime, seed: int) -> None:
        self.matter = matter
        self.rng = Random(f"{seed}/{matter.key}")
        self.crew = Crew(matter.project)
        self.came = self.at = self.last = came
        self.acts: list[Act] = []
        self.urgent = matter.severity in GRAVE

    def do(
        self,
        who: str,
        step: str,
        data: Data | None = None,
        *,
        at: datetime | None = None,
        written: datetime | None = None,
        begins: str = "",
    ) -> None:
        """Write an act that happened at `at` (default: now), and was `written` then or later.

        Raises ValueError where now lies before what was done last: the course is told in order.
        """
        if at is None:
            if self.at < self.last:
                raise ValueError(f"{self.matter.key}: {step} before what came before it")
            at = self.last = self.at
        at = at.replace(microsecond=0)
        minutes = max(0, int(((written or at) - at).total_seconds() // 60))
        self.acts.append(Act(On(at), who, step, data or {}, f"{minutes}m", begins))

    def desk_does(self, duty: str, step: str, data: Data | None = None) -> None:
        """An act of the front desk, when it has got round to a duty that begins now."""
        self.at = self.desk_done(duty)
        self.do(self.clerk(), step, data)

    def desk_done(self, duty: str) -> datetime:
        """When the front desk will be done with a duty that begins now."""
        return pace.done(self.rng, duty, self.at, FRONT_DESK, of=self.matter.project)

    def soon(self, least: float, most: float) -> datetime:
        """So many minutes from now, at least and at most."""
        return self.at + self.minutes(least, most)

    def minutes(self, least: float, most: float) -> timedelta:
        """Between so many minutes and so many."""
        return timedelta(minutes=self.rng.uniform(least, most))

    def clerk(self, at: datetime | None = None) -> str:
        """Who is at the front desk."""
        return self.crew.clerk(at or self.at)

    def visitor(self) -> str:
        """Who asks the customer afterwards [R5][R7]."""
        return self.crew.developer if self.matter.needs_developer else self.clerk()

    def member(self, department: str) -> str:
        """Who of the department works on this matter, never the one it is about."""
        who = self.crew.member(department, Random(f"{self.matter.key}/{department}"))
        return who if who != self.matter.about else self.crew.head(department)

    def code(self, department: str) -> str:
        """The department's code in the project."""
        return f"{self.matter.project.lower()}-{department}"

    def turn(self, kind: type[Kind]) -> Kind | None:
        """The matter's turn of that kind, where it has one."""
        return next((turn for turn in self.matter.turns if isinstance(turn, kind)), None)
