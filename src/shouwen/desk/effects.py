"""What a step would do to the clocks, in words: shown before the click (`lifecycle.preview`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from shouwen.clocks.models import ClockRow
from shouwen.clocks.projection import Changes
from shouwen.desk.telling import Names
from shouwen.organization import holders
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position


@dataclass(frozen=True)
class Effect:
    """One clock that would start, stop, move or no longer count."""

    what: str  # starts, stops, moves, voids
    rule: str
    article: str
    duty: str
    holder: str
    due_at: datetime
    late: bool


def effects(
    changes: Changes, person: Staff, project_id: int, *, department: str = ""
) -> list[Effect]:
    """The changes in the order in which they matter: what starts, soonest first; then the rest.

    A clock that starts and stops at once (told as it was done) is left out. `department` is the one
    that the step names: whose head a clock would be, where that is for the step to say [R3].
    """
    for row in changes.started:
        if department and row.rule == "H.mediate":
            row.department = department
    names = Names()
    at_once = {id(row) for row in changes.started} & {
        id(row) for row in (*changes.stopped, *changes.voided)
    }
    kinds = (
        ("starts", changes.started),
        ("moves", changes.moved),
        ("stops", changes.stopped),
        ("voids", changes.voided),
    )
    return [
        _effect(what, row, person, project_id, names)
        for what, rows in kinds
        for row in sorted(rows, key=lambda row: row.due_at)
        if id(row) not in at_once and not (what == "moves" and row in changes.stopped)
    ]


def _effect(what: str, row: ClockRow, person: Staff, project_id: int, names: Names) -> Effect:
    return Effect(
        what=what,
        rule=row.rule,
        article=row.article,
        duty=names.duty(row),
        holder=_("由您") if holds(person, row, project_id) else names.clock_holder(row),
        due_at=row.due_at,
        late=row.state == ClockRow.State.BREACHED,
    )


def holds(person: Staff, row: ClockRow, project_id: int) -> bool:
    """Whether a clock, perhaps one not stored yet, is this person's, by own or lent posts."""
    if row.barred_id == person.pk:
        return False
    if row.person_id is not None:
        return row.person_id == person.pk or row.person_id in holders.lent_to(person)
    if row.holder == holders.DEPARTMENT:
        return bool(row.department) and holders.holds(
            person, row.holder, project_id, row.department
        )
    return row.holder in Position.values and holders.holds(
        person, row.holder, project_id, row.department or None
    )
