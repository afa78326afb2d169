"""Whom an internal note names with @: a colleague, a position or a department of the project."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.steps.table import At, Wrong
from shouwen.organization import holders
from shouwen.organization.models import Department, Staff
from shouwen.organization.permissions import visible_to
from shouwen.organization.positions import Position

#: An @ inside a word (an e-mail address) names nobody.
_AT = re.compile(r"(?<![A-Za-z0-9._%+-])[@＠](\S[^@＠\n]{0,39})")
_END = re.compile(r"[\s，。、；：！？,.;:!?（(）)]")
_LANGUAGES = ("zh-hans", "zh-hant", "en")


def find(text: str, at: At) -> dict[str, Any]:
    """The facts of a note: whom it names, as ids and codes; empty where it names nobody.

    The longest name counts. Raises Wrong where nobody is called so, and where who is named may not
    see the complaint.
    """
    said = [match[1] for match in _AT.finditer(text)]
    if not said or at.complaint is None:
        return {}
    people: set[int] = set()
    positions: set[str] = set()
    departments: set[str] = set()
    starts = {words[:size] for words in said for size in range(1, len(words) + 1)}
    staff: dict[str, list[Staff]] = {}
    for person in Staff.objects.filter(name__in=starts, is_active=True):
        staff.setdefault(person.name, []).append(person)
    ours = Department.objects.filter(Q(project=at.project) | Q(project=None), name__in=starts)
    codes = dict(ours.values_list("name", "code"))
    labels = _labels()
    for words in said:
        known = [name for name in (*staff, *codes, *labels) if words.startswith(name)]
        if not known:
            raise Wrong(text=_("没有叫“{name}”的同事、岗位或部门").format(name=_shortest(words)))
        name = max(known, key=len)
        if name in staff:
            seeing = [each for each in staff[name] if _sees(each, at.complaint)]
            _refuse_unless(bool(seeing), name)
            people.update(each.pk for each in seeing)
        elif name in codes:
            holding = holders.who(
                holders.DEPARTMENT, project_id=at.project.pk, department_code=codes[name]
            )
            _refuse_unless(any(_sees(each, at.complaint) for each in holding), name)
            departments.add(codes[name])
        else:
            holding = holders.who(labels[name], project_id=at.project.pk)
            _refuse_unless(any(_sees(each, at.complaint) for each in holding), name)
            positions.add(labels[name])
    found: dict[str, Any] = {
        "mentioned": sorted(people),
        "mentioned_positions": sorted(positions),
        "mentioned_departments": sorted(departments),
    }
    return {name: value for name, value in found.items() if value}


def _labels() -> dict[str, str]:
    """Positions by what they are called, in all languages."""
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        with translation.override(language):
            found |= {str(each.label): each.value for each in Position}
    return found


def _shortest(words: str) -> str:
    return _END.split(words, maxsplit=1)[0][:20]


def _sees(person: Staff, complaint: Complaint) -> bool:
    return visible_to(person, Complaint).filter(pk=complaint.pk).exists()


def _refuse_unless(sees: bool, name: str) -> None:
    if not sees:
        raise Wrong(
            text=_("{name}看不到这件投诉，不能在备注里提到；需要对方参与请派单").format(name=name)
        )
