"""The people who do the measuring: staff of the demo company with a password for the while."""

from __future__ import annotations

import secrets
from functools import cache

from benchmarks.browsing import Browser

PASSWORD = secrets.token_urlsafe(16)


@cache
def _hash() -> str:
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def signed_in(username: str, host: str, port: int) -> Browser:
    """A browser in which that member of staff has signed in by the form."""
    from shouwen.organization.models import Staff

    Staff.objects.filter(username=username).update(password=_hash())
    browser = Browser(host, port)
    browser.sign_in(username, PASSWORD)
    return browser


def clerks() -> dict[str, str]:
    """A clerk of the front desk in each project, by its code: user names."""
    from shouwen.organization.models import Post
    from shouwen.organization.positions import Position

    posts = Post.objects.filter(position=Position.FRONT_DESK, project__isnull=False)
    found: dict[str, str] = {}
    for post in posts.select_related("staff", "project").order_by("pk"):
        assert post.project is not None
        found.setdefault(post.project.code, post.staff.username)
    return found
