"""What somebody answers for now: the other way round from `on_duty`, for the whole of their desk."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from shouwen.organization import on_duty
from shouwen.organization.holders import DEPARTMENT, Asked, positions_of
from shouwen.organization.models import Department, Post, Project, Staff
from shouwen.organization.on_duty import Found
from shouwen.organization.positions import IN_A_DEPARTMENT, Position
from shouwen.organization.roster import Roster

#: The words that clocks are held by; a department's people hold theirs as the department.
_WORDS = (DEPARTMENT, *(each.value for each in Position if each != Position.DEPARTMENT_MEMBER))


class Share(NamedTuple):
    """The clocks of a position that somebody answers for; without a project, those of every one.

    Not where one of `not_about` is complained about; where `about` is set, only the complaints about
    that person. `others` answer for the same, so that what they claim is theirs.
    """

    word: str
    department: str
    project_id: int | None
    not_about: frozenset[int] = frozenset()
    about: int | None = None
    others: frozenset[int] = frozenset()


def shares_of(person: Staff, at: datetime.datetime | None = None) -> list[Share]:
    """What somebody answers for at that moment (default: now), in parts that do not overlap.

    By the roster, by post where none is kept, as a stand-in, and as the head where nobody is there
    or the person complained about would be. The head of a department has what its people have, too.
    Seven queries at most, none for who has no post.
    """
    at = at or timezone.now()
    posts = positions_of(person, at)
    if not posts:
        return []
    projects = _projects(posts)
    asked = _asked(posts, projects)
    facts = on_duty.facts_for(asked, at)
    found: list[Share] = []
    for each in asked:
        found += _of(facts, each, person, at, heads=_heads(posts, each))
    if any(post.project_id is None for post in posts):
        found = _together(found, len(projects))
    return sorted(found, key=repr)


def _projects(posts: Iterable[Post]) -> list[Project]:
    if any(post.project_id is None for post in posts):
        return list(Project.objects.order_by("pk"))
    return list(Project.objects.filter(pk__in={post.project_id for post in posts}).order_by("pk"))


def _asked(posts: Iterable[Post], projects: list[Project]) -> list[Asked]:
    """Whatever may come to these posts: their own, and what lies below them, project by project."""
    departments = list(
        Department.objects.filter(Q(project=None) | Q(project__in=projects)).values_list(
            "code", "project_id"
        )
    )
    found: list[Asked] = []
    for project in projects:
        held = {post.position for post in posts if post.project_id in (None, project.pk)}
        if Position.DEPARTMENT_MEMBER in held:
            held.add(DEPARTMENT)
        for word in _WORDS:
            if held.isdisjoint(on_duty.way_up(word, project.developer_stand_in)):
                continue
            inside = word == DEPARTMENT or word in IN_A_DEPARTMENT
            if word != DEPARTMENT:
                # Where no department is known yet, every head of the project may take it up.
                found.append(Asked(word, project.pk, ""))
            if inside:
                found += [
                    Asked(word, project.pk, code)
                    for code, where in departments
                    if where in (None, project.pk)
                ]
    return found


def _heads(posts: Iterable[Post], asked: Asked) -> bool:
    return asked.word == DEPARTMENT and any(
        post.position == Position.DEPARTMENT_HEAD
        and post.project_id in (None, asked.project_id)
        and post.department is not None
        and post.department.code == asked.department_code
        for post in posts
    )


def _of(
    facts: Roster, asked: Asked, person: Staff, at: datetime.datetime, *, heads: bool
) -> list[Share]:
    """The shares of one position: in general, and where one of those asked first is barred."""
    usual = on_duty.reckon(facts, asked, at)
    mine = person.pk in usual.persons
    not_about: set[int] = {person.pk}
    found: list[Share] = []
    for barred in sorted(usual.involved - {person.pk}):
        instead = on_duty.reckon(facts, asked, at, barred)
        if person.pk in instead.persons:
            if not mine and not heads:
                found.append(_share(asked, instead, person, about=barred))
        elif mine and not heads:
            not_about.add(barred)
    if mine or heads:
        # A department's work stays on the desk of its head, whoever took it up.
        others = frozenset() if heads else frozenset(usual.persons) - {person.pk}
        found.append(Share(*_place(asked), not_about=frozenset(not_about), others=others))
    return found


def _place(asked: Asked) -> tuple[str, str, int]:
    return asked.word, asked.department_code, asked.project_id


def _share(asked: Asked, found: Found, person: Staff, *, about: int) -> Share:
    others = frozenset(found.persons) - {person.pk}
    return Share(*_place(asked), about=about, others=others)


def _together(shares: list[Share], projects: int) -> list[Share]:
    """What is the same in every project becomes one share."""
    same: dict[Share, list[Share]] = {}
    for share in shares:
        same.setdefault(share._replace(project_id=None), []).append(share)
    found: list[Share] = []
    for without, each in same.items():
        found += [without] if len(each) == projects and without.about is None else each
    return found
