"""The one door (design, idea 3): every change to a complaint is a step taken here.

Request → step → ledger → projections. A step is checked (form, person, status, what others did
meanwhile), written to the ledger, and the complaint row and clocks follow in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.clocks import projection as clocks
from shouwen.clocks.projection import Changes
from shouwen.complaints import incident_ledger, intake, projection, requests
from shouwen.complaints.choices import check
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.parsing import parse
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Changed, InvalidData, NotAllowed, WrongStatus
from shouwen.complaints.roles import CUSTOMER, DEPARTMENT, capacities, departments_by, roles
from shouwen.complaints.state import State, apply, fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.order import by_need
from shouwen.complaints.steps.table import At, Draft, Step, StepData, Wrong
from shouwen.complaints.subject import alone, claims_of
from shouwen.organization.holders import lent_to, own_positions_of
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, may, visible_to
from shouwen.records import ledger
from shouwen.records.models import Entry
from shouwen.regulation import engine

# Kinds that the system writes: nobody acted, so nobody is told that somebody did.
SYSTEM_KINDS = frozenset({"warned", "breached", "erased"})


@dataclass(frozen=True)
class Outcome:
    """What taking a step led to. `replayed`: the same request had been answered before."""

    complaint: Complaint
    entries: list[Entry]
    changes: Changes
    replayed: bool = False
    others: list[Complaint] = field(default_factory=list)


def take(
    name: str,
    *,
    person: Staff,
    complaint: Complaint | None = None,
    project: Project | None = None,
    data: Mapping[str, Any] | None = None,
    occurred_at: datetime | None = None,
    expected_version: int | None = None,
    key: str | None = None,
    acting_for: Staff | None = None,
    admitted: Answer | None = None,
    unattended: bool = False,
    incident: Incident | None = None,
    by_customer: bool = False,
    now: datetime | None = None,
) -> Outcome:
    """Take a step.

    `complaint` is what it is taken on (for `receive`: none, but the `project`). `data` is what
    the step must be told; `occurred_at` when it happened (default: now; never later). With
    `expected_version` the step is refused where somebody else has acted since that entry. A
    repeated `key` returns the first answer. `admitted` is the answer of the rule that decides in
    place of the step's own, where a change of the organization brings the step about (somebody
    leaves); whoever makes it need not see the complaint. `unattended`: the system did it by itself
    (a message it sent); the ledger names nobody, whoever `person` is. `incident`: it is taken for all
    complaints of that incident, which the entries name. `by_customer`: see `take_by_customer`. `now` is
    for a simulated past (demo) only.

    Raises a `Refused`: NotAllowed, WrongStatus, Changed, InvalidData or KeyReused. Nothing is
    written then.
    """
    step = STEPS[name]
    now = now or timezone.now()
    if step.name == "receive":
        if project is None:
            raise ValueError("a complaint is received in a project")
        return receive(
            person=person,
            project=project,
            matters=[data or {}],
            occurred_at=occurred_at,
            key=key,
            acting_for=acting_for,
            now=now,
        )[0]
    if complaint is None:
        raise ValueError(f"{name} is taken on a complaint")
    parsed = parse(step, data or {})
    occurred_at = _occurred(occurred_at, now, since=complaint.received_at)
    asked_by = requests.NOBODY if unattended or by_customer else person.pk
    request = requests.Request(key, asked_by, name, complaint.pk, data or {})
    number = intake.number_for_split(step, complaint, now)
    with transaction.atomic():
        found = _locked(complaint.pk, also=_also(step, parsed, complaint, person))
        if request.answered() is not None:
            return _replay(request, complaint)
        entries = ledger.entries(SUBJECT, complaint.pk)
        if expected_version is not None and not step.crowd:
            _unchanged(entries, expected_version)
        fresh = Complaint.objects.select_related("project", "category__parent").get(pk=complaint.pk)
        if by_customer:
            at = _stand_as_customer(person, fresh, fold(entries), now, occurred_at)
            _admit_customer(step, at)
        else:
            at = stand(person, fresh, fold(entries), now=now, occurred_at=occurred_at)
            at = replace(at, unattended=unattended)
            _admit(step, at, admitted)
        drafts = _drafts(step, at, parsed)
        if incident is not None:
            drafts = [replace(d, facts={**d.facts, "incident": incident.pk}) for d in drafts]
        if acting_for is None and admitted is None and not by_customer:
            acting_for = by_right_of(step, at, parsed)
        written = _append(found[fresh.pk], [d for d in drafts if d.own], at, acting_for)
        for entry in written:
            apply(at.state, entry)
        changes = clocks.project(
            SUBJECT,
            fresh.pk,
            now=now,
            timezone=ZoneInfo(fresh.project.timezone),
            persons=alone(at.state.first_contact_id, at.state.manager_id),
            barred=lambda subject_id: at.state.about_id,
            claims=claims_of(at.state),
            entries=[*entries, *written],
        )
        projection.write(fresh, at.state, written, next_due_at=changes.next_due)
        others = _elsewhere(found, drafts, at, acting_for)
        _to_incidents(drafts, at, acting_for)
        if number is not None:
            others.append(intake.split_off(fresh, number, parsed, at))
        request.answer({"entries": [entry.number for entry in written]})
    return Outcome(fresh, written, changes, others=others)


def take_by_customer(
    name: str,
    *,
    complaint: Complaint,
    data: Mapping[str, Any] | None = None,
    key: str | None = None,
    occurred_at: datetime | None = None,
    now: datetime | None = None,
) -> Outcome:
    """The customer takes one of their own steps, by the tracking link or by a message; the ledger
    names nobody.

    Who holds the link is known by the caller. Raises as `take`: NotAllowed for a step that is not
    the customer's.
    """
    return take(
        name,
        person=_follower(complaint),
        complaint=complaint,
        data=data,
        key=key,
        occurred_at=occurred_at,
        by_customer=True,
        now=now,
    )


def possible_for_customer(complaint: Complaint, state: State, now: datetime) -> set[str]:
    """The names of the steps that the customer can take by the link now."""
    at = _stand_as_customer(_follower(complaint), complaint, state, now)
    return {step.name for step in STEPS.values() if step.by_customer and step.open_at(at)}


def _follower(complaint: Complaint) -> Staff:
    # Who follows it stands in the place of the person, and nobody where nobody does (history).
    return complaint.first_contact or Staff(is_active=False)


def receive(
    *,
    person: Staff,
    project: Project,
    matters: Sequence[Mapping[str, Any]],
    occurred_at: datetime | None = None,
    key: str | None = None,
    acting_for: Staff | None = None,
    now: datetime | None = None,
    unattended: bool = False,
    from_contact: str = "",
) -> list[Outcome]:
    """Record one call: each of its matters becomes a complaint, linked with the others [P1][R1].

    `unattended`: it came in by itself (portal, e-mail, chat, hotline) and is taken at the front desk
    (design §3); `person` is the clerk on duty, who follows it but wrote nothing of it. Its `key` is
    then one for everybody, whoever is on duty when it is sent again. `from_contact` is the number of
    the contact that has become this complaint. Raises as `take`; either all matters are recorded or
    none.
    """
    now = now or timezone.now()
    step = STEPS["receive"]
    parsed = [parse(step, matter) for matter in matters]
    occurred_at = _occurred(occurred_at, now)
    asked_by = requests.NOBODY if unattended else person.pk
    request = requests.Request(key, asked_by, "receive", project.pk, {"matters": list(matters)})
    answered = request.answered()
    if answered is not None:
        return _replay_received(answered)
    at = stand(person, None, State(), project=project, now=now, occurred_at=occurred_at)
    at = replace(at, unattended=unattended, from_contact=from_contact)
    allowed = may(person, "step:receive", at)
    if not allowed:
        raise NotAllowed(allowed.rule)
    acting_for = acting_for or by_right_of(step, at)
    day = intake.local_day(project, now)
    planned = [(intake.reserve(project, day), _drafts(step, at, matter)) for matter in parsed]
    try:
        with transaction.atomic():
            group = intake.group_of(len(planned))
            outcomes = [
                Outcome(*intake.insert(number, drafts, at, group=group, acting_for=acting_for))
                for number, drafts in planned
            ]
            request.answer({"numbers": [outcome.complaint.number for outcome in outcomes]})
    except requests.AnsweredMeanwhile:
        answered = request.answered()
        assert answered is not None
        return _replay_received(answered)
    return outcomes


def stand(
    person: Staff,
    complaint: Complaint | None,
    state: State,
    *,
    project: Project | None = None,
    now: datetime | None = None,
    occurred_at: datetime | None = None,
) -> At:
    """Where somebody stands before a complaint (or, without one, before recording one)."""
    now = now or timezone.now()
    if complaint is not None:
        project = complaint.project
        words = roles(person, complaint, state)
    else:
        assert project is not None
        words = intake.roles_at(person, project)
    return At(person, project, state, words, now, occurred_at or now, complaint)


def by_right_of(step: Step, at: At, parsed: StepData | None = None) -> Staff | None:
    """In whose place the person takes the step; None: by their own right.

    Their own right comes first. Where the step is about one department, the right is of who works
    there.
    """
    lent = lent_to(at.person, at.now)
    if not lent:
        return None
    department = getattr(parsed, "department", None)
    inside = DEPARTMENT in step.who and department in at.state.parts
    words = capacities(at.person, at.project.pk, at.state)
    able = [whose for whose, said in words.items() if said.intersection(step.who)]
    if inside:
        own = {at.person.pk: own_positions_of(at.person, at.now), **lent}
        able = [whose for whose in able if department in departments_by(own[whose])] or able
    if not able or able[0] == at.person.pk:
        return None
    return Staff.objects.get(pk=able[0])


def possible(person: Staff, complaint: Complaint, state: State | None = None) -> list[Step]:
    """The steps that this person may take on the complaint now: what `take` would accept."""
    if not visible_to(person, Complaint).filter(pk=complaint.pk).exists():
        return []
    return possible_at(
        stand(person, complaint, state or fold(ledger.entries(SUBJECT, complaint.pk)))
    )


def possible_at(at: At, among: Iterable[Step] | None = None) -> list[Step]:
    """As `possible`, of a complaint that the person is known to see: for lists, without a query.

    In the order in which the complaint needs them; with `among`, only these are asked about.
    """
    steps = (
        step
        for step in (STEPS.values() if among is None else among)
        if step.name != "receive" and may(at.person, f"step:{step.name}", at) and step.open_at(at)
    )
    return by_need(steps, at.state)


def preview(
    name: str,
    *,
    person: Staff,
    data: Mapping[str, Any],
    complaint: Complaint | None = None,
    project: Project | None = None,
    occurred_at: datetime | None = None,
    now: datetime | None = None,
) -> Changes:
    """Which clocks the step would start, stop, void and move, by the engine itself.

    Nothing is written. Raises as `take` where the step would be refused for what it is told.
    """
    step = STEPS[name]
    now = now or timezone.now()
    parsed = parse(step, data)
    occurred_at = _occurred(occurred_at, now, since=complaint.received_at if complaint else None)
    state = fold(ledger.entries(SUBJECT, complaint.pk)) if complaint else State()
    at = stand(person, complaint, state, project=project, now=now, occurred_at=occurred_at)
    drafts = _drafts(step, at, parsed)
    extra = [
        engine.Entry(draft.kind, draft.occurred_at or occurred_at, now, dict(draft.facts))
        for draft in drafts
        if draft.own
    ]
    return clocks.preview(
        SUBJECT,
        complaint.pk if complaint else None,
        extra,
        now=now,
        timezone=ZoneInfo(at.project.timezone),
        persons=None if complaint else alone(extra[0].data["first_contact"], None),
    )


def _occurred(
    occurred_at: datetime | None, now: datetime, since: datetime | None = None
) -> datetime:
    if occurred_at is None:
        return now
    if occurred_at.tzinfo is None:
        raise ValueError("a time without an offset")
    if occurred_at > now:
        raise InvalidData({"occurred_at": [_("发生时间不能晚于现在")]})
    if since is not None and occurred_at < since:
        raise InvalidData({"occurred_at": [_("发生时间不能早于受理时间")]})
    return occurred_at


def _also(step: Step, parsed: StepData, complaint: Complaint, person: Staff) -> list[int]:
    """Other complaints whose ledgers the step writes to: the one that this is merged into."""
    if step.name != "merge":
        return []
    into = visible_to(person, Complaint).filter(number=getattr(parsed, "into", ""))
    return list(into.exclude(pk=complaint.pk).values_list("pk", flat=True))


def _locked(complaint_id: int, also: list[int]) -> dict[int, Any]:
    # Always in one order, so that two people who merge each other's complaints do not deadlock.
    chains = {}
    for each in sorted({complaint_id, *also}):
        chain = ledger.lock(SUBJECT, each)
        if chain is None:
            raise LookupError(f"complaint {each} has no ledger")
        chains[each] = chain
    return chains


def _unchanged(entries: list[Entry], expected: int) -> None:
    newer = [e for e in entries if e.number > expected and e.kind not in SYSTEM_KINDS]
    if newer:
        raise Changed(newer)


def _admit(step: Step, at: At, admitted: Answer | None) -> None:
    assert at.complaint is not None
    if admitted is None:
        if not visible_to(at.person, Complaint).filter(pk=at.complaint.pk).exists():
            raise NotAllowed(_("这件投诉不在您的查看范围内"))
        admitted = may(at.person, f"step:{step.name}", at)
    elif at.state.about_id == at.person.pk and not at.unattended:
        raise NotAllowed(_("请由另一位同事办理"))
    if not admitted:
        raise NotAllowed(admitted.rule)
    if not step.open_at(at):
        raise WrongStatus(step.verb, at.state.status.label)


def _stand_as_customer(
    person: Staff,
    complaint: Complaint,
    state: State,
    now: datetime,
    occurred_at: datetime | None = None,
) -> At:
    words, then = frozenset({CUSTOMER}), occurred_at or now
    return At(person, complaint.project, state, words, now, then, complaint, unattended=True)


def _admit_customer(step: Step, at: At) -> None:
    if not step.by_customer:
        raise NotAllowed(_("这一步由工作人员办理"))
    if not step.open_at(at):
        raise WrongStatus(step.verb, at.state.status.label)


def _drafts(step: Step, at: At, parsed: StepData) -> list[Draft]:
    errors = check(at, parsed)
    if errors:
        raise InvalidData(errors)
    try:
        return step.write(at, parsed)
    except Wrong as wrong:
        raise InvalidData(wrong.errors) from None


def _append(chain: Any, drafts: list[Draft], at: At, acting_for: Staff | None) -> list[Entry]:
    return ledger.append_many(
        chain=chain, drafts=intake.drafted(drafts, at, acting_for), now=at.now
    )


def _elsewhere(
    chains: dict[int, Any], drafts: list[Draft], at: At, acting_for: Staff | None
) -> list[Complaint]:
    others = []
    for draft in drafts:
        if draft.number is None:
            continue
        other = Complaint.objects.select_related("project", "category__parent").get(
            number=draft.number
        )
        before = ledger.entries(SUBJECT, other.pk)
        written = _append(chains[other.pk], [draft], at, acting_for)
        projection.write(other, fold([*before, *written]), written)
        others.append(other)
    return others


def _to_incidents(drafts: list[Draft], at: At, acting_for: Staff | None) -> None:
    # After the complaint's own ledger, and in one order, so that no two steps wait crosswise.
    for draft in sorted(
        (d for d in drafts if d.incident is not None), key=lambda d: d.incident or 0
    ):
        assert draft.incident is not None
        chain = incident_ledger.chain_of(draft.incident)
        incident_ledger.follow(draft.incident, _append(chain, [draft], at, acting_for)[-1])


def _replay(request: requests.Request, complaint: Complaint) -> Outcome:
    answer = request.answered() or {}
    numbers = set(answer.get("entries", ()))
    entries = [e for e in ledger.entries(SUBJECT, complaint.pk) if e.number in numbers]
    fresh = Complaint.objects.select_related("project", "category__parent").get(pk=complaint.pk)
    return Outcome(fresh, entries, Changes(), replayed=True)


def _replay_received(answer: Mapping[str, Any]) -> list[Outcome]:
    numbers = answer["numbers"]
    found = Complaint.objects.select_related("project").in_bulk(numbers, field_name="number")
    return [
        Outcome(
            found[number], ledger.entries(SUBJECT, found[number].pk)[:1], Changes(), replayed=True
        )
        for number in numbers
    ]
