"""What the page of an alert shows: how long is left, what and where, who knows, what one may do."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint, Work
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.complaints.steps.table import At, Step
from shouwen.complaints.words import GRAVE
from shouwen.desk import telling, words
from shouwen.desk.callees import UPWARD
from shouwen.notices import answering, escalating, rendering
from shouwen.notices.address import Address
from shouwen.notices.answering import Roster
from shouwen.notices.notice import Delivery, Notice
from shouwen.notices.policies import Step as Level
from shouwen.notices.policy import Escalation, Hop
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Department, Staff
from shouwen.organization.positions import Position
from shouwen.records import ledger

# What others did about it that whoever is called needs to know.
_TELLING = (
    "alerted",
    "dispatched",
    "accepted",
    "taken_in_charge",
    "escalated_to_company",
    "escalated_to_board",
    "arrived",
    "controlled",
    "decided",
)
MOST_LINES = 5

#: Steps that one tap takes, in the order in which they stand.
ONE_TAP = ("take_charge", "alert", "escalate_to_company", "escalate_to_board")


@dataclass(frozen=True)
class Line:
    """Something that was done, or who was called, in words."""

    at: datetime.datetime
    text: str


@dataclass(frozen=True)
class Callee:
    """Somebody who can be rung from the page: their number is shown on a tap, and that is noted."""

    person: Staff
    label: str


@dataclass
class Alert:
    """The page of one alert for the person it called, as it stands now."""

    notice: Notice
    person: Staff
    now: datetime.datetime
    known: list[Line] = field(default_factory=list)

    @cached_property
    def escalation(self) -> Escalation | None:
        """What calls, as it stands now."""
        return (
            Escalation.objects.select_related("project", "acknowledged_by", "rehearsal")
            .filter(pk=self.notice.escalation_id or 0)
            .first()
        )

    @cached_property
    def complaint(self) -> Complaint | None:
        """The complaint, with what the page shows."""
        if self.notice.complaint_id is None:
            return None
        return Complaint.objects.select_related("project", "category__parent", "first_contact").get(
            pk=self.notice.complaint_id
        )

    @cached_property
    def at(self) -> At | None:
        """Where the person stands before it."""
        if self.complaint is None:
            return None
        self._entries = ledger.entries(SUBJECT, self.complaint.pk, with_said=True)
        state = fold(self._entries)
        return lifecycle.stand(self.person, self.complaint, state, now=self.now)

    @cached_property
    def steps(self) -> dict[str, Step]:
        """What the person may do now, by name."""
        if self.at is None or self.complaint is None:
            return {}
        return {
            step.name: step
            for step in lifecycle.possible(self.person, self.complaint, self.at.state)
        }

    @property
    def over(self) -> bool:
        """Whether nobody is called any more."""
        return self.escalation is None or self.escalation.state == Escalation.State.OVER

    @property
    def acknowledged(self) -> bool:
        """Whether somebody said that they have it in hand, and still may act."""
        found = self.escalation
        return found is not None and found.state == Escalation.State.ACKNOWLEDGED

    @property
    def post(self) -> str:
        """As what the person was called."""
        hop = (
            Hop.objects.filter(
                escalation=self.notice.escalation_id or 0, persons__contains=[self.person.pk]
            )
            .order_by("-ordinal")
            .first()
        )
        return answering.name_of(hop.found_at) if hop else ""

    @property
    def title(self) -> str:
        """What it is: a confidential source's words are told to nobody who may not know them."""
        if self.complaint is None:
            return rendering.title(self.notice)
        return rendering.matter(self.complaint)

    @property
    def duty(self) -> str:
        """What the rule asks for."""
        return words.duty(self.notice.rule)

    @cached_property
    def count(self) -> int:
        """How many complaints of the same cause wait with this one."""
        found = self.escalation
        return 1 + Escalation.objects.filter(joined_to=found).count() if found else 1

    # -- who knows

    @property
    def lines(self) -> list[Line]:
        """What was done and who was called, newest last."""
        found = [*self._done(), *self._called()]
        return sorted(found, key=lambda line: line.at)[-MOST_LINES:]

    def _done(self) -> list[Line]:
        if self.at is None:
            return []
        names = telling.Names(self._entries)
        return [
            Line(entry.occurred_at, _done_words(entry.kind, entry.facts, entry.actor_id, names))
            for entry in self._entries
            if entry.kind in _TELLING
        ]

    def _called(self) -> list[Line]:
        hops = Hop.objects.filter(escalation=self.notice.escalation_id or 0, passed=False).exclude(
            persons=[]
        )
        return [
            Line(
                hop.made_at,
                _("已通知{position}").format(position=answering.name_of(hop.found_at)),
            )
            for hop in hops
            if self.person.pk not in hop.persons
        ]

    # -- what happens if nobody acts

    def following(self) -> list[Line]:
        """What would be done next, and when, as the loop would do it."""
        found = self.escalation
        if found is None or found.next_at is None or self.over:
            return []
        lines = [
            Line(each.send_at, _("{channel}再提醒您").format(channel=_channel(each.channel)))
            for each in Delivery.objects.filter(
                notice__escalation=found,
                person=self.person,
                state=Delivery.State.WAITING,
                send_at__gt=self.now,
            ).order_by("send_at")[:2]
        ]
        lines += self._hops(found)
        return sorted(lines, key=lambda line: line.at)

    def _hops(self, found: Escalation) -> list[Line]:
        assert found.next_at is not None
        due, lines = found.next_at, []
        route = [Level.model_validate(step) for step in found.route]
        for number in range(found.index, len(route)):
            step, last = route[number], number + 1 == len(route)
            answer = escalating.resolve(step, found, Roster(due))
            passed = escalating.passed_over(step, answer, last=last)
            if not passed:
                lines.append(
                    Line(
                        due,
                        _("转{position}").format(position=answering.name_of(answer.position)),
                    )
                )
            if not last and not passed:
                due += datetime.timedelta(seconds=route[number + 1].after - step.after)
        return lines

    # -- whom one can ring, and what stands ready in the forms

    @cached_property
    def callees(self) -> list[Callee]:
        """Whoever is on duty in the departments concerned and above; those with a number."""
        if self.complaint is None:
            return []
        roster, complaint = Roster(self.now), self.complaint
        found: dict[str, Callee] = {}
        for step, position in UPWARD.items():
            if step in self.steps:
                answer = roster.who(position, complaint.project_id, "", complaint.about_id)
                for person in answer.persons:
                    _ready(found, person, str(position.label), self.person)
        for department in self.departments:
            answer = roster.who(
                DEPARTMENT, complaint.project_id, department.code, complaint.about_id
            )
            for person in answer.persons:
                _ready(found, person, department.name, self.person)
        return list(found.values())[:3]

    @cached_property
    def departments(self) -> list[Department]:
        """The departments concerned so far: alerted or dispatched to."""
        codes = self.complaint.departments if self.complaint else []
        return [each for each in self.all_departments if each.code in codes]

    @cached_property
    def all_departments(self) -> list[Department]:
        """Every department of the project, those that grave matters went to most often first."""
        if self.complaint is None:
            return []
        sent = (
            Work.objects.filter(
                department=OuterRef("pk"), complaint__severity__in=[str(each) for each in GRAVE]
            )
            .order_by()
            .values("department")
            .annotate(number=Count("pk"))
            .values("number")
        )
        return list(
            Department.objects.filter(
                Q(project=None) | Q(project=self.complaint.project_id), is_active=True
            )
            .annotate(sent=Coalesce(Subquery(sent), 0))
            .order_by("-sent", "code")
        )

    def told(self, step: str) -> dict[str, str]:
        """What stands ready for a step that goes up: to whom, and why."""
        position = UPWARD[step]
        return {"spoke_to": str(position.label), "reason": _("现场不能解决，请领导协调决策")}


def _ready(found: dict[str, Callee], person: Staff, label: str, caller: Staff) -> None:
    """One of each post who has a number, never the person who rings."""
    if person.telephone and person.pk != caller.pk:
        found.setdefault(label, Callee(person, label))


def _done_words(
    kind: str, facts: dict[str, Any], actor_id: int | None, names: telling.Names
) -> str:
    who = names.person(actor_id)
    codes: Sequence[str] = facts.get("departments") or [facts.get("department", "")]
    whom = [names.departments.get(code, code) for code in codes if code]
    if facts.get("site_manager"):
        whom.append(str(Position.SITE_MANAGER.label))
    verb = telling.title(kind)
    if whom:
        return _("{who} {verb}（{whom}）").format(who=who, verb=verb, whom=words.listed(whom))
    return f"{who} {verb}"


def _channel(kind: str) -> str:
    return str(Address.Kind(kind).label) if kind in Address.Kind.values else kind


def alert_for(notice: Notice, person: Staff) -> Alert:
    """The alert as it stands now."""
    return Alert(notice, person, timezone.now())
