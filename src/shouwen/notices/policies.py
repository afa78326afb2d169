"""Escalation policies: what ships, what a project chose, and the route of one escalation."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shouwen.complaints.words import Severity
from shouwen.notices.policy import Policy
from shouwen.organization.models import Project
from shouwen.organization.positions import Position

#: From the desk upwards: an escalation goes on from whoever holds the clock.
RANKS: tuple[str, ...] = (
    "first_contact",
    Position.FRONT_DESK,
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.COMPANY_LEADER,
    Position.BOARD_LEADER,
)
#: Positions that may stand in a policy.
POSITIONS = RANKS[1:]
LONGEST = 24 * 3600


class Step(BaseModel):
    """One level: whoever is on duty in the position, or with `whole` everybody who holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    position: str
    whole: bool = False
    after: float = Field(ge=0, le=LONGEST)


_STEPS = TypeAdapter(list[Step])


def _shipped(*steps: tuple[str, bool, int]) -> list[Step]:
    return [Step(position=str(p), whole=whole, after=60 * minutes) for p, whole, minutes in steps]


#: [R6][R7] Three minutes to alert, five to the company leader, ten to the board.
SHIPPED: dict[str, list[Step]] = {
    Severity.EMERGENCY: _shipped(
        (Position.FRONT_DESK, False, 0),
        (Position.FRONT_DESK, True, 1),
        (Position.CENTRE_HEAD, False, 2),
        (Position.SITE_MANAGER, False, 3),
        (Position.COMPANY_LEADER, False, 5),
    ),
    Severity.MAJOR: _shipped(
        (Position.FRONT_DESK, False, 0),
        (Position.FRONT_DESK, True, 2),
        (Position.CENTRE_HEAD, False, 3),
        (Position.SITE_MANAGER, False, 5),
        (Position.COMPANY_LEADER, False, 15),
    ),
}
ACT_WITHIN = {Severity.EMERGENCY: 180, Severity.MAJOR: 600}


class Wrong(ValueError):
    """A policy that cannot hold: what is wrong, in words."""


def steps_for(project_id: int | None, severity: str) -> tuple[list[Step], int]:
    """The steps in force for a project's matters of that severity, and the seconds to act within.

    The project's own policy, else the company's, else what ships.
    """
    found = (
        Policy.objects.filter(severity=severity)
        .filter(project_id__in=[project_id] if project_id else [])
        .first()
        or Policy.objects.filter(severity=severity, project=None).first()
    )
    if found is None:
        return SHIPPED[severity], ACT_WITHIN[Severity(severity)]
    return _STEPS.validate_python(found.steps), found.act_within


def minutes_wanted() -> str:
    """What is wrong with a time that is none."""
    return _("时间须在 0 到 1440 分钟之间")


def checked(steps: Sequence[dict[str, Any]]) -> list[Step]:
    """The steps, sorted by time and checked. Raises Wrong in words.

    The first is called at once, the company leader is among them, and nobody higher is called
    before somebody lower [R6].
    """
    try:
        found = sorted(_STEPS.validate_python(list(steps)), key=lambda step: step.after)
    except ValidationError:
        raise Wrong(minutes_wanted()) from None
    if not found or found[0].after != 0:
        raise Wrong(_("第一步须立即通知（0 分钟）"))
    if any(step.position not in POSITIONS for step in found):
        raise Wrong(_("请选择岗位"))
    ranks = [RANKS.index(step.position) for step in found]
    if ranks != sorted(ranks):
        raise Wrong(_("级别高的岗位不能早于级别低的岗位"))
    if len({(step.position, step.whole) for step in found}) != len(found):
        raise Wrong(_("同一步出现了两次"))
    if Position.COMPANY_LEADER not in {step.position for step in found}:
        raise Wrong(_("须包括公司主管领导（第六条）"))
    if len({step.after for step in found}) != len(found):
        raise Wrong(_("各步的时间不能相同"))
    return found


def keep(
    project: Project | None, severity: str, steps: Sequence[dict[str, Any]], act_within: int
) -> Policy:
    """Write a project's policy, or without one the company's. Raises Wrong in words."""
    if not 30 <= act_within <= LONGEST:
        raise Wrong(_("确认后的处置时间须在 1 到 1440 分钟之间"))
    found = [step.model_dump() for step in checked(steps)]
    kept, _made = Policy.objects.update_or_create(
        project=project, severity=severity, defaults={"steps": found, "act_within": act_within}
    )
    return kept


def forget(project: Project | None, severity: str) -> None:
    """Back to the company's policy, or to what ships."""
    Policy.objects.filter(project=project, severity=severity).delete()


def route(steps: Sequence[Step], holder: str) -> list[Step]:
    """Who is called, from the clock's holder on, with times counted from the first call.

    Nobody below the holder is called; the holder is, also where the policy leaves them out.
    """
    rank = RANKS.index(holder) if holder in RANKS else 0
    rest = [step for step in steps if RANKS.index(step.position) >= rank]
    first = rest[0] if rest else None
    if first is None or first.position != holder:
        own = Step(position=holder, after=0)
        if first is None:
            return [own]
        # The holder first; the policy's own first, who would be called at once, a moment later.
        shift = min((b.after - a.after for a, b in pairwise(steps)), default=60)
        return [
            own,
            *(step.model_copy(update={"after": step.after - first.after + shift}) for step in rest),
        ]
    return [step.model_copy(update={"after": step.after - first.after}) for step in rest]
