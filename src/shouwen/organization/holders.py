"""Who holds a position now, and which positions somebody holds or is lent.

A post changes hands at midnight of the company's time zone (`settings.TIME_ZONE`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from shouwen.organization.models import Post, Project, Staff
from shouwen.organization.positions import IN_A_DEPARTMENT, Position

#: The holder word of a department's clocks (design §4): everybody in the department.
DEPARTMENT = "department"

#: What no stand-in acts in: who keeps staff, accounts and settings, and who checks, do it themselves.
NOT_LENT = (Position.HUMAN_RESOURCES, Position.AUDITOR, Position.ADMINISTRATOR)


def _day(at: datetime.datetime | None) -> datetime.date:
    return timezone.localdate(at, timezone.get_default_timezone())


def who(
    position_word: str,
    *,
    project_id: int,
    department_code: str | None = None,
    at: datetime.datetime | None = None,
) -> list[Staff]:
    """The active staff who hold the position for that project at that moment (default: now).

    `position_word` is a `Position` or the word `department`, which means the members and the
    head of the department `department_code`. Posts without a project count for every project.
    One query. Raises ValueError for a word that is no position, and for `department` without
    a `department_code`.
    """
    if position_word == DEPARTMENT:
        if not department_code:
            raise ValueError("The holder word 'department' needs a department code.")
        positions = [str(each) for each in IN_A_DEPARTMENT]
    else:
        positions = [str(Position(position_word))]
    posts = Post.objects.held_on(_day(at)).filter(
        Q(project=None) | Q(project=project_id), position__in=positions
    )
    if department_code:
        posts = posts.filter(department__code=department_code)
    return list(Staff.objects.filter(pk__in=posts.values("staff")).order_by("pk"))


def positions_of(person: Staff, at: datetime.datetime | None = None) -> list[Post]:
    """The posts in which somebody acts at that moment (default: now); none for who has left.

    Their own, then those lent to them by whoever they stand in for; a lent one is another's
    (`staff_id`). Read once per person object, so once per request, with projects and departments.
    """
    posts = own_positions_of(person, at)
    for lent in lent_to(person, at).values():
        posts += lent
    return posts


def own_positions_of(person: Staff, at: datetime.datetime | None = None) -> list[Post]:
    """As `positions_of`, without what is lent."""
    if not person.is_active:
        return []
    day = _day(at)
    return [post for post in posts_of(person) if _held_on(post, day)]


def lent_to(person: Staff, at: datetime.datetime | None = None) -> dict[int, list[Post]]:
    """Whom somebody stands in for at that moment, by their ids, with the posts they are lent.

    Nobody lends what they are lent, nor a post of `NOT_LENT`. One query with `positions_of`.
    """
    if not person.is_active:
        return {}
    at = at or timezone.now()
    day = _day(at)
    found: dict[int, dict[int, Post]] = {}
    posts_of(person)
    for post in person.__dict__["_lent"]:
        if post.lent_since <= at < post.lent_until:
            lent = found.setdefault(post.staff_id, {})
            if _held_on(post, day) and post.position not in NOT_LENT:
                lent[post.pk] = post
    return {lender: list(posts.values()) for lender, posts in found.items()}


def _held_on(post: Post, day: datetime.date) -> bool:
    return post.since <= day and (post.until is None or day <= post.until)


def posts_of(person: Staff) -> list[Post]:
    """All posts that somebody holds, held or will hold; read once per person object."""
    posts: list[Post] | None = person.__dict__.get("_posts")
    if posts is None:
        lending = FilteredRelation(
            "staff__delegations", condition=Q(staff__delegations__stand_in=person)
        )
        found = (
            Post.objects.annotate(lending=lending)
            .filter(Q(staff=person) | Q(lending__isnull=False, staff__is_active=True))
            .annotate(lent_since=F("lending__since"), lent_until=F("lending__until"))
            .select_related("project", "department")
            .order_by("pk")
        )
        read = list(found)
        posts = [post for post in read if post.staff_id == person.pk]
        person.__dict__["_posts"] = posts
        person.__dict__["_lent"] = [post for post in read if post.staff_id != person.pk]
    return posts


def forget_positions(person: Staff) -> None:
    """Let the next `positions_of` read anew, after the person's posts have changed."""
    person.__dict__.pop("_posts", None)
    person.__dict__.pop("_lent", None)
    person.__dict__.pop("_projects", None)
    person.__dict__.pop("_projects_ever", None)


def holds(
    person: Staff,
    position: str,
    project_id: int,
    department_code: str | None = None,
) -> bool:
    """Whether somebody holds the position now for that project (and department, where named).

    Takes the words that `who` takes and agrees with it. No query once the posts are read.
    """
    if position == DEPARTMENT:
        if not department_code:
            raise ValueError("The holder word 'department' needs a department code.")
        wanted = {str(each) for each in IN_A_DEPARTMENT}
    else:
        wanted = {str(Position(position))}
    return any(
        post.position in wanted
        and post.project_id in (None, project_id)
        and (
            department_code is None
            or (post.department is not None and post.department.code == department_code)
        )
        for post in positions_of(person)
    )


def projects_of(person: Staff, *, leaving_out: tuple[Position, ...] = ()) -> QuerySet[Project]:
    """The projects somebody works for, by posts other than those in the positions left out."""
    posts = [post for post in positions_of(person) if post.position not in leaving_out]
    if any(post.project_id is None for post in posts):
        return Project.objects.all()
    return Project.objects.filter(pk__in={post.project_id for post in posts})


def works_for(person: Staff) -> list[Project]:
    """`projects_of`, in the order of their codes; read once per person object."""
    projects: list[Project] | None = person.__dict__.get("_projects")
    if projects is None:
        projects = list(projects_of(person).order_by("code"))
        person.__dict__["_projects"] = projects
    return projects


class Asked(NamedTuple):
    """A holder word with the project and the department it is asked for."""

    word: str
    project_id: int
    department_code: str = ""


def who_each(
    asked: Iterable[Asked], *, at: datetime.datetime | None = None
) -> dict[Asked, list[Staff]]:
    """`who` for many at once, in one query. A word that is no position has nobody."""
    found: dict[Asked, dict[int, Staff]] = {each: {} for each in asked}
    words = {each.word for each in found}
    positions = words & set(Position.values)
    if DEPARTMENT in words:
        positions |= {str(each) for each in IN_A_DEPARTMENT}
    posts = Post.objects.held_on(_day(at)).filter(
        Q(project=None) | Q(project__in={each.project_id for each in found}),
        position__in=positions,
    )
    for post in posts.select_related("staff", "department").order_by("staff"):
        for each, staff in found.items():
            if _answers(post, each):
                staff[post.staff_id] = post.staff
    return {each: list(staff.values()) for each, staff in found.items()}


def _answers(post: Post, asked: Asked) -> bool:
    if post.project_id not in (None, asked.project_id):
        return False
    code = post.department.code if post.department else ""
    if asked.word == DEPARTMENT:
        return post.position in IN_A_DEPARTMENT and code == asked.department_code
    return post.position == asked.word and asked.department_code in ("", code)
