"""The demo's stories are told in order, whenever the demo is made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.complaints.places import spots_of
from shouwen.complaints.steps import STEPS
from shouwen.complaints.waves import Report, detect, shipped
from shouwen.demo.complaints import scenes, stories
from shouwen.demo.posts import STAFF
from shouwen.demo.stories import STORIES
from shouwen.demo.stories.telling import Ago, Day, Story, span
from shouwen.demo.stories.waves import WAVE
from shouwen.organization.homes import parse
from shouwen.organization.positions import Position

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@settings(deadline=None)
@given(MOMENTS)
def test_every_story_is_in_order_and_past_at_whatever_hour_it_is_told(now: datetime) -> None:
    for story in STORIES:
        told = [act.written_at(now) for act in story.acts]
        assert told == sorted(told)
        assert told[-1] <= now


@given(MOMENTS)
def test_the_acts_of_all_stories_interleave_as_they_were_written(now: datetime) -> None:
    told = scenes(now, STORIES)
    assert len(told) == sum(len(story.acts) for story in STORIES)
    assert all(a.written_at <= b.written_at for a, b in pairwise(told))
    assert all(scene.occurred_at <= scene.written_at for scene in told)
    for number, story in enumerate(STORIES):
        assert tuple(scene.act for scene in told if scene.story == number) == story.acts


def test_every_story_begins_with_receiving_and_names_steps_and_staff_that_there_are() -> None:
    usernames = {somebody.username for somebody in STAFF}
    assert len(STORIES) >= 20
    for story in STORIES:
        assert [act.step for act in story.acts].index("receive") == 0
        assert {act.step for act in story.acts} <= STEPS.keys()
        assert {act.who for act in story.acts} <= usernames


def test_the_company_has_somebody_in_every_position() -> None:
    held = {somebody.position for somebody in STAFF} | {
        somebody.also[0] for somebody in STAFF if somebody.also
    }
    assert held == set(Position)


def test_lengths_and_times_of_day_are_read_as_written() -> None:
    assert span("1d2h30m") == timedelta(days=1, hours=2, minutes=30)
    for nonsense in ("", "soon", "5", "2h1d"):
        with pytest.raises(ValueError, match="no length of time"):
            span(nonsense)
    now = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)  # already 1 o'clock on 2 March in Shanghai
    assert Ago("90m").at(now) == datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
    assert Day(1, "09:00").at(now) == datetime(2026, 3, 1, 1, 0, tzinfo=UTC)


def _reports(told: list[Story], now: datetime) -> list[Report]:
    """What was received of one project in the last days, as if all of it were still open."""
    found = []
    for place, story in enumerate(told):
        act = next((act for act in story.acts if act.step == "receive"), None)
        at = act.when.at(now) if act is not None else now
        one_incident = any(act.step in ("join_incident", "merge") for act in story.acts)
        if act is None or one_incident or now - at > timedelta(hours=shipped().look_back_hours):
            continue
        home = parse(story.home)
        cause, where = act.data.get("category", ""), act.data.get("place", "")
        building, unit = (home.building, home.unit) if home else ("", "")
        spots = spots_of(where, building, unit, lift=cause == "lift")
        found.append(Report(place, "", at, cause, tuple(spots), story.home or str(place)))
    return found


@settings(deadline=None, max_examples=20)
@given(MOMENTS)
def test_whenever_it_is_told_the_planted_wave_is_the_only_one(now: datetime) -> None:
    told = stories(1, now)
    for project in ("JX", "YH", "HJ"):
        of_project = [story for story in told if story.project == project]
        waves = detect(_reports(of_project, now), shipped())
        homes = [{of_project[each.pk].home for each in wave.reports} for wave in waves]
        assert homes == ([{story.home for story in WAVE}] if project == "JX" else [])
