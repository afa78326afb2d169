"""What the ledger of one complaint amounts to: a pure fold over its entries.

The complaint row is a copy of this, for lists and searches; `fold` gives it back at any time from
the ledger alone (design, idea 1). Clocks are folded apart, by `shouwen.regulation.engine`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from shouwen.complaints.standing import Claim, Happening, HotlineOrder, Note, Part, State
from shouwen.complaints.words import Severity, Status, WorkStatus

__all__ = ["Happening", "Part", "State", "apply", "fold"]


def fold(entries: Iterable[Happening]) -> State:
    """The state that `entries`, in ledger order, amount to."""
    state = State()
    for entry in entries:
        apply(state, entry)
    return state


def apply(state: State, entry: Happening) -> None:
    """Take one more entry into `state`. Kinds that change nothing are passed over."""
    change = _CHANGES.get(entry.kind)
    if change is not None:
        change(state, entry)


def _classified(state: State, facts: Mapping[str, Any]) -> None:
    if facts.get("severity"):
        state.severity = Severity(facts["severity"])
    if facts.get("needs_developer") is not None:
        state.needs_developer = facts["needs_developer"]
    if facts.get("category"):
        state.category = facts["category"]


def _received(state: State, entry: Happening) -> None:
    _classified(state, entry.facts)
    state.first_contact_id = entry.facts.get("first_contact")
    state.about_id = entry.facts.get("about")


def _relayed(state: State, entry: Happening) -> None:
    if state.status == Status.RECEIVED:
        state.status = Status.RELAYED


def _assessed(state: State, entry: Happening) -> None:
    _classified(state, entry.facts)
    if "about" in entry.facts:
        state.about_id = entry.facts["about"]
    if "justified" in entry.facts:
        state.justified = entry.facts["justified"]
        state.justified_confirmed = False
        state.confirmation_of = None


def _confirmation_asked(state: State, entry: Happening) -> None:
    state.confirmation_of = entry.actor_id


def _confirmed(state: State, entry: Happening) -> None:
    agreed = bool(entry.facts.get("agreed", True))
    state.confirmation_of = None
    state.justified_confirmed = agreed
    if not agreed:
        state.justified = None


def _dispatched(state: State, entry: Happening) -> None:
    facts = entry.facts
    code = facts["department"]
    before = state.parts.get(code)
    lead = bool(facts.get("lead", True))
    if lead:
        for part in state.parts.values():
            part.lead = False
    state.parts[code] = Part(
        department=code,
        lead=lead,
        status=WorkStatus.DISPATCHED,
        due_at=facts["due_at"],
        dispatched_by=entry.number,
        member_id=before.member_id if before else None,
        declines=before.declines if before else 0,
    )
    state.departments.add(code)
    state.status = Status.AT_WORK
    state.alerted = True
    state.lead_asked = state.lead_asked and not lead
    _work_undone(state)


def _work_undone(state: State) -> None:
    # What was verified, visited or told was about the work before: it has to be done again.
    state.verified = state.visited = state.first_contact_informed = False
    state.explained_accepted = None
    state.mediated = False
    state.visit_attempts = 0
    state.customer_says = ""


def _part(state: State, entry: Happening, status: WorkStatus) -> Part | None:
    part = state.parts.get(entry.facts["department"])
    if part is not None:
        part.status = status
    return part


def _accepted(state: State, entry: Happening) -> None:
    _part(state, entry, WorkStatus.ACCEPTED)
    _handled(state, entry)


def _handled(state: State, entry: Happening) -> None:
    if entry.actor_id is not None:
        state.handlers.add(entry.actor_id)


def _settle(state: State) -> None:
    """Where a complaint goes when a department's part has ended."""
    if not state.at_work and state.status == Status.AT_WORK:
        state.status = Status.FINISHED if state.completed_since_failure else Status.RELAYED


def _declined(state: State, entry: Happening) -> None:
    part = _part(state, entry, WorkStatus.DECLINED)
    if part is not None:
        part.declines += 1
    state.declines += 1
    _settle(state)


def _recalled(state: State, entry: Happening) -> None:
    _part(state, entry, WorkStatus.RECALLED)
    _settle(state)


def _completed(state: State, entry: Happening) -> None:
    part = _part(state, entry, WorkStatus.COMPLETED)
    if part is not None:
        part.delay_asked = None
    state.completed_since_failure = True
    state.controlled = True
    _handled(state, entry)
    _settle(state)


def _assigned(state: State, entry: Happening) -> None:
    part = state.parts.get(entry.facts["department"])
    if part is not None:
        part.member_id = entry.facts.get("member")
        if part.member_id is not None:
            state.handlers.add(part.member_id)


def _appointed(state: State, entry: Happening) -> None:
    part = state.parts.get(entry.facts["department"])
    if part is not None:
        made = entry.facts.get("outcome", "made") == "made"
        part.appointment = entry.facts.get("at") if made else None


def _delay_reported(state: State, entry: Happening) -> None:
    part = state.parts.get(entry.facts["department"])
    if part is not None:
        part.delay_asked = entry.facts.get("new_due_at")
    state.delay_to_tell = True


def _extended(state: State, entry: Happening) -> None:
    part = state.parts.get(entry.facts["department"])
    if part is not None:
        part.due_at = entry.facts["due_at"]
        part.delay_asked = None
    state.delay_to_tell = True


def _approval_asked(state: State, entry: Happening) -> None:
    state.approvals[entry.facts["approval"]] = entry.actor_id


def _approval_given(state: State, entry: Happening) -> None:
    state.approvals.pop(entry.facts["approval"], None)


def _verified(state: State, entry: Happening) -> None:
    state.verified = True
    if state.status == Status.FINISHED:
        state.status = Status.VERIFIED


def _verification_failed(state: State, entry: Happening) -> None:
    state.completed_since_failure = False
    state.status = Status.RELAYED
    _work_undone(state)


def _visited(state: State, entry: Happening) -> None:
    state.visited = True
    state.visit_outcome = entry.facts.get("outcome", "")
    state.satisfaction = entry.facts.get("satisfaction")
    state.delay_to_tell = state.customer_unheard = False
    if state.status in (Status.FINISHED, Status.VERIFIED):
        state.status = Status.VISITED


def _explained(state: State, entry: Happening) -> None:
    state.explained_accepted = bool(entry.facts.get("accepted", True))
    state.customer_unheard = False
    state.mediator_department = entry.facts.get("department")
    if state.mediator_department:
        state.departments.add(state.mediator_department)
    state.mediated = False
    if not state.at_work:
        state.status = Status.EXPLAINED


def _mediated(state: State, entry: Happening) -> None:
    state.mediated = True


def _noted(state: State, entry: Happening) -> None:
    if "merged_here" not in entry.facts:  # that one a step said, not somebody
        state.notes[entry.number] = Note(entry.actor_id, entry.recorded_at)


def _retracted(state: State, entry: Happening) -> None:
    state.notes.pop(entry.facts["entry"], None)


def _informed(state: State, entry: Happening) -> None:
    state.first_contact_informed = True


def _customer_informed(state: State, entry: Happening) -> None:
    state.delay_to_tell = state.customer_unheard = False


def _customer_asked(state: State, entry: Happening) -> None:
    state.questions.append(entry.number)


def _customer_wrote(state: State, entry: Happening) -> None:
    state.customer_unheard = True
    if entry.kind == "customer_answered":
        state.questions = []
    elif entry.kind == "customer_disputed":
        state.customer_says = "not_done"


def _customer_heard(state: State, entry: Happening) -> None:
    state.customer_unheard = False


def _customer_confirmed(state: State, entry: Happening) -> None:
    state.customer_says = "done"


def _customer_rated(state: State, entry: Happening) -> None:
    state.customer_rating = int(entry.facts["satisfaction"])


def _alerted(state: State, entry: Happening) -> None:
    state.alerted = True
    state.departments.update(entry.facts.get("departments", ()))


def _taken_in_charge(state: State, entry: Happening) -> None:
    state.charge_taken_by = entry.actor_id


def _escalated_to_company(state: State, entry: Happening) -> None:
    state.company = True
    state.charge_taken_by = None
    state.reports_owed.add("company")


def _escalated_to_board(state: State, entry: Happening) -> None:
    state.board = True
    state.charge_taken_by = None
    state.reports_owed.add("board")


def _report_filed(state: State, entry: Happening) -> None:
    state.reports_owed.discard(entry.facts["level"])


def _arrived(state: State, entry: Happening) -> None:
    state.arrived = True


def _controlled(state: State, entry: Happening) -> None:
    state.arrived = state.controlled = True


def _investigated(state: State, entry: Happening) -> None:
    state.investigated = True
    _handled(state, entry)


def _visit_attempted(state: State, entry: Happening) -> None:
    state.visit_attempts += 1


def _urged(state: State, entry: Happening) -> None:
    state.urged += 1
    if entry.facts.get("by") == "customer":
        state.customer_urged_at = entry.occurred_at


def _lead_asked(state: State, entry: Happening) -> None:
    state.lead_asked = True


def _transferred(state: State, entry: Happening) -> None:
    if entry.facts.get("what") == "first_contact":
        state.first_contact_id = entry.facts["to"]
    else:
        state.manager_id = entry.facts["to"]


def _manager_named(state: State, entry: Happening) -> None:
    state.manager_id = entry.facts["manager"]


def _hotline_order(state: State, entry: Happening) -> None:
    facts = entry.facts
    state.hotline = HotlineOrder(facts["order"], facts["source"], facts["due_at"], entry.number)


def _hotline_answered(state: State, entry: Happening) -> None:
    if state.hotline is not None:
        state.hotline = replace(state.hotline, answered_by=entry.number)


def _closed(state: State, entry: Happening) -> None:
    state.status = Status.CLOSED
    state.closed_at = entry.occurred_at


def _withdrawn(state: State, entry: Happening) -> None:
    state.status = Status.WITHDRAWN
    state.closed_at = entry.occurred_at


def _merged(state: State, entry: Happening) -> None:
    state.status = Status.MERGED
    state.closed_at = entry.occurred_at
    state.merged_into = entry.facts.get("into")


def _reopened(state: State, entry: Happening) -> None:
    _classified(state, entry.facts)
    state.round += 1
    state.status = Status.RELAYED
    state.closed_at = None
    state.merged_into = None
    # A new round asks the departments and the leaders anew; board and reports owed stay for good.
    state.parts = {}
    state.declines = 0
    state.lead_asked = state.alerted = state.company = False
    state.charge_taken_by = None
    state.completed_since_failure = state.arrived = state.controlled = state.investigated = False
    state.approvals = {}
    state.confirmation_of = None
    state.justified = None
    state.justified_confirmed = False
    state.questions = []
    state.customer_unheard = False
    state.customer_rating = state.customer_urged_at = None
    _work_undone(state)


def _imported(state: State, entry: Happening) -> None:
    _classified(state, entry.facts)
    # History says when it was closed, or that nobody knows: the import is no closing.
    closed_at = entry.facts.get("closed_at")
    state.status = Status.CLOSED
    state.closed_at = datetime.fromisoformat(closed_at) if closed_at else None


def _claimed(state: State, entry: Happening) -> None:
    for position in entry.facts["positions"]:
        state.claims[position] = Claim(entry.actor_id, entry.number)


def _given_back(state: State, entry: Happening) -> None:
    for position, claim in list(state.claims.items()):
        if claim.person_id == entry.actor_id:
            del state.claims[position]


def _held(state: State, entry: Happening) -> None:
    state.held = entry.kind == "held"


def _joined_incident(state: State, entry: Happening) -> None:
    state.incident_id = entry.facts["incident"]


def _left_incident(state: State, entry: Happening) -> None:
    state.incident_id = None


_CHANGES = {
    "received": _received,
    "relayed": _relayed,
    "assessed": _assessed,
    "confirmation_asked": _confirmation_asked,
    "confirmed": _confirmed,
    "dispatched": _dispatched,
    "accepted": _accepted,
    "declined": _declined,
    "recalled": _recalled,
    "completed": _completed,
    "assigned": _assigned,
    "appointed": _appointed,
    "arrived": _arrived,
    "controlled": _controlled,
    "investigated": _investigated,
    "delay_reported": _delay_reported,
    "extended": _extended,
    "approval_asked": _approval_asked,
    "approved": _approval_given,
    "refused": _approval_given,
    "verified": _verified,
    "jointly_verified": _verified,
    "verification_failed": _verification_failed,
    "visited": _visited,
    "visit_attempted": _visit_attempted,
    "explained": _explained,
    "mediated": _mediated,
    "first_contact_informed": _informed,
    "customer_informed": _customer_informed,
    "customer_asked": _customer_asked,
    "customer_added": _customer_wrote,
    "customer_answered": _customer_wrote,
    "customer_disputed": _customer_wrote,
    "customer_heard": _customer_heard,
    "customer_confirmed": _customer_confirmed,
    "customer_rated": _customer_rated,
    "alerted": _alerted,
    "taken_in_charge": _taken_in_charge,
    "escalated_to_company": _escalated_to_company,
    "escalated_to_board": _escalated_to_board,
    "report_filed": _report_filed,
    "noted": _noted,
    "retracted": _retracted,
    "urged": _urged,
    "claimed": _claimed,
    "given_back": _given_back,
    "lead_asked": _lead_asked,
    "transferred": _transferred,
    "manager_named": _manager_named,
    "hotline_order": _hotline_order,
    "hotline_answered": _hotline_answered,
    "closed": _closed,
    "withdrawn": _withdrawn,
    "merged": _merged,
    "reopened": _reopened,
    "imported": _imported,
    "joined_incident": _joined_incident,
    "left_incident": _left_incident,
    "held": _held,
    "released": _held,
}
