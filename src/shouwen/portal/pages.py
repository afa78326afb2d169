"""What every page of the portal has in common: nobody signs in, a project, and what is never kept."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from shouwen.organization.models import Project
from shouwen.records import audit, isolation

View = Callable[..., HttpResponseBase]


def portal_page(view: View) -> View:
    """A page for whoever has its address: its token, not an account, is what opens it.

    Not stored by browsers or proxies, not indexed, and its address told to no other page.
    """

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        source = audit.SOURCE.set(request.META.get("REMOTE_ADDR"))
        try:
            response = view(request, *args, **kwargs)
        finally:
            audit.SOURCE.reset(source)
        response.headers.setdefault("Cache-Control", "no-store")
        # To our own pages alone: without any, browsers say no origin with a form, and it is refused.
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return page


@contextmanager
def within(project: Project) -> Iterator[None]:
    """A transaction in which the database shows this project's rows alone; times are the project's."""
    zone = zoneinfo.ZoneInfo(project.timezone)
    with timezone.override(zone), isolation.transaction_of({project.pk}):
        yield
