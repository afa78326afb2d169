"""Who answers for a holder word at a moment: by the duty roster, and whose head hears of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from shouwen.organization import holders, on_duty
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position

#: Words of the ledger that are no position, with whose head is asked for them.
_STANDS_FOR = {"first_contact": Position.FRONT_DESK, "manager_in_charge": Position.SITE_MANAGER}


@dataclass(frozen=True)
class Answer:
    """Who was found: the persons, the position at which, and the reasons as codes, in order."""

    persons: tuple[Staff, ...]
    position: str
    reasons: tuple[str, ...] = ()


@dataclass
class Roster:
    """The roster at one moment; each question is asked once."""

    at: datetime.datetime
    _known: dict[tuple[str, int, str, int | None], Answer] = field(default_factory=dict)

    def who(
        self, position: str, project_id: int, department: str = "", barred_id: int | None = None
    ) -> Answer:
        """Who answers for the position now: whoever is on duty, else whom the roster names."""
        key = (str(position), project_id, department, barred_id)
        if key not in self._known:
            self._known[key] = _resolve(*key, self.at)
        return self._known[key]

    def whole(
        self, position: str, project_id: int, barred_id: int | None = None
    ) -> tuple[Staff, ...]:
        """Everybody who holds the position, on duty or not."""
        found = holders.who(position, project_id=project_id, at=self.at)
        return tuple(person for person in found if person.pk != barred_id)


def head_of(word: str) -> str | None:
    """The position above a holder word; None at the top, and where there is none."""
    try:
        head = on_duty.head_of(str(_STANDS_FOR.get(word, word)))
    except ValueError:
        return None
    return None if head in (None, Position.ADMINISTRATOR) else str(head)


def _resolve(
    position: str, project_id: int, department: str, barred_id: int | None, at: datetime.datetime
) -> Answer:
    try:
        found = on_duty.resolve(
            position,
            project_id=project_id,
            department_code=department or None,
            at=at,
            barred_id=barred_id,
        )
    except ValueError:
        return Answer((), position)
    reasons = tuple(reason.code for reason in found.reasons)
    return Answer(tuple(found.persons), str(found.position), reasons)


def name_of(word: str) -> str:
    """A holder word as people say it."""
    if word == "first_contact":
        return _("首问责任人")
    return str(Position(word).label) if word in Position.values else word
