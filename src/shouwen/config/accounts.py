"""Staff accounts are made by the administrator; nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class StaffAccounts(DefaultAccountAdapter):
    """How django-allauth treats accounts here."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: whoever works here is entered by the company."""
        return False
