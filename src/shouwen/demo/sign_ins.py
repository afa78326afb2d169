"""The demo's one-click sign-ins: one for each position, in demo mode only."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.demo.posts import STAFF
from shouwen.organization.models import Post, Staff


class SignIn(NamedTuple):
    """Somebody whom a click signs in as: what they are, and in which project ("" for all)."""

    staff: Staff
    position: str
    project: str

    @property
    def called(self) -> str:
        """The name where the project is written above it already."""
        return self.staff.name.removeprefix(self.project)


def sign_ins() -> list[SignIn]:
    """All one-click sign-ins in the order of the demo company; none outside demo mode."""
    if not settings.SHOUWEN_DEMO:
        return []
    order = {somebody.username: number for number, somebody in enumerate(STAFF)}
    held: dict[Staff, list[Post]] = {}
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    posts = Post.objects.held_on(today).filter(staff__username__in=order).order_by("pk")
    for post in posts.select_related("staff", "project"):
        held.setdefault(post.staff, []).append(post)
    return [
        _sign_in(staff, held[staff])
        for staff in sorted(held, key=lambda each: order[each.username])
    ]


def staff_of(username: str) -> Staff | None:
    """Whom a click on that username signs in; None outside demo mode and for anybody else."""
    if not settings.SHOUWEN_DEMO or username not in {somebody.username for somebody in STAFF}:
        return None
    return Staff.objects.filter(username=username, is_active=True).first()


def _sign_in(staff: Staff, posts: list[Post]) -> SignIn:
    projects = dict.fromkeys(post.project.name for post in posts if post.project is not None)
    return SignIn(
        staff=staff,
        position=_("、").join(post.get_position_display() for post in posts),
        project="" if any(post.project is None for post in posts) else _("、").join(projects),
    )
