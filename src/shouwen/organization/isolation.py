"""The person's transaction: in it the database itself shows the rows of their projects alone."""

from __future__ import annotations

from contextlib import AbstractContextManager

from shouwen.organization.holders import posts_of
from shouwen.organization.models import Staff
from shouwen.records import isolation


def projects_ever(person: Staff) -> frozenset[int] | None:
    """The projects that somebody works or worked for; None for those of the whole company.

    Whatever they may see lies in these: what they took stays theirs when they move on.
    """
    found = {post.project_id for post in posts_of(person)}
    return None if None in found else frozenset(filter(None, found))


def transaction_of(person: Staff) -> AbstractContextManager[None]:
    """A transaction in which protected tables show the person's projects and nothing else."""
    return isolation.transaction_of(projects_ever(person))
