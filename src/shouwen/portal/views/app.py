"""What makes the portal installable and keeps it usable without a connection."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shouwen.organization import places
from shouwen.portal.pages import portal_page


@require_safe
@portal_page
def manifest(request: HttpRequest, token: str) -> HttpResponse:
    """The web app manifest of a place's project: put on the home screen, it opens this form."""
    place = places.found(token)
    if place is None:
        return HttpResponse(status=404)
    said = {
        "name": _("{project} · 反映问题").format(project=place.project.name),
        "short_name": place.project.name[:12],
        "start_url": reverse("portal:report", args=[place.token]),
        "scope": "/p/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#1d2630",
        "icons": [
            {"src": static("portal/icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": static("portal/icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": static("portal/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        ],
    }
    response = JsonResponse(said, json_dumps_params={"ensure_ascii": False})
    response.headers["Content-Type"] = "application/manifest+json"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of everything below /p/."""
    response = render(request, "portal/worker.js", content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
