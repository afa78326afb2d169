"""Homes are found however their address is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shouwen.organization import homes
from shouwen.organization.homes import Address, parse
from shouwen.organization.models import Home, Project


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("3栋1单元802", ("3", "1", "802")),
        ("3-1-802", ("3", "1", "802")),
        ("3栋802", ("3", "", "802")),
        ("3－１－８０２室", ("3", "1", "802")),
        (" 3 号楼 1 单元 802 室 ", ("3", "1", "802")),
        ("03幢01单元802房", ("3", "1", "802")),
        ("3#楼1单元802", ("3", "1", "802")),
        ("三栋一单元802", ("3", "1", "802")),
        ("十二栋二门0302", ("12", "2", "0302")),
        ("二十一栋1101", ("21", "", "1101")),
        ("3栋-1单元-802", ("3", "1", "802")),
        ("a座1208", ("A", "", "1208")),
        ("B2栋3单元12a", ("B2", "3", "12A")),
        ("5栋商铺12号", ("5", "", "商铺12")),
        ("3/1/802", ("3", "1", "802")),
        ("3-802", ("3", "", "802")),
    ],
)
def test_an_address_is_read_as_people_write_it(written: str, meant: tuple[str, str, str]) -> None:
    assert parse(written) == Address(*meant)


@pytest.mark.parametrize("written", ["", "802", "地下车库", "3栋", "3栋1单元", "3-1-802-5", "楼上"])
def test_a_text_without_building_and_room_is_no_address(written: str) -> None:
    assert parse(written) is None


@given(
    st.integers(1, 99).map(str),
    st.sampled_from(["", "1", "2", "12", "A"]),
    st.integers(101, 9999).map(str),
)
def test_every_label_is_read_back_as_the_same_home(building: str, unit: str, room: str) -> None:
    address = Address(building, unit, room)
    assert parse(address.label) == address
    assert parse("-".join(filter(None, [building, unit, room]))) == address


def test_two_ways_of_writing_make_one_home(project: Project) -> None:
    first = homes.find_or_create(project, "3栋1单元802")
    assert first.label == "3栋1单元802"
    for written in ("3-1-802", "三号楼1单元802室", "锦绣家园3栋1单元802", "3栋802"):
        assert homes.find_or_create(project, written) == first
    assert Home.objects.count() == 1


def test_a_room_number_that_two_units_have_is_not_guessed(project: Project) -> None:
    homes.ensure(project, "3", "1", "802")
    homes.ensure(project, "3", "2", "802")
    assert homes.find(project, "3栋802") is None
    unclear = homes.find_or_create(project, "3栋802")
    assert (unclear.unit, unclear.label) == ("", "3栋802")
    assert homes.find_or_create(project, "3栋802") == unclear


def test_a_home_of_another_project_is_not_found(project: Project, other_project: Project) -> None:
    homes.ensure(project, "3", "1", "802")
    assert homes.find(other_project, "3-1-802") is None
    assert not homes.suggest(other_project, "3").exists()


def test_homes_are_suggested_while_one_types(project: Project) -> None:
    labels = [
        homes.ensure(project, building, unit, room).label
        for building, unit, room in (("3", "1", "801"), ("3", "1", "802"), ("3", "2", "802"))
    ]
    homes.ensure(project, "5", "1", "801")

    def suggested(text: str) -> list[str]:
        return [home.label for home in homes.suggest(project, text)]

    assert suggested("3栋") == labels
    assert suggested("3栋1单元8") == labels[:2]
    assert suggested("3-1") == labels[:2]
    assert suggested("3-1-802") == [labels[1]]
    assert suggested("3栋802") == labels[1:]
    assert suggested("") == []


def test_an_unreadable_address_is_refused_without_repeating_it(project: Project) -> None:
    with pytest.raises(homes.UnreadableHome) as refused:
        homes.find_or_create(project, "对面那家")
    assert "对面" not in str(refused.value)
    assert not Home.objects.exists()
