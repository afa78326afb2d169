"""People come, move and leave: nothing they did is lost, and what they hold goes to a successor.

Every room tells what somebody can hold in it (`register`); one action shows how much of each there
is (`held`), and one transaction hands all of it over (`carry_out`).
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization import cards
from shouwen.organization.holders import forget_positions
from shouwen.organization.models import Post, Staff
from shouwen.organization.permissions import may
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint
from shouwen.records import audit


class Refused(Exception):
    """A change that cannot be made as asked; `field` names what to mend, the message says how."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass
class Change:
    """Somebody leaves the company (`leaving`), or gives up posts.

    `posts` are those that end with `last_day`; `successors` say by kind who takes what is held,
    `taking_posts` who takes over which of the posts, by their ids.
    """

    person: Staff
    by: Staff
    posts: Sequence[Post]
    last_day: datetime.date
    leaving: bool
    reason: str = ""
    successors: Mapping[str, Staff] = field(default_factory=dict)
    taking_posts: Mapping[int, Staff] = field(default_factory=dict)

    @property
    def remaining(self) -> list[Post]:
        """The posts that stay."""
        if self.leaving:
            return []
        ending = {post.pk for post in self.posts}
        return [post for post in open_posts(self.person) if post.pk not in ending]

    @property
    def after(self) -> datetime.datetime:
        """The moment from which it is somebody else's: the midnight after the last day."""
        day = self.last_day + datetime.timedelta(days=1)
        return timezone.make_aware(
            datetime.datetime.combine(day, datetime.time()), timezone.get_default_timezone()
        )

    def concerns(self, project_id: int) -> bool:
        """Whether the person has nothing to do any more with that project."""
        return all(post.project_id not in (None, project_id) for post in self.remaining)


@dataclass(frozen=True)
class Kind:
    """Something that people hold: how much of it there is, and how it is handed over.

    `hand_over` is given the change and the successor (None where nobody was chosen, which
    `needed` forbids as long as there is any) and answers how many were handed over.
    """

    name: str
    label: Any
    hint: Any
    count: Callable[[Change], int]
    hand_over: Callable[[Change, Staff | None], int]
    needed: bool = True


@dataclass(frozen=True)
class Held:
    """How much of a kind somebody holds."""

    kind: Kind
    number: int


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Tell that people hold this. Raises ValueError where the kind is known."""
    if kind.name in KINDS:
        raise ValueError(f"The kind {kind.name!r} is known already.")
    KINDS[kind.name] = kind


def open_posts(person: Staff, day: datetime.date | None = None) -> QuerySet[Post]:
    """The posts somebody holds on that day (default: today) or will hold."""
    day = day or timezone.localdate()
    return (
        person.posts.filter(Q(until=None) | Q(until__gte=day))
        .select_related("project", "department")
        .order_by("since", "pk")
    )


def held(change: Change) -> list[Held]:
    """What will move: each kind of which there is any."""
    found = [Held(kind, kind.count(change)) for kind in KINDS.values()]
    return [each for each in found if each.number]


def newcomers() -> QuerySet[Staff]:
    """Staff at work who have no password yet: those whom an invitation is made for."""
    return Staff.objects.filter(is_active=True, password__startswith="!").order_by("username")


def successors(person: Staff) -> QuerySet[Staff]:
    """Who can take over: colleagues at work who hold a post without an end."""
    posts = Post.objects.filter(until=None).values("staff")
    return Staff.objects.filter(is_active=True, pk__in=posts).exclude(pk=person.pk).order_by("name")


def carry_out(change: Change) -> dict[str, int]:
    """Hand over what is held, end the posts and, for who leaves, close the account; all or nothing.

    Answers how many of each kind were handed over. Raises Refused.
    """
    _check(change)
    with transaction.atomic():
        Staff.objects.select_for_update().get(pk=change.person.pk)
        _lack_nobody(change)
        for post in change.posts:
            if (successor := change.taking_posts.get(post.pk)) is not None:
                _take_post(change, post, successor)
        handed = {}
        for each in held(change):
            successor = change.successors.get(each.kind.name)
            if successor is None and each.kind.needed:
                raise Refused(each.kind.name, _("请选择由谁接手"))
            handed[each.kind.name] = each.kind.hand_over(change, successor)
        for post in change.posts:
            end_post(post, change.last_day)
        if change.leaving:
            change.person.is_active = False
            change.person.set_unusable_password()
            change.person.save(update_fields=["is_active", "password"])
            cards.stop(change.person, by=change.by)
        audit.note(
            "staff_left" if change.leaving else "staff_moved",
            actor_id=change.by.pk,
            subject_type="staff",
            subject_id=change.person.pk,
            last_day=change.last_day.isoformat(),
            posts=len(change.posts),
            handed=handed,
        )
    forget_positions(change.person)
    return handed


def end_post(post: Post, last_day: datetime.date) -> None:
    """End a post with that day; one that would begin only later is taken back."""
    if post.since > last_day:
        post.delete()
    elif post.until is None or post.until > last_day:
        post.until = last_day
        post.save(update_fields=["until"])


def bring_back(person: Staff, *, by: Staff) -> None:
    """Open the account of somebody who comes back; posts are given anew."""
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.note("staff_back", actor_id=by.pk, subject_type="staff", subject_id=person.pk)


def keeps_an_administrator(ending: Sequence[Post]) -> bool:
    """Whether somebody still administers the whole company when these posts have ended."""
    today = timezone.localdate()
    left = Post.objects.held_on(today).filter(
        position=Position.ADMINISTRATOR, project=None, until=None
    )
    return left.exclude(pk__in=[post.pk for post in ending]).exists() or not any(
        post.position == Position.ADMINISTRATOR and post.project_id is None for post in ending
    )


def _check(change: Change) -> None:
    if not change.reason.strip():
        raise Refused("reason", _("请写明原因"))
    if not change.leaving and not change.posts:
        raise Refused("posts", _("请选择要结束的岗位"))
    if change.leaving and change.last_day > timezone.localdate():
        raise Refused(
            "last_day",
            _("离职在最后一天或之后办理：账号会立即关闭。此前可以先办调岗，把岗位止于那天。"),
        )
    chosen = {*change.successors.values(), *change.taking_posts.values()}
    if any(each.pk == change.person.pk or not each.is_active for each in chosen):
        raise Refused("", _("接手人应是另一位在职员工"))
    for post in change.posts:
        allowed = may(change.by, "give_post", post)
        if not allowed:
            raise Refused("posts", str(allowed.rule))


def _lack_nobody(change: Change) -> None:
    passed_on = set(change.taking_posts)
    ending = [post for post in change.posts if post.pk not in passed_on]
    if not keeps_an_administrator(ending):
        raise Refused("posts", _("这是最后一位系统管理员，请先任命另一位"))


def _take_post(change: Change, post: Post, successor: Staff) -> None:
    has_it = successor.posts.filter(
        position=post.position, project=post.project, department=post.department, until=None
    )
    if has_it.exists():
        return
    day = change.last_day + datetime.timedelta(days=1)
    # Whoever leaves does so at once: the post is not empty until midnight.
    since = min(day, timezone.localdate()) if change.leaving else day
    taken = appoint(
        successor,
        post.position,
        project=post.project,
        department=post.department,
        since=since,
    )
    audit.note(
        "post_given",
        actor_id=change.by.pk,
        subject_type="staff",
        subject_id=successor.pk,
        project_id=taken.project_id,
        position=taken.position,
    )
