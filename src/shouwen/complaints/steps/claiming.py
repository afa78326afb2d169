"""Claiming what lies on several desks: one takes it up, the others need not look at it [C4].

Nothing hangs on it but whose desk shows it: whoever answers for the position may act all the same,
and take it over. A department claims by accepting.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.steps.table import At, Draft, Nothing, step
from shouwen.complaints.words import OPEN
from shouwen.organization.on_duty import way_up
from shouwen.organization.positions import Position

CLAIMANTS = (
    Position.FRONT_DESK,
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.COMPLAINT_TEAM,
    Position.QUALITY,
    Position.COMPANY_LEADER,
    Position.BOARD_LEADER,
    Position.DEVELOPER_SERVICE,
)


def claimable(at: At) -> list[str]:
    """The positions whose clocks the person would take up: their own, even from a colleague.

    And those below them, which are theirs where nobody is on duty; there a colleague's claim stands.
    """
    found = []
    for position in CLAIMANTS:
        claim = at.state.claims.get(position.value)
        if claim is not None and claim.person_id == at.person.pk:
            continue
        below = at.roles.intersection(way_up(position.value, at.project.developer_stand_in))
        if position in at.roles or (below and claim is None):
            found.append(position.value)
    return found


@step(
    "claim",
    kind="claimed",
    verb=_("领办"),
    who=CLAIMANTS,
    statuses=OPEN,
    data=Nothing,
    when=lambda at: any(position in at.roles for position in claimable(at)),
    letter="S",
    bulk=True,
)
def claim(at: At, data: Nothing) -> list[Draft]:
    """What the positions now have to do is on one desk; the others show it folded."""
    return [Draft("claimed", {"positions": claimable(at)})]


@step(
    "give_back",
    kind="given_back",
    verb=_("交回"),
    who=CLAIMANTS,
    statuses=OPEN,
    data=Nothing,
    when=lambda at: any(each.person_id == at.person.pk for each in at.state.claims.values()),
    bulk=True,
)
def give_back(at: At, data: Nothing) -> list[Draft]:
    """It lies on all desks again."""
    return [Draft("given_back")]
