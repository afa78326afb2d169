"""Homes by the way people write them: 3栋1单元802, 3-1-802, 三栋802."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

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


#: A range as people write it: 1-6, 1至6, A-C; of buildings, units or floors so many at once at most.
_RANGE = re.compile(r"([0-9]{1,4}|[A-Z])\s*(?:[-–—~～至到]\s*([0-9]{1,4}|[A-Z]))?")
_MOST_OF_A_RANGE = 500
_LONGEST_PART = 20


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


def number_of(text: str) -> str:
    """Chinese numerals up to 99 as digits, leading zeros cut; letters as they are."""
    if text and all(character in _NUMERAL for character in text):
        value = {character: index - 1 for index, character in enumerate(_NUMERAL)}
        value["〇"] = 0
        if "十" in text:
            tens, _sign, ones = text.partition("十")
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
        building=number_of(match["building"]),
        unit=number_of(match["unit"] or ""),
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
    home, _made = Home.objects.get_or_create(
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


def of_parts(building: str, unit: str, room: str) -> Address | None:
    """The home of a building (3, 3栋), unit (1, 1单元 or none) and room; None where it is no home."""
    building = building.strip().rstrip("栋棟幢座")
    unit = unit.strip().removesuffix("单元").removesuffix("單元")
    if not building or not room.strip():
        return None
    address = parse(f"{building}栋{unit}单元{room}" if unit else f"{building}栋{room}")
    if (
        address is None
        or max(map(len, (address.building, address.unit, address.room))) > _LONGEST_PART
    ):
        return None
    return address


def spread(text: str) -> list[str]:
    """What a range means: "1–6" is 1 to 6, "1-3, 5, A-C" is 1 2 3 5 A B C; "" is nothing.

    Raises ValidationError for what is no range, runs backwards or is longer than 500.
    """
    found: list[str] = []
    for part in re.split(r"[,，、;；]", text.upper()):
        if not part.strip():
            continue
        match = _RANGE.fullmatch(part.strip())
        first, last = (match[1], match[2] or match[1]) if match else ("", "")
        if not match or first.isdigit() != last.isdigit():
            raise ValidationError(_("请写成 1-6 或 1-3,5 或 A-C 这样"))
        if first.isdigit():
            steps = [str(each) for each in range(int(first), int(last) + 1)]
        else:
            steps = [chr(each) for each in range(ord(first), ord(last) + 1)]
        if not steps:
            raise ValidationError(_("范围要从小到大"))
        found += steps
        if len(found) > _MOST_OF_A_RANGE:
            raise ValidationError(_("一次最多 500 个"))
    return list(dict.fromkeys(found))
