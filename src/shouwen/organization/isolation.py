"""The person's transaction: in it the database itself shows the rows of their projects alone."""

from __future__ import annotations

from contextlib import AbstractContextManager

from shouwen.organization.holders import lent_to, posts_of
from shouwen.organization.models import Staff
from shouwen.records import isolation


def projects_ever(person: Staff) -> frozenset[int] | None:
    """The projects that somebody works or worked for; None for those of the whole company.

    Whatever they may see lies in these: what they took stays theirs when they move on, and whom they
    stand in for now lends them theirs. Read once per person object.
    """
    if "_projects_ever" not in person.__dict__:
        found = {post.project_id for post in posts_of(person)}
        for posts in lent_to(person).values():
            found.update(post.project_id for post in posts)
        known = None if None in found else frozenset(filter(None, found))
        person.__dict__["_projects_ever"] = known
    projects: frozenset[int] | None = person.__dict__["_projects_ever"]
    return projects


def transaction_of(person: Staff) -> AbstractContextManager[None]:
    """A transaction in which protected tables show the person's projects and nothing else."""
    return isolation.transaction_of(projects_ever(person))
