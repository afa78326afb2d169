"""Every address that the URL configuration answers, and the operation that opens it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

#: Addresses that nobody's post decides about: they are for whoever wants to come in, or lead there.
#: `calendar/` is asked for its token instead.
OPEN_TO_ALL = ("accounts/", "language/", "demo/sign-in/", "calendar/")


@dataclass(frozen=True)
class Address:
    """One address: how it is written, its name, the methods it answers, the operation it needs.

    `operation` is "" where none is declared.
    """

    route: str
    name: str
    methods: tuple[str, ...]
    operation: str
    parameters: tuple[str, ...] = ()

    @property
    def open_to_all(self) -> bool:
        """Whether it is there for whoever is not signed in, too."""
        return not self.route or self.route.startswith(OPEN_TO_ALL)


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
            yield _address(pattern, route, namespace)


def _address(pattern: URLPattern, route: str, namespace: str) -> Address:
    view = pattern.callback
    return Address(
        route,
        namespace + (pattern.name or ""),
        _methods(view),
        getattr(view, "operation", ""),
        tuple(pattern.pattern.converters),
    )


def _methods(view: Any) -> tuple[str, ...]:
    """What a view that says so answers (`require_http_methods`); else every method alike."""
    while view is not None:
        known = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        if "request_method_list" in known:
            return tuple(known["request_method_list"])
        view = getattr(view, "__wrapped__", None)
    return ("GET", "POST")
