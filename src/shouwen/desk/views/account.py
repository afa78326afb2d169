"""One's own account: password, second factor, company accounts, where one is signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shouwen.desk import reachability, words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization import signing_in
from shouwen.organization.models import Staff

#: What is told of a browser, by what stands in its name for itself; the first that does.
_BROWSERS: tuple[tuple[str, Any], ...] = (
    ("MicroMessenger", gettext_lazy("微信")),
    ("DingTalk", "DingTalk"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: tuple[tuple[str, Any], ...] = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def called(user_agent: str) -> str:
    """A browser as people call it: Chrome · Windows."""
    found = [
        str(next((name for sign, name in known if sign in user_agent), ""))
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(filter(None, found)) or _("其他设备")


def sessions_of(person: Staff) -> list[UserSession]:
    """Where somebody is signed in now, the newest first; those that have ended are forgotten."""
    found: QuerySet[UserSession] = UserSession.objects.filter(user=person).order_by("-created_at")
    return [each for each in found if not each.purge()]


@require_safe
@staff_page("keep_account", without_second_factor=True)
def account(request: StaffRequest) -> HttpResponse:
    """Everything about one's own account on one page."""
    person = request.user
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    own = getattr(request.session, "session_key", None)
    context: dict[str, Any] = {
        "needs": signing_in.needs_a_second_factor(person),
        "lacks": signing_in.lacks_a_second_factor(person),
        "code": Authenticator.Type.TOTP in kinds,
        "passkey": Authenticator.Type.WEBAUTHN in kinds,
        "passkeys_offered": reachability.of(request).passkeys,
        "elsewhere": words.listed(
            [str(each.name) for each in get_adapter().list_providers(request)]
        ),
        "sessions": [
            (each, called(each.user_agent), each.session_key == own) for each in sessions_of(person)
        ],
        "password": person.has_usable_password(),
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "desk/account.html", context)


@require_POST
@staff_page("keep_account", without_second_factor=True)
def end_session(request: StaffRequest) -> HttpResponse:
    """Sign out one browser; one that has gone already is as well."""
    asked = request.POST.get("session", "")
    for session in UserSession.objects.filter(
        user=request.user, pk=asked if asked.isdecimal() else 0
    ):
        session.end()
        signing_in.noted("session_ended", request.user)
    return redirect(f"{reverse('desk:account')}?saved=ended#sessions")


@require_POST
@staff_page("keep_account", without_second_factor=True)
def end_others(request: StaffRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    for session in sessions_of(request.user):
        if session.session_key != getattr(request.session, "session_key", None):
            session.end()
    signing_in.noted("session_ended", request.user)
    return redirect(f"{reverse('desk:account')}?saved=ended#sessions")
