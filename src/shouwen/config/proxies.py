"""Whose word is believed on where a request comes from: that of the proxies that were named."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class Proxies:
    """Middleware: behind a named proxy the client is whom it names; from others nothing is believed.

    Attempts to sign in are counted, and accesses written down, by that address.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.trusted = [
            ipaddress.ip_network(each.strip(), strict=False)
            for each in settings.SHOUWEN_PROXIES
            if each.strip()
        ]

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self._trusts(request.META.get("REMOTE_ADDR", "")):
            for name in _SAID:
                request.META.pop(name, None)
        else:
            # Read from the end: what stands further in front anybody may have written.
            told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            for address in reversed([each.strip() for each in told if each.strip()]):
                if not _is_address(address):
                    break
                request.META["REMOTE_ADDR"] = address
                if not self._trusts(address):
                    break
        return self.get_response(request)

    def _trusts(self, address: str) -> bool:
        return _is_address(address) and any(
            ipaddress.ip_address(address) in network for network in self.trusted
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
