"""Signing in with one click, in the demo only."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from shouwen.demo.sign_ins import staff_of
from shouwen.organization.signing_in import noted


@require_POST
def demo_sign_in(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as somebody of the demo company, without a password."""
    staff = staff_of(username)
    if staff is None:
        raise Http404
    login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    UserSession.objects.create_from_request(request)
    noted("signed_in", staff, request.META.get("REMOTE_ADDR"))
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = "/"
    return redirect(onward)
