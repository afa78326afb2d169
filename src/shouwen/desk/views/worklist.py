"""My desk: the running clocks I hold, soonest first (design, idea 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle
from shouwen.complaints.contacts.door import possible as possible_steps
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT as CONTACT
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import At, Step
from shouwen.complaints.words import ENDED
from shouwen.desk import calls, claims, duty_rows, on_post, words
from shouwen.desk.duty_rows import ComplaintDuty, ContactDuty, Duty
from shouwen.desk.health import alarms, channel_alarms, held_back, warnings
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.telling import Names
from shouwen.organization import holders
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to
from shouwen.records.models import Entry

LIMIT = 60  # clocks read for one desk; the rest follows as these are done
AT_ONCE = timedelta(minutes=30)
FOLLOWED = 12
TAKEN = 30  # of what colleagues have claimed

# What a row does not show of its complaint.
_UNSHOWN = ("content", "wish", "happened", "reach_when", "name", "telephone", "email")

# How long a contact may be on its way, whoever has it.
WHOLE = "H.settle"

# Minutes count here, whatever the time left [R6][R7].
URGENT = frozenset({"R6.alert", "R6.escalate", "R7.escalate", "H.arrive"})


@dataclass
class Band:
    """The rows of one band: at once, today, later."""

    name: str
    title: str
    duties: list[Duty] = field(default_factory=list)
    rows: SafeString = field(default_factory=SafeString)

    @property
    def next(self) -> datetime | None:
        """When the first of them is due; said only where it is not at once."""
        return self.duties[0].clock.due_at if self.duties and self.name != "now" else None


def answers(clock: ClockRow, steps: Iterable[Step]) -> list[Step]:
    """Of the steps, in their order, those that answer the clock's rule."""
    return [step for step in steps if clock.rule in step.answers]


def standing_of(person: Staff, complaints: Iterable[Complaint]) -> dict[int, At]:
    """Where the person stands before each of these complaints, their ledgers read at once."""
    found = {complaint.pk: complaint for complaint in complaints}
    ledgers: dict[int, list[Any]] = {pk: [] for pk in found}
    entries = Entry.objects.filter(subject_type=SUBJECT, subject_id__in=found)
    # What the fold reads, and no more.
    told = ("number", "kind", "occurred_at", "recorded_at", "actor_id", "facts")
    for entry in entries.order_by("subject_id", "number").values_list(
        "subject_id", *told, named=True
    ):
        ledgers[entry.subject_id].append(entry)
    return {
        pk: lifecycle.stand(person, complaint, fold(ledgers[pk])) for pk, complaint in found.items()
    }


def possible_for(person: Staff, complaints: Iterable[Complaint]) -> dict[int, list[Step]]:
    """What the person may do on each of these visible complaints."""
    standing = standing_of(person, complaints)
    return {pk: lifecycle.possible_at(at) for pk, at in standing.items()}


def _answering(
    person: Staff, complaints: Iterable[Complaint], clocks: Iterable[ClockRow]
) -> dict[int, list[Step]]:
    """As `possible_for`, but only the steps that answer one of these clocks."""
    rules: dict[int, set[str]] = {}
    for clock in clocks:
        rules.setdefault(clock.subject_id, set()).add(clock.rule)
    return {
        pk: lifecycle.possible_at(
            at, [step for step in STEPS.values() if rules[pk].intersection(step.answers)]
        )
        for pk, at in standing_of(person, complaints).items()
    }


def followed_by(person: Staff) -> QuerySet[Complaint]:
    """The open complaints that the person took and follows [R8], newest first."""
    mine = visible_to(person, Complaint).filter(first_contact=person)
    return mine.exclude(status__in=sorted(ENDED)).order_by("-received_at", "-pk")


def duties_of(person: Staff, clocks: list[ClockRow], now: datetime) -> list[Duty]:
    """The rows of a desk: one for each thing to do, complaints and contacts by their due times."""
    names = Names()
    rows: list[Duty] = [
        *_of_complaints(person, [row for row in clocks if row.subject_type == SUBJECT], names, now),
        *_of_contacts(person, [row for row in clocks if row.subject_type == CONTACT], names, now),
    ]
    rows.sort(key=lambda duty: (duty.clock.due_at, duty.clock.pk))
    return rows


def _of_contacts(
    person: Staff, clocks: list[ClockRow], names: Names, now: datetime
) -> list[ContactDuty]:
    """A row for each contact, of the clock that is due first."""
    if not clocks:
        return []
    visible = visible_to(person, Contact).select_related("home", "project")
    found = visible.in_bulk({clock.subject_id for clock in clocks})
    several = _in_several_departments(person)
    rows: dict[int, ContactDuty] = {}
    for clock in clocks:
        contact = found.get(clock.subject_id)
        if contact is None or contact.pk in rows:
            continue
        fitting = (step for step in possible_steps(person, contact) if clock.rule in step.answers)
        department = names.departments.get(clock.key, "") if several else ""
        rows[contact.pk] = ContactDuty(
            contact=contact,
            **_of_clock(clock, next(fitting, None), names, now),
            department=department,
        )
    # The whole's, while somebody else works on it, is theirs to be looked at only once it is late.
    return [duty for duty in rows.values() if duty.clock.rule != WHOLE or duty.late]


def _in_several_departments(person: Staff) -> bool:
    return len({post.department_id for post in holders.positions_of(person)} - {None}) > 1


def _of_complaints(
    person: Staff, clocks: list[ClockRow], names: Names, now: datetime
) -> list[ComplaintDuty]:
    """One row for each thing to do.

    Two clocks that one step answers are one row, the sooner one's; a clock that nothing of mine
    answers yet (the whole's, while somebody else works) has a row, without a step, only where the
    complaint has none, or where it is late.
    """
    visible = visible_to(person, Complaint).select_related("home", "project", "category")
    found = visible.defer(*_UNSHOWN).in_bulk({clock.subject_id for clock in clocks})
    open_steps = _answering(person, found.values(), clocks)
    several = _in_several_departments(person)
    rows: list[ComplaintDuty] = []
    taken: set[tuple[int, str]] = set()
    waiting: list[ComplaintDuty] = []
    for clock in clocks:
        complaint = found.get(clock.subject_id)
        if complaint is None:
            continue
        step = next(iter(answers(clock, open_steps[complaint.pk])), None)
        duty = ComplaintDuty(complaint=complaint, **_of_clock(clock, step, names, now))
        if several and clock.holder == holders.DEPARTMENT:
            duty.department = names.departments.get(clock.key, "")
        if step is None:
            waiting.append(duty)
        elif (complaint.pk, step.name) not in taken:
            taken.add((complaint.pk, step.name))
            rows.append(duty)
    has_row = {row.complaint.pk for row in rows}
    for duty in waiting:
        if duty.late or duty.complaint.pk not in has_row:
            has_row.add(duty.complaint.pk)
            rows.append(duty)
    return rows


def _of_clock(clock: ClockRow, step: Any, names: Names, now: datetime) -> dict[str, Any]:
    """What a row says by its clock, whatever it is about."""
    rule = names.rule(clock)
    return {
        "clock": clock,
        "step": step,
        "verb": names.duty(clock),
        "limit": words.within(rule.within)
        if rule.within and rule.within.seconds is not None
        else words.until(clock.due_at, now),
        "late": clock.due_at < now,
        "urgent": clock.rule in URGENT,
    }


def bands(duties: list[Duty], now: datetime, csrf_token: str) -> list[Band]:
    """The rows in their bands; empty bands are left out.

    What waits for somebody else, not yet late, stands last and folded.
    """
    tonight = timezone.localtime(now).replace(
        hour=0, minute=0, second=0, microsecond=0
    ) + timedelta(days=1)
    found = [
        Band("now", _("立即处理")),
        Band("today", pgettext("heading", "今天")),
        Band("later", _("以后")),
        Band("waiting", _("等别人办理的")),
    ]
    for duty in duties:
        due = duty.clock.due_at
        if duty.step is None and not duty.late:
            found[3].duties.append(duty)
        elif duty.urgent or due <= now + AT_ONCE:
            found[0].duties.append(duty)
        else:
            found[1 if due <= tonight else 2].duties.append(duty)
    for duty in duties[:1]:
        duty.first = duty.step is not None
    for band in found:
        band.rows = duty_rows.written(band.duties, now, csrf_token)
    return [band for band in found if band.duties]


def token(person: Staff, now: datetime, clocks: list[ClockRow] | None = None) -> str:
    """Changes when anything on the desk does: the clocks, who holds them, how healthy they are."""
    if clocks is None:
        clocks = reading.soonest_held_by(person, LIMIT, now)
    late = sum(clock.due_at < now for clock in clocks)
    followed = followed_by(person)[:FOLLOWED].values_list("pk", "version")
    versions = (
        Complaint.objects.filter(pk__in=_ids(clocks, SUBJECT))
        .order_by("pk")
        .values_list("pk", "version")
    )
    of_contacts = (
        Contact.objects.filter(pk__in=_ids(clocks, CONTACT))
        .order_by("pk")
        .values_list("pk", "version")
    )
    said = repr(
        (
            [(clock.pk, clock.due_at, clock.claimed_by_id) for clock in clocks],
            late,
            list(followed),
            list(versions),
            list(of_contacts),
            calls.numbers_to_call_back(person),
            [*alarms(now), *channel_alarms(person)],
        )
    )
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _ids(clocks: list[ClockRow], subject_type: str) -> set[int]:
    return {clock.subject_id for clock in clocks if clock.subject_type == subject_type}


@require_safe
@staff_page("see_desk")
def worklist(request: StaffRequest) -> HttpResponse:
    """My desk."""
    now = timezone.now()
    desk = reading.desk_of(request.user, now)
    clocks = reading.soonest_on(desk, LIMIT + 1)
    taken = reading.taken_by_others(desk, TAKEN)
    csrf_token = get_token(request)
    answered = reading.answered([*clocks[:LIMIT], *taken], now)
    duties = duties_of(request.user, clocks[:LIMIT], now)
    for duty in duties:
        claims.mark(duty, answered[duty.clock.pk], request.user)
    colleagues = duties_of(request.user, taken, now)
    for duty in colleagues:
        claims.mark_taken(duty, answered[duty.clock.pk])
    context: dict[str, Any] = {
        "here": "worklist",
        "bands": bands(duties, now, csrf_token),
        "taken": duty_rows.written(colleagues, now, csrf_token),
        "taken_count": len(colleagues),
        "more": len(clocks) > LIMIT,
        "limit": LIMIT,
        "followed": followed_by(request.user)[:FOLLOWED],
        "on_post": on_post.places(request.user, now),
        "gap": on_post.next_gap(request.user, now),
        "alarms": [*alarms(now), *channel_alarms(request.user)],
        "warnings": warnings(now),
        "held": held_back(request.user),
        "missed_calls": calls.numbers_to_call_back(request.user),
        "token": token(request.user, now, clocks[:LIMIT]),
    }
    return render(request, "desk/worklist.html", context)
