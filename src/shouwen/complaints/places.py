"""Where a matter is, as far as one cause can be behind several: a lift, a riser, a garage.

Read from the home and from what people write as the place. What is read names parts of buildings
that many share, never a home, so that residents may read it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwen.organization.homes import number_of

LIFT, RISER, GARAGE = "lift", "riser", "garage"

_NUMERAL = "〇零一二三四五六七八九十"
_PART = rf"[0-9A-Z]{{1,4}}|[{_NUMERAL}]{{1,3}}"
_BUILDING = re.compile(rf"({_PART})\s*(?:栋|棟|幢|座|号楼|號樓|#(?!\s*[电電客货貨]?梯)楼?)")
_UNIT = re.compile(rf"({_PART})\s*(?:单元|單元|门洞)")
_DASHED = re.compile(r"(?<![0-9A-Z-])([0-9A-Z]{1,3})-(?:([0-9A-Z]{1,2})-)?[0-9]{3,4}(?![0-9-])")
_LIFT = re.compile(r"[电電客货貨]梯|轿厢|轎廂|[左右东西南北東]梯|\bLIFT|\bELEVATOR")
_LIFT_NUMBER = re.compile(
    rf"(?P<number>{_PART})\s*(?:号|號|#)\s*(?:[电電客货貨]?梯)"
    r"|(?P<side>[左右东西南北])(?:边|侧|面)?(?:那|的|部|台|一){0,3}[电電客货貨]?梯"
    r"|(?:LIFT|ELEVATOR)\s*(?P<lift>[0-9A-Z])\b"
)
_GARAGE = re.compile(r"车库|車庫|地库|地庫|地下停车|地下停車|\bGARAGE|\bCAR PARK")
_LEVEL = re.compile(r"B\s*([1-9])|(?:负|負|地下)\s*([1-9一二三四五六七八九])\s*(?:层|層|楼)?")
# A home as people write it within other words: everything from the building's unit on is cut.
_ROOM = re.compile(
    r"(?:(?<=栋)|(?<=棟)|(?<=幢)|(?<=座)|(?<=号楼)|(?<=單元)|(?<=单元)|(?<=#)|(?<=-))"
    r"\s*-?\s*[0-9]{3,4}(?:[A-Z](?![A-Z]))?\s*(?:室|房|号|號)?"
)


@dataclass(frozen=True, order=True)
class Spot:
    """A part of the project that several complaints may share.

    `number` tells one lift of a unit, or one level of the garage, from the next; "" where nobody
    said which, so that it may be any of them.
    """

    kind: str
    building: str = ""
    unit: str = ""
    number: str = ""

    @property
    def key(self) -> str:
        """The spot in one word, to be compared and kept."""
        return ":".join((self.kind, self.building, self.unit, self.number))

    @property
    def place(self) -> str:
        """The spot as a place that residents read, written as homes are: 3栋1单元, 3栋1单元2号电梯."""
        unit = where(self.building, self.unit)
        if self.kind == LIFT:
            # A number or letter as it is painted on the lift, else the side that people call it by.
            number = (
                f"{self.number}{'号' if self.number.isascii() else '侧'}" if self.number else ""
            )
            return f"{unit}{number}电梯"
        if self.kind == RISER:
            return unit
        return f"地下车库 B{self.number}" if self.number else "地下车库"

    @property
    def label(self) -> str:
        """The spot as it is named to staff."""
        place = self.place
        return _("{place}（同一立管）").format(place=place) if self.kind == RISER else place

    def could_be(self, other: Spot) -> bool:
        """Whether both may be the same spot: nothing that was said of them differs."""
        same = (self.kind, self.building, self.unit) == (other.kind, other.building, other.unit)
        return same and (not self.number or not other.number or self.number == other.number)


def where(building: str, unit: str) -> str:
    """A building and unit as homes are written: 3栋1单元."""
    if not building:
        return ""
    return f"{building}栋{unit}单元" if unit else f"{building}栋"


def building_of(place: str) -> tuple[str, str]:
    """Building and unit that a place names, "" for what it does not name."""
    plain = _plain(place)
    building, unit = _BUILDING.search(plain), _UNIT.search(plain)
    dashed = _DASHED.search(plain)
    if building is None and dashed is not None:
        return number_of(dashed[1]), number_of(dashed[2] or "")
    return (
        number_of(building[1]) if building else "",
        number_of(unit[1]) if unit else "",
    )


def spots_of(
    place: str, building: str = "", unit: str = "", content: str = "", *, lift: bool = False
) -> list[Spot]:
    """The spots that a complaint may be about, whatever its cause.

    `place` is what was written as the place; `building` and `unit` are those of the home, which
    count where the place names none. The words (`content`) only tell that a lift or garage is meant;
    `lift` says that one is.
    """
    named = building_of(place)
    if named[0]:
        # Of the building that is named; the home's unit only where it is in that building.
        building, unit = named[0], named[1] or (unit if named[0] == building else "")
    plain, said = _plain(place), _plain(f"{place} {content}")
    found = []
    if _GARAGE.search(plain) or (not building and _GARAGE.search(said)):
        level = _LEVEL.search(plain)
        number = number_of(level[1] or level[2]) if level else ""
        found.append(Spot(GARAGE, number=number))
    if building:
        if lift or _LIFT.search(said):
            which = _LIFT_NUMBER.search(plain) or _LIFT_NUMBER.search(said)
            found.append(Spot(LIFT, building, unit, _lift_number(which)))
        found.append(Spot(RISER, building, unit))
    return found


def _lift_number(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    side = found["side"]
    return side if side else number_of(found["number"] or found["lift"])


def public(place: str, building: str = "", unit: str = "") -> str:
    """A place fit for residents to read: without the room that it names.

    Without a place, the building and unit of the home.
    """
    if names_a_home(place):
        return where(*building_of(place)) or where(building, unit)
    return place.strip()[:80] or where(building, unit)


def names_a_home(text: str) -> bool:
    """Whether a text names the home of somebody: a building with a room."""
    plain = _plain(text)
    return bool(_ROOM.search(plain) or _DASHED.search(plain))


def alike(ones: Iterable[Spot], others: Iterable[Spot]) -> bool:
    """Whether any of these may be the same spot as any of those."""
    others = list(others)
    return any(one.could_be(other) for one in ones for other in others)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
