"""Who of the demo company is there for a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from shouwen.demo.posts import STAFF, Somebody
from shouwen.demo.stories.telling import LOCAL
from shouwen.organization.positions import Position

#: Where a project has no developer any more, who stands in [R7].
_DEVELOPER = Position.DEVELOPER_SERVICE


@dataclass(frozen=True)
class Crew:
    """The usernames of a project's people."""

    project: str
    desk: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Nights are the night duty's; nobody calls then in what is told here.
        by_day = [each for each in self._all(Position.FRONT_DESK) if not each.endswith("-night")]
        object.__setattr__(self, "desk", tuple(by_day))

    def clerk(self, at: datetime) -> str:
        """Who of the front desk is on: they take turns by half-days."""
        local = at.astimezone(LOCAL)
        return self.desk[(local.toordinal() * 2 + (local.hour >= 14)) % len(self.desk)]

    @property
    def centre_head(self) -> str:
        return self._all(Position.CENTRE_HEAD)[0]

    @property
    def site_manager(self) -> str:
        return self._all(Position.SITE_MANAGER)[0]

    @property
    def developer(self) -> str:
        return self._all(_DEVELOPER)[0]

    def head(self, department: str) -> str:
        """Who heads the department."""
        return self._all(Position.DEPARTMENT_HEAD, department)[0]

    def member(self, department: str, rng: Random) -> str:
        """Somebody of the department who does the work: its head, where there is nobody else."""
        members = self._all(Position.DEPARTMENT_MEMBER, department)
        return rng.choice(members) if members else self.head(department)

    def called(self, username: str) -> str:
        """What somebody is called by colleagues."""
        return next(each.name for each in STAFF if each.username == username)

    def _all(self, position: Position, department: str | None = None) -> list[str]:
        return [each.username for each in STAFF if self._holds(each, position, department)]

    def _holds(self, somebody: Somebody, position: Position, department: str | None) -> bool:
        if somebody.also == (position, self.project):
            return True
        return (somebody.position, somebody.project) == (position, self.project) and (
            department is None or somebody.department == department
        )
