"""Addresses of the portal as they stand in links, on paper and in codes."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from shouwen.notices import links


def tracking_path(token: str) -> str:
    """The page by which a complaint is followed."""
    return reverse("portal:track", args=[token])


def absolute(request: HttpRequest, path: str) -> str:
    """The whole address: the installation's public one, else the one that was asked."""
    return links.absolute(path) or request.build_absolute_uri(path)
