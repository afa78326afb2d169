"""Another system with a key of the demo company, over real HTTP."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import Office, _fresh_numbers, office

from shouwen.api import keys
from shouwen.api.scopes import Scope

__all__ = ["_fresh_numbers", "office"]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Any
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass
class Caller:
    """Another system: it has an address and a key, and nothing else."""

    root: str
    key: str
    client: Client | None = None

    def __call__(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> Reply:
        data = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        sent = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.client is not None:
            answer = self.client.generic(
                method, self.root + path, data or b"", sent.pop("Content-Type"), headers=sent
            )
            return Reply(answer.status_code, answer.headers, answer.getvalue())
        request = urllib.request.Request(self.root + path, data, method=method)
        for name, value in sent.items():
            request.add_header(name, value)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return Reply(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    def get(self, path: str, **headers: str) -> Reply:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self("POST", path, body or {}, **headers)


@pytest.fixture
def key_of(office: Office) -> Callable[..., str]:
    """A new key of somebody: by default with every scope."""

    def made(username: str, *scopes: str, **more: Any) -> str:
        owner = office.person(username)
        return keys.make(owner=owner, name="test", scopes=scopes or Scope.values, by=owner, **more)[
            1
        ]

    return made


@pytest.fixture
def caller(key_of: Callable[..., str]) -> Callable[..., Caller]:
    """Another system with a key of that person, in this process."""
    return lambda username, *scopes, **more: Caller(
        "/api/v1", key_of(username, *scopes, **more), Client(raise_request_exception=False)
    )


@pytest.fixture
def far(live_server: LiveServer, key_of: Callable[..., str]) -> Callable[..., Caller]:
    """Another system with a key of that person, over real HTTP."""
    return lambda username, *scopes, **more: Caller(
        f"{live_server.url}/api/v1", key_of(username, *scopes, **more)
    )
