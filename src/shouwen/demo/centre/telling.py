"""The stories that the simulated centre tells of a seed and a moment."""

from __future__ import annotations

from datetime import datetime

from shouwen.demo.centre import calendar
from shouwen.demo.centre.course import Course
from shouwen.demo.centre.words import MATTERS
from shouwen.demo.stories.telling import Story


def stories(seed: int, now: datetime) -> list[Story]:
    """One story for each matter that has come in by `now`; the same for the same seed and moment."""
    begun = calendar.split_off(MATTERS)
    received = [matter for matter in MATTERS if matter.key not in begun]
    moments: dict[str, datetime] = {}
    told: list[Story] = []
    for matter, came in zip(received, calendar.arrivals(seed, now, received), strict=True):
        course = Course(matter, came, seed)
        told.append(course.story(now))
        moments |= course.begins
    for matter in MATTERS:
        if matter.key in begun and moments.get(matter.key, now) < now:
            told.append(Course(matter, moments[matter.key], seed, begun=True).story(now))
    return [story for story in told if story.acts]
