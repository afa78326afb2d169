"""Debian's Chromium, driven by Playwright; a page that breaks a promise fails its test."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

QUIET = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', event =>
    console.error('CSP', event.violatedDirective, event.blockedURI, event.sourceFile));
"""
# Beside installations that start and stop, a page may need longer than the five seconds of the default.
expect.set_options(timeout=20_000)
LEFT = ("htmx:sendAbort", "htmx:afterRequest")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session; its tests are skipped where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium")
    # Playwright's own loop runs in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=[*QUIET, *root])
        yield browser
        browser.close()


class Watch:
    """What must not happen on any page of a context: gathered as it happens."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.faults: list[str] = []
        self.origin = origin
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"page error: {error.error}"))
        context.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form answers 4xx, which Chromium also prints; the page shows it anyway.
        refused = "the server responded with a status of 4" in message.text
        refused = refused or message.text.startswith("Response Status Error Code 4")
        # A page that is left gives up the questions it had under way; htmx prints that in two lines.
        left = message.text.split(",")[0] in LEFT
        if message.type == "error" and not (refused or left):
            self.faults.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.faults.append(f"leaves the machine: {request.url}")


@pytest.fixture
def open_context(
    browser: Browser, live_server: LiveServer
) -> Iterator[Callable[[], BrowserContext]]:
    """Opens browser contexts at the live server's address, each a desk of its own.

    Any fault on their pages fails the test.
    """
    watched: list[tuple[BrowserContext, Watch]] = []

    def opened() -> BrowserContext:
        context = browser.new_context(base_url=live_server.url, locale="zh-CN")
        watched.append((context, Watch(context, live_server.url)))
        return context

    yield opened
    for context, _watch in watched:
        context.close()
    assert [fault for _context, watch in watched for fault in watch.faults] == []


@pytest.fixture
def context(open_context: Callable[[], BrowserContext]) -> BrowserContext:
    """One browser context; a second person at another desk takes ``open_context``."""
    return open_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A page of ``context``."""
    return context.new_page()
