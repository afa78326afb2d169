"""The ways to sign in beside user name and password, as far as this address offers them."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from django import template

from shouwen.desk import reachability

register = template.Library()


@register.simple_tag(takes_context=True)
def sign_in_ways(context: dict[str, Any]) -> dict[str, Any]:
    """Whether passkeys work here, and the company's own accounts with their addresses."""
    request = context["request"]
    onward = request.GET.get("next", "")
    return {
        "passkey": reachability.of(request).passkeys,
        "elsewhere": [
            {"name": each.name, "address": each.get_login_url(request, next=onward)}
            for each in get_adapter().list_providers(request)
        ],
    }
