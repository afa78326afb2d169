"""Every address that the URL configuration answers, and the operation that opens it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

#: Addresses that nobody's post decides about: they are for whoever wants to come in, or lead there.
#: `calendar/`, `invitation/`, `n/`, `wechat/` (the vendor's calls) and the portal's (`p/` a place or
#: project, `t/` a complaint's tracking link, `card/` a staff card) are asked for their token instead,
#: `telephony/` (a line's events) and `hotline/` (its orders) for their signature. What `open311/` tells
#: is public by its standard, in the projects that opened it.
OPEN_TO_ALL = (
    "accounts/",
    "language/",
    "demo/sign-in/",
    "calendar/",
    "invitation/",
    "n/",
    "p/",
    "t/",
    "card/",
    "wechat/",
    "telephony/",
    "open311/",
    "hotline/",
    "api/docs",
    "api/v1/openapi.json",
)
#: What comes with a key; where there is no operation, everybody is told that there is none.
BY_KEY = "api/v1/"
NOTHING_THERE = "api:nothing-there"


@dataclass(frozen=True)
class Address:
    """One address: how it is written, its name, the methods it answers, the operation it needs.

    `operation` is "" where none is declared. An address of the API stands once for each method.
    """

    route: str
    name: str
    methods: tuple[str, ...]
    operation: str
    parameters: tuple[str, ...] = ()

    @property
    def open_to_all(self) -> bool:
        """Whether it is there for whoever is not signed in, too."""
        anybody = not self.route or self.name == NOTHING_THERE
        return anybody or self.route.startswith(OPEN_TO_ALL)

    @property
    def by_key(self) -> bool:
        """Whether it is an operation of the API, for which nobody signs in."""
        return self.route.startswith(BY_KEY) and not self.open_to_all


def addresses() -> list[Address]:
    """All of them, in the order in which they are looked through."""
    return list(_under(get_resolver(), "", ""))


def _under(resolver: URLResolver, before: str, namespace: str) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _under(pattern, route, namespace + inner)
        else:
            yield from _addresses(pattern, route, namespace)


def _addresses(pattern: URLPattern, route: str, namespace: str) -> Iterator[Address]:
    view = pattern.callback
    name, parameters = namespace + (pattern.name or ""), tuple(pattern.pattern.converters)
    by_method: dict[str, str] = getattr(view, "operations", {})
    for method, operation in by_method.items():
        yield Address(route, name, (method,), operation, parameters)
    if not by_method:
        operation = getattr(view, "operation", "")
        yield Address(route, name, _methods(view), operation, parameters)


def _methods(view: Any) -> tuple[str, ...]:
    """What a view that says so answers (`require_http_methods`); else every method alike."""
    while view is not None:
        known = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if "request_method_list" in known:
            return tuple(known["request_method_list"])
        view = getattr(view, "__wrapped__", None)
    return ("GET", "POST")
