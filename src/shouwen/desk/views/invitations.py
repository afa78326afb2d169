"""Invitations: made and printed by whoever keeps the account, used by whoever is invited."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.staff import staff_for
from shouwen.organization import changing, invitations
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.organization.signing_in import noted
from shouwen.records.rendering import qr_svg

MOST = 60  # cards on one sheet


class PasswordForm(forms.Form):
    """A password of one's own, twice."""

    password = forms.CharField(
        label=gettext_lazy("新密码"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )
    again = forms.CharField(
        label=gettext_lazy("再输一遍"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, staff: Staff, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff

    def clean_password(self) -> str:
        """What the rules for passwords say."""
        password: str = self.cleaned_data["password"]
        validate_password(password, self.staff)
        return password

    def clean(self) -> dict[str, Any]:
        """Both the same."""
        told: dict[str, Any] = super().clean() or {}
        if "password" in told and told.get("again") != told["password"]:
            self.add_error("again", ValidationError(_("两次输入不一样")))
        return told


def link(request: HttpRequest, token: str) -> str:
    """The whole address of an invitation."""
    path = reverse("desk:invitation", args=[token])
    public = settings.SHOUWEN_PUBLIC_ADDRESS.rstrip("/")
    return public + path if public else request.build_absolute_uri(path)


def _card(request: StaffRequest, staff: Staff) -> dict[str, Any]:
    told = link(request, invitations.invite(staff, by=request.user))
    return {"staff": staff, "link": told, "qr": qr_svg(told)}


@require_POST
@staff_page("edit_staff")
def invite(request: StaffRequest, pk: int) -> HttpResponse:
    """Invite one person, also anew where the password was forgotten; the link is shown once."""
    return _sheet(request, [_card(request, staff_for(request, pk))])


@require_POST
@staff_page("edit_staff")
def invite_newcomers(request: StaffRequest) -> HttpResponse:
    """A sheet of cards for whoever has never signed in."""
    found = visible_to(request.user, Staff).filter(pk__in=changing.newcomers().values("pk"))
    mine = [each for each in found.order_by("username")[: 2 * MOST] if _keeps(request, each)]
    return _sheet(request, [_card(request, each) for each in mine[:MOST]], left=len(mine) - MOST)


def _keeps(request: StaffRequest, staff: Staff) -> bool:
    return bool(may(request.user, "edit_staff", staff))


def _sheet(request: StaffRequest, cards: list[dict[str, Any]], left: int = 0) -> HttpResponse:
    context = {
        "here": "settings",
        "cards": cards,
        "left": max(0, left),
        "until": timezone.now() + invitations.LASTS,
    }
    return render(request, "desk/settings/invitations.html", context)


@require_POST
@staff_page("edit_staff")
def withdraw(request: StaffRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitations.withdraw(staff_for(request, pk), by=request.user)
    return redirect(f"{reverse('desk:staff-one', args=[pk])}?saved=1")


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever is invited sets their password; opening the page uses nothing up."""
    staff = invitations.invited(token)
    if staff is None:
        return render_template(request, "desk/invitation_gone.html", status=410)
    form = PasswordForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        signed = invitations.accept(token, form.cleaned_data["password"])
        if signed is None:
            return render_template(request, "desk/invitation_gone.html", status=410)
        # With a second factor the password alone is not enough: sign in as usual.
        from allauth.mfa.utils import is_mfa_enabled

        if is_mfa_enabled(signed):
            return redirect("account_login")
        login(request, signed, backend="django.contrib.auth.backends.ModelBackend")
        UserSession.objects.create_from_request(request)
        noted("signed_in", signed, request.META.get("REMOTE_ADDR"))
        return redirect("desk:account")
    context = {"staff": staff, "form": form, "hints": password_validators_help_texts()}
    response = render_template(
        request, "desk/invitation.html", context, status=422 if form.errors else 200
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
