"""The demo's complaints: the stories enacted step by step, in the order in which they happened.

Each step is taken by the person whose step it is, through the one door that everybody else uses.
Between the steps the timekeeper fires what falls due, as it would have on the day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Min

from shouwen.clocks import timekeeper
from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.demo.stories import STORIES
from shouwen.demo.stories.telling import Act, In, Staff, Story, span
from shouwen.organization import models as organization


class Scene(NamedTuple):
    """An act of a story at its moments: when it happened and when it was written down."""

    written_at: datetime
    occurred_at: datetime
    story: int
    act: Act


def scenes(now: datetime, stories: Iterable[Story] = STORIES) -> list[Scene]:
    """Every act of the stories in the order of writing, told from `now`."""
    found = [
        Scene(act.when.at(now) + span(act.written), act.when.at(now), number, act)
        for number, story in enumerate(stories)
        for act in story.acts
    ]
    return sorted(found, key=lambda scene: scene.written_at)


def enact(now: datetime, say: Callable[[int, int], None]) -> list[Complaint]:
    """Take all steps of all stories, up to `now`; `say` hears how many of how many are taken.

    Returns the complaints in the order of the stories. Raises what `lifecycle.take` raises
    where a step is refused: the stories are lawful or they are not told.
    """
    staff = {each.username: each for each in organization.Staff.objects.all()}
    projects = {each.code: each for each in organization.Project.objects.all()}
    complaints: dict[int, Complaint] = {}
    told = scenes(now)
    for done, scene in enumerate(told, start=1):
        fire_until(scene.written_at)
        story = STORIES[scene.story]
        data = {name: _value(value, scene, staff) for name, value in scene.act.data.items()}
        if scene.act.step == "receive":
            data = _caller(projects[story.project], story.home) | data
        outcome = lifecycle.take(
            scene.act.step,
            person=staff[scene.act.who],
            complaint=complaints.get(scene.story),
            project=projects[story.project],
            data=data,
            occurred_at=scene.occurred_at,
            now=scene.written_at,
        )
        complaints[scene.story] = outcome.complaint
        say(done, len(told))
    fire_until(now)
    return [complaints[number] for number in range(len(STORIES))]


def fire_until(moment: datetime) -> None:
    """Let the timekeeper fire whatever falls due up to that moment, each at its own time."""
    while True:
        due = ClockRow.objects.filter(next_fire_at__lte=moment).aggregate(at=Min("next_fire_at"))
        if due["at"] is None:
            return
        timekeeper.tick(due["at"])


def _value(value: Any, scene: Scene, staff: dict[str, organization.Staff]) -> Any:
    if isinstance(value, Staff):
        return staff[value.username].pk
    if isinstance(value, In):
        due = scene.written_at + span(value.text)
        return due.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return value


def _caller(project: organization.Project, home: str) -> dict[str, Any]:
    """What the book knows of the customer at that home, as the desk would take it over."""
    customer = organization.Customer.objects.select_related("home").get(
        project=project, home__label=home
    )
    return {
        "customer": customer.pk,
        "home": customer.home_id,
        "name": customer.name,
        "telephone": customer.telephone,
        "relation": customer.relation,
        "reach_when": customer.preferred_time,
    }
