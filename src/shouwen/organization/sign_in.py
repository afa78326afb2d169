"""How staff sign in: by accounts that the company gives out, never by signing up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccountAdapter(DefaultAccountAdapter):
    """django-allauth for the company's own staff."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: whoever works here is entered by an administrator."""
        return False
