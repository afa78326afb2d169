"""Handing over what the duty roster knows of somebody: coming shifts, and stand-ins."""

from __future__ import annotations

import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.organization import changing
from shouwen.organization.changing import Change, Kind
from shouwen.organization.models import Delegation, Post, Shift, Staff, Swap


def register() -> None:
    """Tell what somebody can hold by the roster."""
    changing.register(
        Kind(
            "shifts",
            _("今后的班次"),
            _("接手人在这个岗位任职的班次转给接手人，其余的空出来，排班页会提示"),
            lambda change: _shifts(change).count(),
            _hand_over_shifts,
            needed=False,
        )
    )
    changing.register(
        Kind(
            "delegations",
            _("代理安排"),
            _("替别人代理的转给接手人，没有接手人的到期结束；别人替本人的到期结束"),
            lambda change: _delegations(change).count(),
            _hand_over_delegations,
            needed=False,
        )
    )


def _shifts(change: Change) -> QuerySet[Shift]:
    coming = Shift.objects.filter(staff=change.person, starts_at__gte=_from(change))
    if change.leaving:
        return coming
    ending = Q(pk__in=[])
    for post in change.posts:
        of_post = Q(position=post.position, department=post.department_id)
        ending |= of_post if post.project_id is None else of_post & Q(project=post.project_id)
    return coming.filter(ending)


def _from(change: Change) -> datetime.datetime:
    # Whoever leaves is gone at once, also for what would begin today.
    return min(change.after, timezone.now()) if change.leaving else change.after


def _hand_over_shifts(change: Change, successor: Staff | None) -> int:
    shifts = list(_shifts(change))
    Swap.objects.filter(Q(shift__in=shifts) | Q(against__in=shifts), state=Swap.State.ASKED).update(
        state=Swap.State.WITHDRAWN, answered_at=timezone.now()
    )
    posts = list(successor.posts.filter(until=None)) if successor else []
    passed_on = 0
    for shift in shifts:
        if successor is None or not any(_covers(post, shift) for post in posts):
            shift.delete()
            continue
        twice = Shift.objects.filter(
            staff=successor, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at
        )
        if twice.exists():
            shift.delete()
            continue
        shift.staff = successor
        shift.save(update_fields=["staff"])
        passed_on += 1
    return passed_on


def _covers(post: Post, shift: Shift) -> bool:
    return (
        post.position == shift.position
        and post.project_id in (None, shift.project_id)
        and post.department_id in (None, shift.department_id)
    )


def _delegations(change: Change) -> QuerySet[Delegation]:
    if not change.leaving:
        return Delegation.objects.none()
    return Delegation.objects.filter(
        Q(person=change.person) | Q(stand_in=change.person), until__gt=timezone.now()
    )


def _hand_over_delegations(change: Change, successor: Staff | None) -> int:
    now, passed_on = timezone.now(), 0
    for delegation in _delegations(change):
        for_another = delegation.stand_in_id == change.person.pk
        if for_another and successor is not None and delegation.person_id != successor.pk:
            Delegation.objects.create(
                person=delegation.person,
                stand_in=successor,
                since=max(delegation.since, now),
                until=delegation.until,
                reason=delegation.reason,
                made_by=change.by,
                made_at=now,
            )
            passed_on += 1
        if delegation.since >= now:
            delegation.delete()
        else:
            delegation.until = now
            delegation.save(update_fields=["until"])
    return passed_on
