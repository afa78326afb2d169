"""Whose word is believed on where a request comes from."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from shouwen.config.proxies import Proxies


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("203.0.113.9", "10.9.9.9", "203.0.113.9"),  # nobody we know: nothing is believed
        ("127.0.0.1", "198.51.100.4", "198.51.100.4"),
        ("127.0.0.1", "10.9.9.9, 198.51.100.4", "198.51.100.4"),  # the first may be made up
        ("127.0.0.1", "198.51.100.4, 192.0.2.1", "198.51.100.4"),  # two proxies of ours
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_only_named_proxies_say_who_the_client_is(
    settings: Any, remote: str, forwarded: str, client: str
) -> None:
    settings.SHOUWEN_PROXIES = ["127.0.0.1", "192.0.2.0/24"]
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    headers = {"HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_FORWARDED_PROTO": "https"}
    Proxies(view)(RequestFactory().get("/", REMOTE_ADDR=remote, **headers))
    assert seen[0].META["REMOTE_ADDR"] == client
    assert ("HTTP_X_FORWARDED_PROTO" in seen[0].META) is (remote == "127.0.0.1")
