"""What every staff page has in common: a person who is signed in, their time zone, the frame."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils import timezone

from shouwen.complaints.roles import EVERY_EMPLOYEE
from shouwen.desk import words
from shouwen.desk.sections import sections_for
from shouwen.organization import isolation, signing_in
from shouwen.organization.holders import positions_of, works_for
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may
from shouwen.records import audit

View = Callable[..., HttpResponseBase]


class StaffRequest(HttpRequest):
    """A request on a staff page: somebody is signed in."""

    user: Staff
    htmx: Any


def staff_page(
    operation: str, *, closed: str = "", without_second_factor: bool = False
) -> Callable[[View], View]:
    """A page for staff who may do this: others are sent to sign in, or told that it is not theirs.

    `operation` has a rule (`permissions.rule`), which is asked here for anything at all; what the
    address names (a complaint, a home) the view asks about, in a transaction in which the database
    shows the person's projects alone; it is committed when the answer is complete. Whoever is refused sees the template
    `closed` in the frame of the pages where one is named. Times are those of the person's project.

    Whoever must have a second factor and has none is led to set one up, and reaches only what says
    that it is there `without_second_factor`.

    A fragment asked for after the session has ended answers with a full redirect, so that the
    sign-in page does not land inside a list.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def page(request: StaffRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                if request.htmx:
                    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
                return redirect_to_login(request.get_full_path())
            person = request.user
            source = audit.SOURCE.set(request.META.get("REMOTE_ADDR"))
            try:
                with timezone.override(_timezone(person)), isolation.transaction_of(person):
                    if not without_second_factor and signing_in.lacks_a_second_factor(person):
                        return _to_second_factor(request)
                    allowed = may(request.user, operation)
                    response = (
                        view(request, *args, **kwargs)
                        if allowed
                        else _refused(request, allowed.rule, closed)
                    )
            finally:
                audit.SOURCE.reset(source)
            response.headers["X-Server-Time"] = timezone.now().isoformat()
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        page.operation = operation  # type: ignore[attr-defined]
        return page

    return declare


def _to_second_factor(request: StaffRequest) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("desk:account")})
    return redirect("desk:account")


def _refused(request: StaffRequest, why: Any, closed: str) -> HttpResponse:
    if not closed or request.htmx:
        raise PermissionDenied(str(why))
    return render(request, closed, {"closed": True}, status=403)


def _timezone(person: Staff) -> zoneinfo.ZoneInfo:
    project = next((post.project for post in positions_of(person) if post.project), None)
    return zoneinfo.ZoneInfo(project.timezone if project else settings.TIME_ZONE)


def render(
    request: StaffRequest, template: str, context: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Render a page with what its frame needs."""
    posts = positions_of(request.user)
    frame = {
        "person": request.user,
        "posts": posts,
        "projects": works_for(request.user),
        "records": any(post.position in EVERY_EMPLOYEE for post in posts),
        "settings_open": bool(sections_for(request.user)),
        "now": timezone.now(),
        "time_words": words.time_words(),
    }
    return render_template(request, template, frame | (context or {}), status=status)
