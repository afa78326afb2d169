"""Signing in with one click, in the demo only."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from shouwen.organization.models import Staff


@require_POST
def demo_sign_in(request: HttpRequest, username: str) -> HttpResponse:
    """Sign in as somebody of the demo company, without a password."""
    staff = get_object_or_404(Staff, username=username, is_active=True, is_superuser=False)
    login(request, staff, backend="django.contrib.auth.backends.ModelBackend")
    onward = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        onward = "/"
    return redirect(onward)
