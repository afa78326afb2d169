"""Places with a QR code: made one by one or for all buildings, found by their token, taken out of use.

The token is short enough for a code that a telephone reads from two metres, and is not guessed:
twelve of thirty-one letters and digits, those left out that people mistake for others.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.organization.models import Home, Place, Project

_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
_LENGTH = 12


def _token() -> str:
    return "".join(secrets.choice(_LETTERS) for _place in range(_LENGTH))


def found(token: str) -> Place | None:
    """The place in use of that token; None where there is none (any more), or its project is given up."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    places = Place.objects.select_related("project__company")
    return places.filter(token=token.lower(), is_active=True, project__is_active=True).first()


def project_of(token: str) -> Project | None:
    """Whose code it is or was, so that whoever scans one out of use hears whom to call."""
    place = Place.objects.select_related("project").filter(token=token[:_LENGTH].lower()).first()
    return place.project if place and place.project.is_active else None


def entry(project: Project) -> Place:
    """The project's own entry, for a notice board or a web page; made on the first ask."""
    place, _made = Place.objects.get_or_create(
        project=project,
        kind=Place.Kind.PROJECT,
        defaults={"label": project.name, "token": _token()},
    )
    return place


def add(project: Project, kind: str, label: str, *, building: str = "", unit: str = "") -> Place:
    """Make a place. Raises ValidationError where one of that label is in use, or for an unknown kind."""
    if kind == Place.Kind.PROJECT:
        raise ValidationError({"kind": _("每个项目只有一个总入口")})
    place = Place(
        project=project,
        kind=kind,
        label=label.strip(),
        building=building,
        unit=unit,
        token=_token(),
    )
    place.full_clean()
    place.save()
    return place


def _wanted(project: Project, kinds: Iterable[str]) -> Iterable[tuple[str, str, str, str]]:
    """Kind, label, building and unit of every building, and of every unit's lift."""
    kinds = set(kinds)
    parts = Home.objects.filter(project=project).values_list("building", "unit").distinct()
    ordered = sorted(set(parts), key=lambda part: [_in_order(each) for each in part])
    for building in dict.fromkeys(building for building, _unit in ordered):
        if Place.Kind.BUILDING in kinds:
            yield Place.Kind.BUILDING, _("{building}栋").format(building=building), building, ""
    for building, unit in ordered:
        if Place.Kind.LIFT in kinds and (unit or not any(b == building and u for b, u in ordered)):
            where = (
                _("电梯 {building}栋{unit}单元").format(building=building, unit=unit)
                if unit
                else _("电梯 {building}栋").format(building=building)
            )
            yield Place.Kind.LIFT, where, building, unit


def _in_order(part: str) -> tuple[bool, int, str]:
    return (not part.isdigit(), int(part) if part.isdigit() else 0, part)


def add_for_buildings(project: Project, kinds: Iterable[str]) -> int:
    """Make a place for every building, and for the lift of every unit, that has none yet; how many.

    `kinds` are `building` and `lift`, or one of them.
    """
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        there = set(
            Place.objects.filter(project=project, is_active=True).values_list(
                "kind", "building", "unit"
            )
        )
        labels = set(
            Place.objects.filter(project=project, is_active=True).values_list("label", flat=True)
        )
        new = [
            Place(
                project=project,
                kind=kind,
                label=label,
                building=building,
                unit=unit,
                token=_token(),
            )
            for kind, label, building, unit in _wanted(project, kinds)
            if (kind, building, unit) not in there and label not in labels
        ]
        Place.objects.bulk_create(new)
    return len(new)


def take_out_of_use(place: Place) -> None:
    """Whoever scans its code is told to call; the complaints that came by it stay as they are."""
    place.is_active = False
    place.save(update_fields=["is_active"])


def renew(place: Place) -> None:
    """Give a place another code; the one that hangs somewhere leads nowhere from now on."""
    place.token = _token()
    place.save(update_fields=["token"])
