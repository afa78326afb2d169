"""Addresses of pages as they stand in messages."""

from __future__ import annotations

from django.conf import settings


def absolute(path: str) -> str:
    """The address of a page for somebody outside; empty where the installation has no public one.

    Without it a message says in words where to look (`sending.texts.whereabouts`).
    """
    public: str = settings.SHOUWEN_PUBLIC_ADDRESS
    return public.rstrip("/") + path if public and path else ""
