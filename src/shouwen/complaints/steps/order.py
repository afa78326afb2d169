"""The order in which steps are offered: what the complaint needs next comes first."""

from __future__ import annotations

from collections.abc import Iterable

from shouwen.complaints.state import State
from shouwen.complaints.steps.table import Step

# Danger first, then who waits for whom, then the way of the regulation to the closed file.
_NEEDED = (
    "take_charge",
    "alert",
    "arrive",
    "control",
    "escalate_to_company",
    "escalate_to_board",
    "relay",
    "confirm",
    "approve",
    "refuse",
    "name_lead",
    "assess",
    "dispatch",
    "accept",
    "complete",
    "verify",
    "verify_jointly",
    "visit",
    "mediate",
    "inform_first_contact",
    "close",
    "file_report",
    "inform_customer",
    "explain",
    "report_delay",
    "extend",
    "name_manager",
    "decide",
)
_PLACES = {name: place for place, name in enumerate(_NEEDED)}
# What ends a complaint otherwise than by the book, or only adds to it, is never the first button.
_LAST = (
    "join_incident",
    "leave_incident",
    "urge",
    "transfer",
    "refer",
    "split",
    "merge",
    "withdraw",
    "amend",
    "attach",
    "note",
    "retract",
)


def by_need(steps: Iterable[Step], state: State) -> list[Step]:
    """The steps in the order in which a complaint in that state needs them."""
    return sorted(steps, key=lambda step: _place(step.name, state))


def _place(name: str, state: State) -> float:
    if name in _LAST:
        return 200 + _LAST.index(name)
    if name == "explain" and state.justified is False:
        return _PLACES["assess"] - 0.5  # [R3] confirmed as unjustified: explained, not dispatched
    if name == "assess" and state.justified is not None:
        return 150  # assessed before: still possible, no longer what is needed
    return _PLACES.get(name, 100)
