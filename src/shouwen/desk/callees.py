"""Whom to ring before a matter goes up [R6][R7]: the leader who answers for it at this moment."""

from __future__ import annotations

from dataclasses import dataclass

from shouwen.complaints.steps.table import At
from shouwen.organization import on_duty
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position

#: To whom each step goes up.
UPWARD = {
    "escalate_to_company": Position.COMPANY_LEADER,
    "escalate_to_board": Position.BOARD_LEADER,
}


@dataclass(frozen=True)
class Callee:
    """Who answers, at which position, and whether there is a number to ring."""

    person: Staff
    position: str

    @property
    def said(self) -> str:
        """Position and name, as the record of the call keeps them; a name that is one, once."""
        if self.position == self.person.name:
            return self.position
        return f"{self.position} {self.person.name}"


def callees(step: str, at: At) -> list[Callee]:
    """Who is to be rung for a step that goes up, by the roster of this moment; none for others."""
    position = UPWARD.get(step)
    if position is None:
        return []
    found = on_duty.resolve(
        position, project_id=at.project.pk, at=at.now, barred_id=at.state.about_id
    )
    name = on_duty.position_name(found.position)
    return [Callee(each, name) for each in found.persons if each.pk != at.person.pk]
