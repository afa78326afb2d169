"""Who would be told when, and by which channel, if nobody answered: by the roster of those moments."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from shouwen.notices import escalating, policies
from shouwen.notices.addresses import plan_for
from shouwen.notices.answering import Answer, Roster
from shouwen.notices.policies import Step
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import Position


@dataclass(frozen=True)
class Used:
    """A channel of a person, and when it is used."""

    channel: str
    label: str
    at: datetime.datetime


@dataclass(frozen=True)
class Called:
    """One person who is called, and how."""

    person: Staff
    channels: tuple[Used, ...]


@dataclass(frozen=True)
class Level:
    """One step of the policy at its moment: who is found, or that it is passed at once."""

    at: datetime.datetime
    position: str
    whole: bool
    found_at: str
    reasons: tuple[str, ...]
    passed: bool
    called: tuple[Called, ...]

    @property
    def elsewhere(self) -> bool:
        """Whether whoever was found holds another position."""
        return self.found_at != self.position


def plan(
    project: Project,
    severity: str,
    at: datetime.datetime | None = None,
    *,
    steps: list[Step] | None = None,
    holder: str = Position.FRONT_DESK,
) -> list[Level]:
    """The walk through the policy from `at` on (default: now), as the loop would make it.

    `steps` instead of those in force previews a policy that is not kept yet.
    """
    begins = at or timezone.now()
    if steps is None:
        steps, _act_within = policies.steps_for(project.pk, severity)
    route = policies.route(steps, str(holder))
    due = begins
    levels: list[Level] = []
    for number, step in enumerate(route):
        last = number + 1 == len(route)
        roster = Roster(due)
        answer = (
            Answer(roster.whole(step.position, project.pk), step.position)
            if step.whole
            else roster.who(step.position, project.pk)
        )
        passed = escalating.passed_over(step, answer, last=last)
        levels.append(_level(step, due, answer, passed, project, levels))
        if not last and not passed:
            due += datetime.timedelta(seconds=route[number + 1].after - step.after)
    return levels


def _level(
    step: Step,
    due: datetime.datetime,
    answer: Answer,
    passed: bool,
    project: Project,
    before: list[Level],
) -> Level:
    """Whoever was called before is not called anew: their own rules go on."""
    known = {called.person.pk for level in before for called in level.called}
    persons = () if passed else answer.persons
    called = tuple(
        Called(person, _channels(person, project, due))
        for person in persons
        if person.pk not in known
    )
    return Level(due, step.position, step.whole, answer.position, answer.reasons, passed, called)


def _channels(person: Staff, project: Project, due: datetime.datetime) -> tuple[Used, ...]:
    return tuple(
        Used(planned.address.kind, planned.address.get_kind_display(), due + planned.after)
        for planned in plan_for(person, Urgency.EMERGENCY, project.pk, kind="alert", at=due)
    )


def as_json(levels: list[Level]) -> list[dict[str, Any]]:
    """The plan for machines; times in the time zone that is on."""
    return [
        {
            "at": timezone.localtime(level.at).isoformat(),
            "position": level.position,
            "everybody": level.whole,
            "answers": level.found_at,
            "reasons": list(level.reasons),
            "passed_at_once": level.passed,
            "told": [
                {
                    "person": called.person.username,
                    "name": called.person.name,
                    "channels": [
                        {"channel": used.channel, "at": timezone.localtime(used.at).isoformat()}
                        for used in called.channels
                    ],
                }
                for called in level.called
            ],
        }
        for level in levels
    ]
