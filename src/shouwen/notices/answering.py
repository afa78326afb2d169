"""Who answers for a holder word at a moment: by the duty roster, and whose head hears of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

from shouwen.organization import holders
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position

#: Words of the ledger that are no position, with whose head is asked for them.
_STANDS_FOR = {"first_contact": Position.FRONT_DESK, "manager_in_charge": Position.SITE_MANAGER}

HEADS: dict[str, str] = {
    Position.FRONT_DESK: Position.CENTRE_HEAD,
    Position.CENTRE_HEAD: Position.SITE_MANAGER,
    DEPARTMENT: Position.DEPARTMENT_HEAD,
    Position.DEPARTMENT_MEMBER: Position.DEPARTMENT_HEAD,
    Position.DEPARTMENT_HEAD: Position.SITE_MANAGER,
    Position.SITE_MANAGER: Position.COMPANY_LEADER,
    Position.COMPANY_LEADER: Position.BOARD_LEADER,
}


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
    """The position above a holder word; None at the top."""
    word = str(_STANDS_FOR.get(word, word))
    head = HEADS.get(word)
    return str(head) if head else None


def _resolve(
    position: str, project_id: int, department: str, barred_id: int | None, at: datetime.datetime
) -> Answer:
    if find_spec("shouwen.organization.on_duty") is not None:
        from shouwen.organization import on_duty  # type: ignore[attr-defined]

        found: Any = on_duty.resolve(
            position,
            project_id=project_id,
            department_code=department or None,
            at=at,
            barred_id=barred_id,
        )
        reasons = tuple(reason.code for reason in found.reasons)
        return Answer(tuple(found.persons), str(found.position), reasons)
    persons: list[Staff] = []
    word: str | None = position
    while word is not None and not persons:
        code = department if word in (DEPARTMENT, Position.DEPARTMENT_HEAD) else ""
        if word != DEPARTMENT or code:
            held = holders.who(word, project_id=project_id, department_code=code or None, at=at)
            persons = [person for person in held if person.pk != barred_id]
        if persons:
            break
        word = head_of(word)
    return Answer(tuple(persons), word or position, ("post",) if word == position else ("head",))
