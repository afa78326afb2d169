"""Naming a stand-in while somebody is away (代理), and ending it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.holders import forget_positions, own_positions_of
from shouwen.organization.models import Delegation, Staff
from shouwen.records import audit

LONGEST = timedelta(days=370)


def name_stand_in(
    person: Staff,
    stand_in: Staff,
    since: datetime,
    until: datetime,
    *,
    reason: str = "",
    by: Staff,
) -> Delegation:
    """From `since` until before `until` the stand-in acts for the person.

    Raises ValidationError for oneself, for who has left or has no post, for times that have passed
    or overlap with another stand-in of the person, and for a stand-in who is away then.
    """
    if person.pk == stand_in.pk:
        raise ValidationError({"stand_in": _("不能由本人代理自己")})
    if not stand_in.is_active:
        raise ValidationError({"stand_in": _("这位同事已离职")})
    if not own_positions_of(stand_in, max(since, timezone.now())):
        raise ValidationError({"stand_in": _("这位同事那时没有岗位，不能代理")})
    if until <= since:
        raise ValidationError({"until": _("结束要晚于开始")})
    if until <= timezone.now():
        raise ValidationError({"until": _("这段时间已经过去")})
    if until - since > LONGEST:
        raise ValidationError({"until": _("最长一年")})
    with transaction.atomic():
        # One at a time for a person, so that two do not overlap.
        Staff.objects.select_for_update().get(pk=person.pk)
        across = Delegation.objects.filter(since__lt=until, until__gt=since)
        if across.filter(person=person).exists():
            raise ValidationError({"since": _("这段时间已有代理人，请先结束原来的代理")})
        if across.filter(person=stand_in).exists():
            raise ValidationError({"stand_in": _("这位同事那段时间自己也不在岗")})
        made = Delegation.objects.create(
            person=person,
            stand_in=stand_in,
            since=since,
            until=until,
            reason=reason.strip()[:200],
            made_by=by,
            made_at=timezone.now(),
        )
        _note("delegation_made", made, by)
    forget_positions(stand_in)
    return made


def end(delegation: Delegation, *, by: Staff) -> None:
    """End it now; one that has not begun is taken back. Raises ValidationError for one that is over."""
    now = timezone.now()
    if delegation.until <= now:
        raise ValidationError(_("这段代理已经结束"))
    with transaction.atomic():
        _note("delegation_ended", delegation, by)
        if delegation.since >= now:
            delegation.delete()
        else:
            delegation.until = now
            delegation.save(update_fields=["until"])


def _note(action: str, delegation: Delegation, by: Staff) -> None:
    audit.note(
        action,
        actor_id=by.pk,
        subject_type="staff",
        subject_id=delegation.person_id,
        stand_in=delegation.stand_in_id,
        since=delegation.since.isoformat(),
        until=delegation.until.isoformat(),
    )
