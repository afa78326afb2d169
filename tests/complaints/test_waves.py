"""Waves of one cause at one spot within hours are proposed as one incident, and nothing else is."""

from __future__ import annotations

import datetime
import json
from io import StringIO
from itertools import pairwise
from random import Random

import pytest
import time_machine
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st
from tests.complaints.conftest import MONDAY, Centre

from shouwen.complaints import incidents, places, waves
from shouwen.complaints.models import Complaint, RejectedWave
from shouwen.complaints.places import GARAGE, LIFT, RISER, Spot, spots_of
from shouwen.complaints.waves import Report, Threshold, Thresholds, detect
from shouwen.organization import homes

THRESHOLDS = Thresholds(
    look_back_hours=72,
    wave=(
        Threshold(where=LIFT, causes=("lift",), least=3, minutes=120),
        Threshold(where=RISER, causes=("water", "leak"), least=3, minutes=120),
        Threshold(where=GARAGE, causes=("water",), least=3, minutes=180),
    ),
)
SPOTS = st.one_of(
    st.builds(
        Spot,
        st.sampled_from([LIFT, RISER]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["1", ""]),
        st.sampled_from(["", "1", "2"]),
    ),
    st.just(Spot(GARAGE)),
)


@st.composite
def reports(draw: st.DrawFn) -> list[Report]:
    told = draw(
        st.lists(
            st.tuples(
                st.integers(0, 600),
                st.sampled_from(["lift", "water", "leak", "noise"]),
                SPOTS,
                st.integers(1, 9),
                st.sampled_from([None, None, None, 7]),
            ),
            max_size=25,
        )
    )
    return [
        Report(
            pk=pk,
            number=f"JX-{pk}",
            received_at=MONDAY + datetime.timedelta(minutes=minutes),
            cause=cause,
            spots=(spot,),
            caller=f"home {caller}",
            incident_id=incident_id,
        )
        for pk, (minutes, cause, spot, caller, incident_id) in enumerate(told, start=1)
    ]


@given(reports())
def test_a_wave_is_of_one_cause_one_spot_and_enough_callers_within_hours(
    told: list[Report],
) -> None:
    found = detect(told, THRESHOLDS)
    members = [each.pk for wave in found for each in wave.reports]
    assert len(members) == len(set(members)), "a report belongs to one wave at most"
    for wave in found:
        threshold = next(each for each in THRESHOLDS.wave if each.where == wave.spot.kind)
        assert {each.cause for each in wave.reports} == {wave.cause} <= set(threshold.causes)
        assert all(
            (spot := each.at(wave.spot.kind)) is not None and spot.could_be(wave.spot)
            for each in wave.reports
        )
        assert len({each.caller for each in wave.reports}) >= threshold.least
        times = [each.received_at for each in wave.reports]
        assert times == sorted(times)
        assert all(later - earlier <= threshold.within for earlier, later in pairwise(times))
        assert wave.new


@given(reports())
def test_no_wave_is_left_unfound(told: list[Report]) -> None:
    found = detect([each for each in told if each.incident_id is None], THRESHOLDS)
    used = {each.pk for wave in found for each in wave.reports}
    left = [each for each in told if each.pk not in used and each.incident_id is None]
    assert detect(left, THRESHOLDS) == []


@given(reports(), st.randoms())
def test_the_order_in_which_they_are_read_changes_nothing(told: list[Report], rng: Random) -> None:
    shuffled = list(told)
    rng.shuffle(shuffled)
    assert detect(shuffled, THRESHOLDS) == detect(told, THRESHOLDS)


@given(reports())
def test_a_rejected_wave_is_not_proposed_again(told: list[Report]) -> None:
    found = detect(told, THRESHOLDS)
    rejected = {(wave.key, wave.cause): {each.pk for each in wave.reports} for wave in found}
    again = detect(told, THRESHOLDS, rejected)
    assert not {each.pk for wave in again for each in wave.reports} & {
        pk
        for (key, cause), pks in rejected.items()
        for pk in pks
        if any((wave.key, wave.cause) == (key, cause) for wave in again)
    }


@pytest.mark.parametrize(
    ("place", "home", "spot"),
    [
        ("2栋2单元右梯", ("", ""), Spot(LIFT, "2", "2", "右")),
        ("3栋1单元2号电梯", ("", ""), Spot(LIFT, "3", "1", "2")),
        ("一楼电梯厅", ("3", "1"), Spot(LIFT, "3", "1")),
        ("三栋一单元厨房", ("", ""), Spot(RISER, "3", "1")),
        ("3-1-802", ("", ""), Spot(RISER, "3", "1")),
        ("厨房", ("3", "1"), Spot(RISER, "3", "1")),
        ("A栋高区", ("", ""), Spot(RISER, "A")),
        ("5栋", ("3", "1"), Spot(RISER, "5")),
        ("地下车库 B1 东侧", ("3", "1"), Spot(GARAGE, number="1")),
        ("负二层车库", ("", ""), Spot(GARAGE, number="2")),
    ],
)
def test_a_spot_is_read_from_the_place_and_the_home(
    place: str, home: tuple[str, str], spot: Spot
) -> None:
    assert spot in spots_of(place, *home, lift=spot.kind == LIFT)


@pytest.mark.parametrize("place", ["", "小区东门", "草坪", "儿童乐园"])
def test_a_place_that_names_no_building_is_no_spot(place: str) -> None:
    assert spots_of(place) == []


def test_a_spot_says_no_home() -> None:
    assert [spot.place for spot in spots_of("3栋1单元802厨房")] == ["3栋1单元"]
    assert places.public("3-1-802 厨房") == "3栋1单元"


# -- from the database


def _no_water(centre: Centre, building: str, room: str, **told: str) -> Complaint:
    home = homes.ensure(centre.project, building, "1", room)
    data = {"content": "家里没水了。", "category": "water"} | told
    return centre.receive(home=home.pk, **data)


def _wave(centre: Centre, rooms: str = "102 302 502 802") -> list[Complaint]:
    found = []
    for room in rooms.split():
        found.append(_no_water(centre, "6", room))
        centre.wait(minutes=20)
    return found


def _proposed(centre: Centre) -> list[list[str]]:
    found = waves.proposals(centre.project, now=centre.now)
    return [[each.number for each in wave.reports] for wave in found]


def test_homes_of_one_riser_are_proposed_and_near_misses_are_not(centre: Centre) -> None:
    _no_water(centre, "6", "1602")
    centre.wait(hours=20)
    _no_water(centre, "6", "1602")
    centre.wait(hours=20)
    wave = _wave(centre)
    _no_water(centre, "5", "302")
    _no_water(centre, "4", "302")
    _no_water(centre, "6", "1102", content="楼上装修太吵。", category="works-noise")
    assert _proposed(centre) == [[each.number for each in wave]]


def test_one_home_that_calls_again_and_again_is_no_wave(centre: Centre) -> None:
    for _time in range(4):
        _no_water(centre, "6", "102")
        centre.wait(minutes=10)
    assert _proposed(centre) == []


def test_a_complaint_without_a_category_counts_by_its_words(centre: Centre) -> None:
    for room in ("102", "302", "502"):
        home = homes.ensure(centre.project, "6", "1", room)
        centre.receive(home=home.pk, content="突然停水了", category=None)
    assert len(_proposed(centre)) == 1


def test_reasons_are_said(centre: Centre) -> None:
    _wave(centre)
    [found] = waves.proposals(centre.project, now=centre.now)
    assert found.reasons == ["共 4 件", "60 分钟内", "同一立管"]


def test_what_is_accepted_or_closed_is_proposed_no_more_but_more_of_it_is(centre: Centre) -> None:
    wave = _wave(centre)
    incident = incidents.begin(
        centre.project,
        person=centre.person("front_desk"),
        title="6栋1单元停水",
        complaints=wave,
        now=centre.now,
    )
    assert _proposed(centre) == []
    late = _no_water(centre, "6", "1102")
    [more] = waves.proposals(centre.project, now=centre.now)
    assert more.incident_id == incident.pk
    assert [each.number for each in more.new] == [late.number]


def test_a_rejected_wave_is_remembered(centre: Centre) -> None:
    wave = _wave(centre)
    [found] = waves.proposals(centre.project, now=centre.now)
    RejectedWave.objects.create(
        project=centre.project,
        spot=found.key,
        cause=found.cause,
        complaints=[each.pk for each in wave],
        rejected_at=centre.now,
        rejected_by=centre.person("front_desk"),
    )
    assert _proposed(centre) == []
    _wave(centre, "1102 1602")
    assert _proposed(centre) == [], "two more are not enough by themselves"


def test_the_command_prints_what_is_proposed(centre: Centre) -> None:
    wave = _wave(centre)
    out = StringIO()
    with time_machine.travel(centre.now):
        call_command("waves", "--json", stdout=out)
    [told] = json.loads(out.getvalue())
    assert told["complaints"] == [each.number for each in wave]
    assert (told["place"], told["cause"], told["where"]) == ("6栋1单元", "water", "riser")
