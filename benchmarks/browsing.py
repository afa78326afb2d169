"""A browser without a screen: one connection kept open, cookies, forms filled in as they came."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPResponse, RemoteDisconnected
from typing import NamedTuple
from urllib.parse import quote, urlencode


class Answer(NamedTuple):
    """What came back, and the seconds from the first byte sent to the last received."""

    status: int
    body: bytes
    seconds: float
    location: str


@dataclass
class Browser:
    """One person's browser."""

    host: str
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    _connection: HTTPConnection | None = None

    def get(self, path: str) -> Answer:
        """Fetch a page; redirects are not followed."""
        return self._ask("GET", path, b"", {})

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form, with the token against forged requests."""
        token = next((v for k, v in self.cookies.items() if k.endswith("_csrf")), "")
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the form. Raises RuntimeError where that is refused."""
        fields = fields_of(self.get("/accounts/login/").body)
        answer = self.post("/accounts/login/", {**fields, "login": username, "password": password})
        if answer.status != 302:
            raise RuntimeError(f"{username} could not sign in: {answer.status}")

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _send(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str]
    ) -> HTTPResponse:
        if self._connection is None:
            self._connection = HTTPConnection(self.host, self.port, timeout=60)
        self._connection.request(method, path, body, headers)
        return self._connection.getresponse()

    def _ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), **headers}
        where = quote(path, safe="/?=&%:+")
        began = time.perf_counter()
        try:
            response = self._send(method, where, body, sent)
        except (RemoteDisconnected, ConnectionResetError):
            # The server closes what has been idle for a while.
            self.close()
            began = time.perf_counter()
            response = self._send(method, where, body, sent)
        content = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie") or ():
            name, _sign, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, content, seconds, response.headers.get("Location", ""))


def fields_of(page: bytes) -> dict[str, str]:
    """What the inputs of a page hold, by name, as it came: hidden ones and those filled in."""
    reader = _Inputs()
    reader.feed(page.decode())
    return reader.found


class _Inputs(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, kind = given.get("name"), given.get("type") or "text"
        if tag != "input" or not name or kind in ("file", "submit", "button"):
            return
        if kind in ("radio", "checkbox") and "checked" not in given:
            return
        self.found[name] = given.get("value") or ""
