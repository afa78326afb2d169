"""Invitations: whoever is entered sets their own password by a link that works once.

The link is shown once, to whoever made it; what is kept is its hash. A new one takes the place of
the one before, so that a lost letter lets nobody in.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets

from django.db import transaction
from django.utils import timezone

from shouwen.organization.models import Invitation, Staff
from shouwen.organization.signing_in import noted

#: How long an invitation can be used.
LASTS = datetime.timedelta(days=7)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(staff: Staff, *, by: Staff | None) -> str:
    """Make an invitation and return its token, which is kept nowhere.

    Raises ValueError for somebody who has left.
    """
    if not staff.is_active:
        raise ValueError("Somebody who has left is not invited.")
    token = secrets.token_urlsafe(24)
    now = timezone.now()
    with transaction.atomic():
        Invitation.objects.update_or_create(
            staff=staff,
            defaults={
                "token_hash": _hash(token),
                "made_by": by,
                "made_at": now,
                "expires_at": now + LASTS,
            },
        )
        noted("invited", staff, by=by)
    return token


def withdraw(staff: Staff, *, by: Staff | None) -> bool:
    """End an invitation that was not used; whether there was one."""
    ended, _of = Invitation.objects.filter(staff=staff).delete()
    if ended:
        noted("invitation_withdrawn", staff, by=by)
    return bool(ended)


def invited(token: str) -> Staff | None:
    """Whom a token invites; None where it was used, withdrawn, has expired or never was."""
    found = (
        Invitation.objects.select_related("staff")
        .filter(token_hash=_hash(token), expires_at__gt=timezone.now(), staff__is_active=True)
        .first()
    )
    return found.staff if found else None


def accept(token: str, password: str) -> Staff | None:
    """Set the password and use the invitation up; None where it cannot be used any more."""
    with transaction.atomic():
        found = (
            Invitation.objects.select_for_update()
            .filter(token_hash=_hash(token), expires_at__gt=timezone.now(), staff__is_active=True)
            .first()
        )
        if found is None:
            return None
        staff = Staff.objects.get(pk=found.staff_id)
        staff.set_password(password)
        staff.save(update_fields=["password"])
        found.delete()
        noted("invitation_used", staff)
    return staff
