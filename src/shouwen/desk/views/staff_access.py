"""What whoever keeps an account does about signing in: lift a lock, end sessions, a lost second factor."""

from __future__ import annotations

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views.staff import staff_for
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may
from shouwen.organization.signing_in import end_sessions
from shouwen.records import audit


def _noted(action: str, request: StaffRequest, staff: Staff) -> HttpResponse:
    audit.note(action, actor_id=request.user.pk, subject_type="staff", subject_id=staff.pk)
    return redirect(f"{reverse('desk:staff-one', args=[staff.pk])}?saved=1")


@require_POST
@staff_page("edit_staff")
def unlock(request: StaffRequest, pk: int) -> HttpResponse:
    """Let somebody try again who mistook their password too often."""
    staff = staff_for(request, pk)
    # The password and the second factor are counted apart.
    for key in (f"login:{staff.username.lower()}", f"mfa-auth-user-{staff.pk}"):
        ratelimit.clear(request, app="allauth.account", action="login_failed", key=key)
    return _noted("lock_lifted", request, staff)


@require_POST
@staff_page("edit_staff")
def sign_out(request: StaffRequest, pk: int) -> HttpResponse:
    """End every session of somebody: a telephone was lost."""
    staff = staff_for(request, pk)
    end_sessions(staff)
    return _noted("session_ended", request, staff)


@require_POST
@staff_page("lift_second_factor")
def lift_second_factor(request: StaffRequest, pk: int) -> HttpResponse:
    """Take the second factor away from somebody who has lost it; they set up another."""
    staff = staff_for(request, pk)
    allowed = may(request.user, "lift_second_factor", staff)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    Authenticator.objects.filter(user=staff).delete()
    end_sessions(staff)
    return _noted("second_factor_removed", request, staff)
