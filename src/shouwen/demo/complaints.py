"""The demo's complaints: the stories enacted step by step, in the order in which they happened.

Each step is taken by the person whose step it is, through the one door that everybody else uses.
Between the steps the timekeeper fires what falls due, as it would have on the day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from shouwen.clocks import heartbeat, timekeeper
from shouwen.complaints import incidents, lifecycle, numbers
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.demo import files
from shouwen.demo.centre import telling as centre
from shouwen.demo.stories import STORIES
from shouwen.demo.stories.telling import Act, In, NumberOf, OneOf, Staff, Story, span
from shouwen.organization import models as organization


class Scene(NamedTuple):
    """An act of a story at its moments: when it happened and when it was written down."""

    written_at: datetime
    occurred_at: datetime
    story: int
    act: Act


def stories(seed: int, now: datetime) -> tuple[Story, ...]:
    """All that the demo tells: the stories written act by act, then those of the simulated centre."""
    return (*STORIES, *centre.stories(seed, now))


def scenes(now: datetime, told: Iterable[Story]) -> list[Scene]:
    """Every act of the stories in the order of writing, told from `now`."""
    found = [
        Scene(act.written_at(now), act.when.at(now), number, act)
        for number, story in enumerate(told)
        for act in story.acts
    ]
    return sorted(found, key=lambda scene: scene.written_at)


def digest(played: Sequence[Scene]) -> str:
    """A digest of the scenes: the same where the same would be enacted."""
    return hashlib.sha256(repr(played).encode()).hexdigest()


def fire_until(moment: datetime) -> None:
    """Let the timekeeper fire whatever falls due up to that moment, each at its own time."""
    while (due := heartbeat.earliest_due()) is not None and due <= moment:
        timekeeper.tick(due)


class Stage:
    """Where scenes are enacted: the company's people, and the complaints made so far.

    `complaints` maps the place of a story among the `told` ones to its complaint, here to its id.
    """

    def __init__(self, told: Sequence[Story], complaints: Mapping[int, int]) -> None:
        self.told = told
        made = Complaint.objects.select_related("project").in_bulk(complaints.values())
        self.complaints = {place: made[pk] for place, pk in complaints.items()}
        self.places = {story.key: place for place, story in enumerate(told) if story.key}

    @cached_property
    def _staff(self) -> dict[str, organization.Staff]:
        return {each.username: each for each in organization.Staff.objects.all()}

    @cached_property
    def _projects(self) -> dict[str, organization.Project]:
        return {each.code: each for each in organization.Project.objects.all()}

    @cached_property
    def _customers(self) -> dict[tuple[int, str], organization.Customer]:
        found = organization.Customer.objects.exclude(home=None).select_related("home")
        return {(each.project_id, each.home.label): each for each in found if each.home}

    def enact(self, scene: Scene) -> None:
        """Take the step of a scene, after whatever fell due before it.

        Raises what `lifecycle.take` raises where it is refused: the stories are lawful or they are
        not told.
        """
        fire_until(scene.written_at)
        act, story = scene.act, self.told[scene.story]
        project, person = self._projects[story.project], self._staff[act.who]
        complaint = self.complaints.get(scene.story)
        data = {name: self._value(value, scene) for name, value in act.data.items()}
        if act.step == "receive":
            data = self._caller(project, story.home) | data
        attachment = None
        if act.step == "attach" and complaint is not None:
            attachment = files.stored(data["file"], complaint, person, scene.written_at)
            data = files.described(attachment)
        if act.step in ("receive", "split"):
            # One number at a time, so that they follow each other however fast they are given.
            numbers.forget()
        outcome = lifecycle.take(
            act.step,
            person=person,
            complaint=complaint,
            project=project,
            data=data,
            occurred_at=scene.occurred_at,
            now=scene.written_at,
        )
        if attachment is not None:
            attachment.entry = outcome.entries[0]
            attachment.save(update_fields=["entry"])
        self.complaints[scene.story] = outcome.complaint
        if act.begins:
            self.complaints[self.places[act.begins]] = outcome.others[-1]

    def _value(self, value: Any, scene: Scene) -> Any:
        if isinstance(value, Staff):
            return self._staff[value.username].pk
        if isinstance(value, In):
            due = scene.written_at + span(value.text)
            return due.replace(second=0, microsecond=0) + timedelta(minutes=1)
        if isinstance(value, NumberOf):
            return self.complaints[self.places[value.key]].number
        if isinstance(value, OneOf):
            return self._incident(value, scene)
        return value

    def _incident(self, one: OneOf, scene: Scene) -> int:
        """The incident, opened by whoever speaks of it first."""
        complaint = self.complaints[scene.story]
        found = Incident.objects.filter(project=complaint.project, title=one.title).first()
        if found is None:
            found = incidents.begin(
                complaint.project,
                person=self._staff[scene.act.who],
                title=one.title,
                place=one.place,
                category=Category.objects.filter(complaints=complaint).first(),
                since=complaint.received_at,
                now=scene.written_at,
            )
        return found.pk

    def _caller(self, project: organization.Project, home: str) -> dict[str, Any]:
        """What the book knows of the customer at that home, as the desk would take it over."""
        if not home:
            return {}
        customer = self._customers[project.pk, home]
        return {
            "customer": customer.pk,
            "home": customer.home_id,
            "name": customer.name,
            "telephone": customer.telephone,
            "relation": customer.relation,
            "reach_when": customer.preferred_time,
        }
