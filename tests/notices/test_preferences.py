"""Whatever somebody chooses: the floor holds, quiet hours end, and an emergency reaches them at once."""

from __future__ import annotations

import datetime
import zoneinfo
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.notices import quiet, rendering
from shouwen.notices.digests import Item, digest
from shouwen.notices.notice import Notice
from shouwen.notices.preferences import (
    CHANNELS,
    IN_APP,
    NOT_COUNTED,
    Floor,
    Rules,
    minutes_by_channel,
    plan,
)
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Staff

ZONES = st.sampled_from(
    ["Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Europe/London", "Australia/Lord_Howe"]
).map(zoneinfo.ZoneInfo)
CLOCKS = st.times().map(lambda time: time.replace(microsecond=0))
MOMENTS = st.datetimes(
    datetime.datetime(2025, 1, 1), datetime.datetime(2027, 12, 31), timezones=st.just(datetime.UTC)
)
KINDS = st.sampled_from(["breached", "warned", "followed", ""])
REQUIRABLE = [each for each in CHANNELS if each not in NOT_COUNTED]
MINUTES = st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 60))
RULES = st.builds(
    Rules,
    steps=st.dictionaries(st.sampled_from(Urgency), MINUTES),
    quiet_since=st.none() | CLOCKS,
    quiet_until=st.none() | CLOCKS,
    digest_at=st.lists(CLOCKS, max_size=3),
    off=st.sets(KINDS),
)
FLOORS = st.builds(
    Floor,
    channels=st.dictionaries(st.sampled_from(Urgency), st.sets(st.sampled_from(REQUIRABLE))),
    latest=st.integers(0, 60),
    kinds=st.sets(KINDS),
)
NOW = datetime.timedelta(0)


@dataclass(frozen=True)
class Place:
    kind: str
    reaches_one: bool


IN_THE_APP = Place(IN_APP, True)
PLACES = st.lists(
    st.builds(Place, st.sampled_from(CHANNELS[1:]), st.booleans()), unique=True, max_size=8
).map(lambda places: [IN_THE_APP, *places])


@given(RULES, FLOORS, PLACES, MOMENTS, ZONES, KINDS)
def test_an_emergency_reaches_one_person_at_once_whatever_they_prefer(
    rules: Rules,
    floor: Floor,
    places: list[Place],
    at: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    kind: str,
) -> None:
    planned = plan(rules, floor, Urgency.EMERGENCY, places, at=at, zone=zone, kind=kind)
    assert any(each.after == NOW and each.address.reaches_one for each in planned)
    assert not any(each.digest for each in planned)
    # Nothing of it waits for the night to end: at most what the person or the company said.
    assert all(each.after <= datetime.timedelta(minutes=60) for each in planned)


@given(RULES, FLOORS, PLACES, MOMENTS, ZONES)
def test_in_an_emergency_the_floor_is_used_no_later_than_it_says(
    rules: Rules,
    floor: Floor,
    places: list[Place],
    at: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
) -> None:
    planned = plan(rules, floor, Urgency.EMERGENCY, places, at=at, zone=zone)
    used = {each.address: each.after for each in planned}
    for place in places:
        if place.kind in floor.channels.get(Urgency.EMERGENCY, set()):
            assert used[place] <= datetime.timedelta(minutes=floor.latest)


@given(RULES, FLOORS, st.sampled_from(Urgency), PLACES, MOMENTS, ZONES, KINDS)
def test_what_the_floor_keeps_on_cannot_be_switched_off(
    rules: Rules,
    floor: Floor,
    urgency: Urgency,
    places: list[Place],
    at: datetime.datetime,
    zone: zoneinfo.ZoneInfo,
    kind: str,
) -> None:
    planned = plan(rules, floor, urgency, places, at=at, zone=zone, kind=kind)
    used = {each.address.kind for each in planned}
    wanted = {IN_APP} | floor.channels.get(urgency, set())
    assert wanted & {place.kind for place in places} <= used


@given(RULES, PLACES, MOMENTS, ZONES)
def test_what_is_no_emergency_rings_in_no_quiet_hour(
    rules: Rules, places: list[Place], at: datetime.datetime, zone: zoneinfo.ZoneInfo
) -> None:
    for each in plan(rules, Floor(channels={}), Urgency.SOON, places, at=at, zone=zone):
        if each.address.kind != IN_APP:
            when = at + each.after
            assert not quiet.is_quiet(when, rules.quiet_since, rules.quiet_until, zone)


@given(RULES, PLACES, MOMENTS, ZONES)
def test_what_can_wait_comes_at_a_digests_time(
    rules: Rules, places: list[Place], at: datetime.datetime, zone: zoneinfo.ZoneInfo
) -> None:
    for each in plan(rules, Floor(channels={}), Urgency.LATER, places, at=at, zone=zone):
        if each.digest:
            assert NOW < each.after <= datetime.timedelta(hours=49)
        else:
            assert each.address.kind == IN_APP or not rules.digest_at


def test_a_kind_that_is_switched_off_comes_in_the_app_alone_unless_the_company_says_otherwise() -> (
    None
):
    rules = Rules(off={"followed"})
    for urgency in (Urgency.SOON, Urgency.LATER):
        assert set(minutes_by_channel(rules, Floor(), urgency, "followed")) == {IN_APP}
        bound = minutes_by_channel(rules, Floor(kinds={"followed"}), urgency, "followed")
        assert "email" in bound
    assert "wecom" in minutes_by_channel(rules, Floor(), Urgency.EMERGENCY, "followed")


# -- quiet hours and digests


@given(MOMENTS, CLOCKS, CLOCKS, ZONES)
def test_quiet_hours_end_at_their_end_and_within_a_day(
    at: datetime.datetime, since: datetime.time, until: datetime.time, zone: zoneinfo.ZoneInfo
) -> None:
    ends = quiet.quiet_ends(at, since, until, zone)
    assert at <= ends <= at + datetime.timedelta(hours=25)
    assert not quiet.is_quiet(ends, since, until, zone)
    if ends != at:
        before = ends - datetime.timedelta(seconds=1)
        assert before < at or quiet.is_quiet(before, since, until, zone)


@given(MOMENTS, st.lists(CLOCKS, min_size=1, max_size=4), ZONES)
def test_the_next_digest_is_the_first_of_its_times(
    at: datetime.datetime, times: list[datetime.time], zone: zoneinfo.ZoneInfo
) -> None:
    found = quiet.next_digest(at, times, zone)
    assert at < found <= at + datetime.timedelta(hours=49)
    assert all(found <= quiet.next_digest(at, [time], zone) for time in times)


@pytest.mark.parametrize(
    ("clock", "expected"),
    [("21:59", False), ("22:00", True), ("00:00", True), ("06:59", True), ("07:00", False)],
)
def test_quiet_hours_cross_midnight(clock: str, expected: bool) -> None:
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    at = datetime.datetime.fromisoformat(f"2026-10-01T{clock}").replace(tzinfo=zone)
    since, until = datetime.time(22), datetime.time(7)
    assert quiet.is_quiet(at, since, until, zone) is expected
    if expected:
        ends = quiet.quiet_ends(at, since, until, zone).astimezone(zone)
        assert f"{ends:%H:%M}" == "07:00"


def test_there_are_no_quiet_hours_where_one_end_is_missing_or_both_are_the_same() -> None:
    at = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
    zone = zoneinfo.ZoneInfo("Asia/Shanghai")
    seven = datetime.time(7)
    for since, until in ((None, seven), (seven, None), (seven, seven)):
        assert quiet.quiet_ends(at, since, until, zone) == at


# -- digests

ITEMS = st.lists(
    st.builds(
        Item,
        st.sampled_from(Urgency),
        st.text("甲乙丙丁", min_size=1, max_size=3),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=40,
)


@given(ITEMS)
def test_a_digest_counts_everything_names_each_emergency_and_begins_with_the_most_urgent(
    items: list[Item],
) -> None:
    message = digest(items, link="", language="zh-hans", most=6)
    assert str(sum(each.count for each in items)) in message.title
    said = "\n".join(message.lines)
    emergencies = {each.text for each in items if each.urgency == Urgency.EMERGENCY}
    assert all(f"· {text}" in said for text in emergencies)
    assert message.urgent == bool(emergencies)
    headings = [line for line in message.lines if line in ("紧急", "尽快办理", "供您知道")]
    assert headings == sorted(headings, key=["紧急", "尽快办理", "供您知道"].index)
    assert len([line for line in message.lines if line.startswith("· ")]) <= 6 + len(emergencies)


def test_a_digest_says_the_same_matter_once_and_how_much_more_there_is() -> None:
    items = [Item(Urgency.SOON, "JX-1 时限将到"), Item(Urgency.SOON, "JX-1 时限将到", 2)]
    items += [Item(Urgency.LATER, f"JX-{n} 有进展") for n in range(9)]
    message = digest(items, link="", language="zh-hans", most=3)
    assert message.title == "您有 12 条通知"
    assert message.lines == (
        "尽快办理",
        "· JX-1 时限将到（3 次）",
        "供您知道",
        "· JX-0 有进展",
        "· JX-1 有进展",
        "另有 7 条",
    )
    with pytest.raises(ValueError):
        digest([], link="", language="zh-hans")


def test_several_notices_leave_as_one_digest_in_the_persons_language(db: None) -> None:
    person = Staff(name="前台一号岗", language="en")
    notices = [
        Notice(person=person, kind="followed", urgency=Urgency.LATER),
        Notice(person=person, kind="breached", urgency=Urgency.SOON, rule="R4.respond"),
    ]
    message = rendering.message(notices)
    assert message.language == "en" and not message.urgent
    assert len(message.lines) == 4  # two headings, what is due soon first
    assert message.lines[1].startswith("· ") and rendering.title(notices[0]) != message.lines[1]
