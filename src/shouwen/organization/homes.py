"""Homes by the way people write them: 3栋1单元802, 3-1-802, 三栋802."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from shouwen.organization.models import Home, Project

_NUMERAL = "〇零一二三四五六七八九十"
_PART = rf"(?:[0-9A-Z]+|[{_NUMERAL}]+)"
_WORDS = re.compile(
    rf"(?P<building>{_PART})(?:栋|棟|幢|座|号楼|號樓|#楼?|楼)-?"
    rf"(?:(?P<unit>{_PART})(?:单元|單元|门|梯)-?)?"
    r"(?P<room>(?:商铺|商鋪|铺)?[0-9A-Z]+)(?:室|房|号|號)?"
)
_DASHES = re.compile(
    r"(?P<building>[0-9A-Z]+)-(?:(?P<unit>[0-9A-Z]+)-)?(?P<room>[0-9A-Z]+)(?:室|房)?"
)


class UnreadableHome(ValueError):
    """The text names no building and room."""


@dataclass(frozen=True)
class Address:
    """Building, unit ("" where none is named) and room inside a project."""

    building: str
    unit: str
    room: str

    @property
    def label(self) -> str:
        """How the home is written everywhere: 3栋1单元802, 3栋802."""
        return (
            f"{self.building}栋{self.unit}单元{self.room}"
            if self.unit
            else (f"{self.building}栋{self.room}")
        )


def _number(text: str) -> str:
    """Chinese numerals up to 99 as digits, leading zeros cut; letters as they are."""
    if text and all(character in _NUMERAL for character in text):
        value = {character: index - 1 for index, character in enumerate(_NUMERAL)}
        value["〇"] = 0
        if "十" in text:
            tens, _, ones = text.partition("十")
            return str((value[tens] if tens else 1) * 10 + (value[ones] if ones else 0))
        return str(int("".join(str(value[character]) for character in text)))
    return text.lstrip("0") or text


def parse(text: str) -> Address | None:
    """Read a home from free text; None where it names no building and room.

    Spaces, full-width characters, Chinese numerals, 栋 幢 座 号楼 #, 单元 门 梯, 室 房, dashes
    and slashes are understood.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    plain = re.sub(r"[\s,，、]+", "", plain)
    plain = re.sub(r"[—–－_/／]", "-", plain)
    match = _WORDS.fullmatch(plain) or _DASHES.fullmatch(plain)
    if match is None:
        return None
    return Address(
        building=_number(match["building"]),
        unit=_number(match["unit"] or ""),
        room=match["room"],
    )


def _within(project: Project, text: str) -> Address | None:
    return parse(text.strip().removeprefix(project.name))


def _meant(project: Project, address: Address) -> QuerySet[Home]:
    homes = Home.objects.filter(project=project, building=address.building, room=address.room)
    return homes.filter(unit=address.unit) if address.unit else homes


def find(project: Project, text: str) -> Home | None:
    """The home of the project that the text means; None where there is none, or several.

    Without a unit it is the only home of that room number in the building.
    """
    address = _within(project, text)
    if address is None:
        return None
    found = list(_meant(project, address)[:2])
    return found[0] if len(found) == 1 else None


def suggest(project: Project, text: str) -> QuerySet[Home]:
    """The homes that a text typed so far can become, by label; none for an empty text.

    3-1 offers all of 3栋1单元 and, if there is one, 3栋1.
    """
    address = _within(project, text)
    start = address.label if address else unicodedata.normalize("NFKC", text).replace(" ", "")
    if not start:
        return Home.objects.none()
    offered = Q(label__startswith=start.upper())
    if address:
        offered |= Q(pk__in=_meant(project, address).values("pk"))
    return Home.objects.filter(offered, project=project).order_by("label")


def ensure(project: Project, building: str, unit: str, room: str) -> Home:
    """The home of that building, unit and room, made where it does not exist yet."""
    home, _ = Home.objects.get_or_create(
        project=project,
        building=building,
        unit=unit,
        room=room,
        defaults={"label": Address(building, unit, room).label},
    )
    return home


def find_or_create(project: Project, text: str) -> Home:
    """The home that the text means, made where there is none.

    Raises UnreadableHome, whose message holds nothing of the text: it is personal data.
    """
    address = _within(project, text)
    if address is None:
        raise UnreadableHome("The text names no building and room.")
    return find(project, text) or ensure(project, address.building, address.unit, address.room)
