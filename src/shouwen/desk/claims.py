"""What a row of my desk says about whose it is: claimed, a colleague's too, or mine as a stand-in."""

from __future__ import annotations

from itertools import pairwise

from shouwen.clocks import reading
from shouwen.complaints.steps.claiming import CLAIMANTS
from shouwen.desk.duty_rows import Duty
from shouwen.organization.models import Staff
from shouwen.organization.on_duty import Resolution


def mark(duty: Duty, found: Resolution, person: Staff) -> None:
    """A row of the person's own desk."""
    claimants = reading.claimants(duty.clock, found.persons)
    claimable = duty.clock.holder in CLAIMANTS and duty.clock.person_id is None and duty.step
    duty.claimed_by = claimants[0].name if claimants and len(found.persons) > 1 else ""
    # A head who only sees what a department's people took up has nothing to give back.
    duty.shared = bool(claimable) and len(found.persons) > 1 and person in found.persons
    duty.why_me = why(found, person)


def mark_taken(duty: Duty, found: Resolution) -> None:
    """A row that a colleague has claimed; it can be taken over."""
    claimants = reading.claimants(duty.clock, found.persons)
    duty.claimed_by = claimants[0].name if claimants else ""
    duty.taken = True
    duty.shared = duty.clock.holder in CLAIMANTS and duty.clock.person_id is None


def why(found: Resolution, person: Staff) -> str:
    """Why it is the person's, where that is not by their own shift or post; else nothing."""
    if not found.reasons or person not in found.persons:
        return ""
    before = found.reasons[0]
    if found.reasons[-1].code in ("shift", "post") and len(found.reasons) == len(found.persons):
        return ""
    for reason, following in pairwise(found.reasons):
        if following.code == "stand_in" and following.staff == person:
            return reason.text
    return before.text if before.code in ("gap", "nobody", "barred", "away") else ""
