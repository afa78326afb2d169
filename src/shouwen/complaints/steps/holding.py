"""Holding what is needed for a dispute: no retention period takes anything of a held complaint."""

from __future__ import annotations

from typing import Annotated

from django.utils.translation import gettext_lazy as _

from shouwen.complaints.steps.table import At, Draft, Required, Shown, StepData, entry, step
from shouwen.complaints.words import Status
from shouwen.organization.positions import Position

KEEPERS = (
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.QUALITY,
    Position.COMPANY_LEADER,
    Position.BOARD_OFFICE,
    Position.GENERAL_MANAGERS_OFFICE,
)


class Hold(StepData):
    reason: Annotated[Required, Shown(_("为什么要保全"), "textarea", "text")]


@step(
    "hold",
    kind="held",
    verb=_("证据保全"),
    who=KEEPERS,
    statuses=frozenset(Status),
    data=Hold,
    when=lambda at: not at.state.held,
    crowd=True,
)
def hold(at: At, data: Hold) -> list[Draft]:
    """For a lawsuit or an inquiry: names, words and files stay, whatever the periods say."""
    return [entry("held", data)]


class Release(StepData):
    reason: Annotated[Required, Shown(_("为什么解除"), "textarea", "text")]


@step(
    "release",
    kind="released",
    verb=_("解除保全"),
    who=KEEPERS,
    statuses=frozenset(Status),
    data=Release,
    when=lambda at: at.state.held,
    crowd=True,
)
def release(at: At, data: Release) -> list[Draft]:
    """The periods count again, from the day the complaint was closed."""
    return [entry("released", data)]
