"""Until acknowledged: who is called after whom for a grave matter, hop by hop.

An escalation runs beside a clock that somebody must answer within minutes, and is over when that clock
ends: by what a person did, which stands in the ledger. It starts and stops no clock itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.words import GRAVE
from shouwen.notices import policies, reaching, telling
from shouwen.notices.answering import Answer, Roster
from shouwen.notices.notice import Notice
from shouwen.notices.policies import Step
from shouwen.notices.policy import Escalation, Hop
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Staff

#: The clocks that are called for, and the step by which their holder takes the matter up.
STAGES = {"R6.alert": "alert", "R6.escalate": "take_charge", "R7.escalate": "take_charge"}
#: Matters of one project, severity and category that come within this of the first are one cause.
ONE_CAUSE = datetime.timedelta(minutes=30)
#: When the first of one cause is answered, the next is called for after this: time to merge them.
NEXT_OF_CAUSE = datetime.timedelta(minutes=1)
#: From the last hop to the first of the next round, at least; doubled with every round, at most.
SHORTEST_REST, LONGEST_REST = 1.0, 3600.0
#: A hop that is later than this shows that nobody was there to make it.
STANDSTILL = datetime.timedelta(seconds=10)
BATCH = 50

_OPEN = (Escalation.State.CALLING, Escalation.State.ACKNOWLEDGED)


# -- beginning and ending, told by the ledger


def follow(
    complaints: Sequence[Complaint], rows: Sequence[ClockRow], now: datetime.datetime
) -> None:
    """Begin an escalation for each clock that asks for one, and end those that were answered."""
    known = {complaint.pk: complaint for complaint in complaints}
    running = [row for row in rows if row.rule in STAGES and row.state == ClockRow.State.RUNNING]
    for row in sorted(running, key=lambda row: (row.started_at, row.rule)):
        if known[row.subject_id].severity in GRAVE:
            _begin(known[row.subject_id], row, now)
    open_ones = Escalation.objects.filter(complaint__in=known, state__in=_OPEN)
    still = {(row.subject_id, row.rule, row.started_by) for row in running}
    for each in open_ones.select_related("complaint"):
        if (each.complaint_id, each.stage, each.started_by) not in still:
            end(each.pk, now)


def _begin(complaint: Complaint, row: ClockRow, now: datetime.datetime) -> None:
    if Escalation.objects.filter(
        complaint=complaint, stage=row.rule, started_by=row.started_by
    ).exists():
        return
    steps, act_within = policies.steps_for(complaint.project_id, complaint.severity)
    cause = _cause(complaint)
    first = _first_of(complaint, row.rule, cause, now)
    Escalation.objects.create(
        complaint=complaint,
        project_id=complaint.project_id,
        stage=row.rule,
        severity=complaint.severity,
        cause=cause,
        joined_to=first,
        started_by=row.started_by,
        started_at=now,
        due_at=row.due_at,
        route=[step.model_dump() for step in policies.route(steps, row.holder)],
        act_within=act_within,
        next_at=None if first else now,
    )


def _cause(complaint: Complaint) -> str:
    return complaint.category.code if complaint.category else ""


def _first_of(
    complaint: Complaint, stage: str, cause: str, now: datetime.datetime
) -> Escalation | None:
    """The escalation under way about the same cause, which this one joins."""
    if not cause:
        return None
    return (
        Escalation.objects.filter(
            project=complaint.project_id,
            stage=stage,
            severity=complaint.severity,
            cause=cause,
            joined_to=None,
            rehearsal=None,
            state__in=_OPEN,
            started_at__gte=now - ONE_CAUSE,
        )
        .exclude(complaint=complaint)
        .exclude(complaint__about=complaint.about_id if complaint.about_id else -1)
        .order_by("started_at")
        .first()
    )


@transaction.atomic
def end(
    pk: int,
    now: datetime.datetime,
    disposition: str = Escalation.Disposition.ACTED,
) -> None:
    """Nobody need be called any more; what was still to be sent is not. The next of the cause follows."""
    found = Escalation.objects.select_for_update(no_key=True).get(pk=pk)
    if found.state == Escalation.State.OVER:
        return
    found.state = Escalation.State.OVER
    found.over_at, found.next_at = now, None
    found.disposition = found.disposition or disposition
    found.save(update_fields=["state", "over_at", "next_at", "disposition"])
    reaching.drop(Notice.objects.filter(escalation=found).values_list("pk", flat=True))
    _pass_on(found, now)


def _pass_on(over: Escalation, now: datetime.datetime) -> None:
    waiting = list(
        Escalation.objects.select_for_update(no_key=True)
        .filter(joined_to=over, state__in=_OPEN)
        .order_by("started_at", "pk")
    )
    if not waiting:
        return
    following, *rest = waiting
    following.joined_to, following.next_at = None, now + NEXT_OF_CAUSE
    following.save(update_fields=["joined_to", "next_at"])
    Escalation.objects.filter(pk__in=[each.pk for each in rest]).update(joined_to=following)


# -- hops


def fire(now: datetime.datetime | None = None, *, about: Collection[int] = ()) -> int:
    """Make the hops that are due; how many escalations were due. With `about` only for these
    complaints."""
    now = now or timezone.now()
    due = Escalation.objects.filter(next_at__lte=now).order_by("next_at")
    if about:
        due = due.filter(complaint__in=about)
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    return sum(_fire_one(pk, now) for pk in ids)


@transaction.atomic
def _fire_one(pk: int, now: datetime.datetime) -> int:
    """One escalation's hop, by whoever gets its row first."""
    found = (
        Escalation.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        .select_related("complaint__category", "rehearsal")
        .filter(pk=pk, next_at__lte=now)
        .first()
    )
    if found is None:
        return 0
    if found.complaint is not None and not _still_asked(found):
        end(found.pk, now)
        return 1
    if found.state == Escalation.State.ACKNOWLEDGED:
        # Acknowledged, and nothing done in its time: the reminders start again.
        found.state = Escalation.State.CALLING
        found.disposition = ""
    while found.next_at is not None and found.next_at <= now:
        _hop(found, now)
    found.save(update_fields=["state", "disposition", "index", "rounds", "next_at"])
    return 1


def _still_asked(found: Escalation) -> bool:
    return (
        found.complaint is not None
        and found.complaint.severity in GRAVE
        and ClockRow.objects.filter(
            subject_type=SUBJECT,
            subject_id=found.complaint.pk,
            rule=found.stage,
            started_by=found.started_by,
            state=ClockRow.State.RUNNING,
        ).exists()
    )


def _hop(found: Escalation, now: datetime.datetime) -> None:
    route = [Step.model_validate(step) for step in found.route]
    step, due = route[found.index], found.next_at
    assert due is not None
    last = found.index + 1 >= len(route)
    answer = resolve(step, found, Roster(_as_at(found, now)))
    passed = passed_over(step, answer, last=last)
    persons = () if passed else answer.persons
    Hop.objects.create(
        escalation=found,
        ordinal=found.rounds * len(route) + found.index,
        position=step.position,
        found_at=answer.position,
        persons=[person.pk for person in persons],
        reasons=list(answer.reasons),
        due_at=due,
        made_at=now,
        passed=passed,
    )
    _call(found, persons, now)
    # After a standstill it goes on from now: nobody is called twice at once.
    _go_on(found, route, due if now - due < STANDSTILL else now, passed)


def passed_over(step: Step, answer: Answer, *, last: bool) -> bool:
    """Whether nobody on duty answers at this level, so that the next is called at once.

    At the last level whoever is found further up is called instead.
    """
    return not answer.persons or (answer.position != step.position and not last)


def _go_on(found: Escalation, route: Sequence[Step], due: datetime.datetime, passed: bool) -> None:
    """When the next hop is: at once where nobody was there, else after the policy's time."""
    if found.index + 1 < len(route):
        gap = route[found.index + 1].after - route[found.index].after
        found.index += 1
        found.next_at = due if passed else due + datetime.timedelta(seconds=gap)
        return
    if found.rehearsal_id:
        found.next_at = None
        return
    found.index = 0
    rest = max(_rest(route), SHORTEST_REST) * 2**found.rounds
    found.rounds += 1
    found.next_at = due + datetime.timedelta(seconds=min(rest, LONGEST_REST))


def _rest(route: Sequence[Step]) -> float:
    return route[-1].after - route[-2].after if len(route) > 1 else 60.0


def _as_at(found: Escalation, now: datetime.datetime) -> datetime.datetime:
    """The roster that counts: of now, or in a rehearsal that of the hour rehearsed."""
    if found.rehearsal is None:
        return now
    return found.rehearsal.as_at + (now - found.started_at)


def resolve(step: Step, found: Escalation, roster: Roster) -> Answer:
    """Who is called at a step: by the roster of the moment; never the person complained about."""
    complaint = found.complaint
    barred = complaint.about_id if complaint else None
    if step.position == "first_contact":
        first = complaint.first_contact if complaint else None
        persons = (first,) if first is not None and first.is_active else ()
        return Answer(persons, step.position)
    if step.whole:
        return Answer(roster.whole(step.position, found.project_id, barred), step.position)
    return roster.who(step.position, found.project_id, "", barred)


def _call(found: Escalation, persons: Iterable[Staff], now: datetime.datetime) -> list[Notice]:
    facts: dict[str, Any] = {}
    joined = Escalation.objects.filter(joined_to=found).count()
    if joined:
        facts["same_cause"] = joined + 1
    drafts = [
        telling.draft(
            person,
            kind="rehearsal" if found.rehearsal_id else "alert",
            matter=f"escalation:{found.pk}:{found.rounds}",
            complaint=found.complaint,
            project_id=found.project_id,
            urgency=Urgency.EMERGENCY,
            rule=found.stage,
            article=found.stage.partition(".")[0],
            step=STAGES[found.stage],
            due_at=found.due_at,
            facts=facts,
            escalation=found,
            rehearsal=bool(found.rehearsal_id),
            now=now,
        )
        for person in persons
    ]
    # Whoever was called in this round already has the notice: their own rules repeat it.
    called = set(
        Notice.objects.filter(
            escalation=found, matter=f"escalation:{found.pk}:{found.rounds}"
        ).values_list("person", flat=True)
    )
    return telling.write([draft for draft in drafts if draft.person_id not in called])
