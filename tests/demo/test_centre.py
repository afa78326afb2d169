"""The simulated customer centre: its words, and the course that a seed gives them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shouwen.complaints.shipped import SHIPPED
from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import Channel, Severity
from shouwen.demo.centre import calendar
from shouwen.demo.centre.hours import FRONT_DESK, OFFICE
from shouwen.demo.centre.words import MATTERS
from shouwen.demo.complaints import digest, scenes, stories
from shouwen.demo.posts import STAFF
from shouwen.demo.stories.telling import LOCAL, File

NOW = datetime(2026, 5, 20, 7, 30, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 1000), MOMENTS)
def test_at_any_moment_every_story_is_in_order_and_in_the_last_ninety_days(
    seed: int, now: datetime
) -> None:
    told = stories(seed, now)
    assert len(told) >= 60
    for story in told:
        moments = [act.written_at(now) for act in story.acts]
        assert moments == sorted(moments)
        assert now - timedelta(days=90) <= moments[0] and moments[-1] <= now
        assert all(act.when.at(now) <= act.written_at(now) for act in story.acts)
        ended = False
        for act in story.acts:
            assert not ended or act.step in ("reopen", "inform_customer", "file_report")
            ended = act.step in ("close", "withdraw", "merge") or (ended and act.step != "reopen")


def test_every_act_is_a_step_of_somebody_there_is() -> None:
    usernames = {somebody.username for somebody in STAFF}
    told = stories(1, NOW)
    begun = {act.begins for story in told for act in story.acts if act.begins}
    for story in told:
        assert story.key in begun or story.acts[0].step == "receive"
        assert {act.step for act in story.acts} <= STEPS.keys()
        assert {act.who for act in story.acts} <= usernames


def test_a_seed_and_a_moment_give_one_course_and_another_seed_another() -> None:
    def course(seed: int, now: datetime = NOW) -> str:
        return digest(scenes(now, stories(seed, now)))

    assert course(1) == course(1)
    assert len({course(1), course(2), course(1, NOW + timedelta(hours=1))}) == 3


def test_every_category_channel_and_severity_is_complained_of_in() -> None:
    received = [story.acts[0].data for story in stories(1, NOW) if story.acts[0].step == "receive"]
    below = {code for top, (_name, under) in SHIPPED.items() for code in (tuple(under) or (top,))}
    assert {data["category"] for data in received} >= below
    channels = {Channel(data.get("channel", "phone")) for data in received}
    assert channels == set(Channel) - {Channel.IMPORT}
    assert {data.get("severity", "routine") for data in received} == set(Severity)


def _words(value: Any) -> list[str]:
    """Whatever is said at some length, however deep it lies."""
    if isinstance(value, str):
        return [value] if len(value) >= 8 and not value.isascii() else []
    if isinstance(value, tuple):
        return [words for each in value for words in _words(each)]
    fields = getattr(value, "__dataclass_fields__", {})
    said = [getattr(value, name) for name in fields if name not in ("home", "place")]
    return _words(tuple(said))


def test_no_two_sentences_are_the_same() -> None:
    said = Counter(words for matter in MATTERS for words in _words(matter))
    for story in stories(1, NOW):
        if not story.key:
            said.update(
                words
                for act in story.acts
                for name in ("subject", "content", "result", "how", "words", "told")
                for words in _words(act.data.get(name, ""))
            )
    assert len(said) > 500
    assert {words: count for words, count in said.items() if count > 1} == {}


def test_keys_are_of_one_matter_each_and_those_spoken_of_exist() -> None:
    keys = [matter.key for matter in MATTERS]
    assert len(set(keys)) == len(keys)
    assert calendar.split_off(MATTERS) <= set(keys)
    files = [
        value
        for story in stories(1, NOW)
        for act in story.acts
        for value in act.data.values()
        if isinstance(value, File)
    ]
    assert len(files) >= 4


def test_fewer_call_at_weekends_and_hardly_anybody_at_night() -> None:
    came = [
        story.acts[0].when.at(NOW).astimezone(LOCAL)
        for seed in range(10)
        for story in stories(seed, NOW)
    ]
    weekend = sum(at.weekday() >= 5 for at in came) / len(came)
    night = sum(not 7 <= at.hour < 22 for at in came) / len(came)
    assert weekend < 2 / 7
    assert night < 0.1


def test_last_night_something_happened() -> None:
    midnight = NOW.astimezone(LOCAL).replace(hour=0, minute=0)
    evening, morning = midnight - timedelta(hours=6), midnight + timedelta(hours=8)
    told = [story.acts[0].when.at(NOW) for story in stories(1, NOW)]
    assert len([at for at in told if evening <= at < morning]) >= 5


def test_work_goes_on_when_somebody_is_there_again() -> None:
    saturday = datetime(2026, 5, 23, 17, 0, tzinfo=LOCAL)
    assert FRONT_DESK.after(saturday, timedelta(hours=4)) == datetime(
        2026, 5, 24, 8, 30, tzinfo=LOCAL
    )
    assert OFFICE.after(saturday, timedelta(hours=2)) == datetime(2026, 5, 25, 9, 30, tzinfo=LOCAL)
    assert OFFICE.opening(saturday) == saturday
