"""Swaps (换班): a colleague of the same position is asked to take a shift, for one of theirs or none."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization.models import Shift, Staff, Swap
from shouwen.organization.scheduling import holds_then, place_of
from shouwen.records import audit


def colleagues(shift: Shift) -> list[Staff]:
    """Who could take a shift: the others who hold its post when it begins."""
    place = place_of(shift)
    held = Staff.objects.filter(posts__position=place.position, is_active=True)
    others = held.exclude(pk=shift.staff_id).distinct().prefetch_related("posts")
    return [
        each for each in others.order_by("username") if holds_then(each, place, shift.starts_at)
    ]


def ask(
    shift: Shift, of: Staff, *, against: Shift | None = None, reason: str = "", by: Staff
) -> Swap:
    """Ask a colleague to take the shift. Raises ValidationError where it cannot be swapped so."""
    if shift.starts_at <= timezone.now():
        raise ValidationError(_("已经开始的班次不能换班"))
    _fits(shift, of, against)
    try:
        with transaction.atomic():
            swap = Swap.objects.create(
                shift=shift,
                against=against,
                asked_by=by,
                asked_of=of,
                reason=reason.strip()[:200],
                asked_at=timezone.now(),
            )
            _note("swap_asked", swap, by)
    except IntegrityError:
        raise ValidationError(_("这个班次已有一条换班申请在等答复")) from None
    return swap


def agree(swap: Swap, *, by: Staff) -> None:
    """The shifts change hands. Raises ValidationError where something has changed since it was asked."""
    with transaction.atomic():
        swap = _locked(swap)
        ids = [each for each in (swap.shift_id, swap.against_id) if each]
        shifts = {
            each.pk: each
            for each in Shift.objects.select_for_update(of=("self",))
            .select_related("project", "department", "staff")
            .filter(pk__in=ids)
        }
        shift, against = shifts[swap.shift_id], shifts.get(swap.against_id or 0)
        if shift.staff_id != swap.asked_by_id or (swap.against_id and against is None):
            raise ValidationError(_("班次已经改过，请重新申请"))
        if shift.starts_at <= timezone.now():
            raise ValidationError(_("班次已经开始，不能再换"))
        _fits(shift, swap.asked_of, against)
        shift.staff = swap.asked_of
        try:
            with transaction.atomic():
                if against is not None:
                    against.staff = swap.asked_by
                    against.save(update_fields=["staff"])
                shift.save(update_fields=["staff"])
        except IntegrityError:
            raise ValidationError(_("对方同一时间已有这个岗位的班次")) from None
        _end(swap, Swap.State.AGREED, by)
        # What else was asked about either shift is about somebody else's now.
        for name in ("shift__in", "against__in"):
            Swap.objects.filter(**{name: ids}, state=Swap.State.ASKED).update(
                state=Swap.State.WITHDRAWN, answered_at=timezone.now()
            )


def decline(swap: Swap, *, by: Staff) -> None:
    """It stays as it is. Raises ValidationError where it has been answered."""
    with transaction.atomic():
        _end(_locked(swap), Swap.State.DECLINED, by)


def withdraw(swap: Swap, *, by: Staff) -> None:
    """Whoever asked takes it back. Raises ValidationError where it has been answered."""
    with transaction.atomic():
        _end(_locked(swap), Swap.State.WITHDRAWN, by)


def _fits(shift: Shift, of: Staff, against: Shift | None) -> None:
    place = place_of(shift)
    if of.pk == shift.staff_id:
        raise ValidationError(_("请选择另一位同事"))
    if not holds_then(of, place, shift.starts_at):
        raise ValidationError(_("对方那天不任这个岗位"))
    if against is None:
        return
    if against.staff_id != of.pk or against.starts_at <= timezone.now():
        raise ValidationError(_("换来的班次要是对方还没开始的班次"))
    if not holds_then(shift.staff, place_of(against), against.starts_at):
        raise ValidationError(_("换来的班次不是您的岗位"))


def _locked(swap: Swap) -> Swap:
    found = (
        Swap.objects.select_for_update(of=("self",))
        .select_related("asked_by", "asked_of", "shift")
        .get(pk=swap.pk)
    )
    if found.state != Swap.State.ASKED:
        raise ValidationError(_("这条申请已经有结果"))
    return found


def _end(swap: Swap, state: Swap.State, by: Staff) -> None:
    swap.state, swap.answered_at = state, timezone.now()
    swap.save(update_fields=["state", "answered_at"])
    _note("swap_answered", swap, by, str(state))


def _note(action: str, swap: Swap, by: Staff, answer: str = "asked") -> None:
    audit.note(
        action,
        actor_id=by.pk,
        subject_type="swap",
        subject_id=swap.pk,
        project_id=swap.shift.project_id,
        answer=answer,
    )
