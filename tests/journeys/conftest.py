"""A complaint on its way through the house, every step taken on the pages by whose step it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer
from tests.desk.conftest import Office, _fresh_numbers, office

from shouwen.clocks import heartbeat
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.records import ledger

__all__ = ["_fresh_numbers", "office"]

Answer = str | Literal[True] | tuple[str, ...]


def named(words: str) -> re.Pattern[str]:
    """A button, question or choice by its words; its key, or the star of what is required, may
    follow them on the page."""
    return re.compile(rf"^{re.escape(words)}\s*(\*|[A-Z0-9]|Ctrl ↵|Alt .*)?$")


def fill(form: Locator, answers: dict[str, Answer]) -> None:
    """Answer a form's questions by their labels: words, a tick, or one or several of its choices."""
    for question, answer in answers.items():
        choices = form.get_by_role("group", name=named(question))
        if answer is True:
            form.get_by_label(question, exact=True).check()
        elif isinstance(answer, str) and not choices.count():
            form.get_by_label(question, exact=True).fill(answer)
        else:
            for choice in (answer,) if isinstance(answer, str) else answer:
                choices.get_by_text(named(choice)).click()


@dataclass
class Desk:
    """A browser page, and whoever sits before it."""

    page: Page
    office: Office
    origin: str  # the address of the server under test
    number: str = ""

    def sit_down(self, username: str, address: str = "/desk/") -> None:
        """Somebody is signed in already and looks at a page, their own desk if no other is said."""
        client = Client()
        client.force_login(
            self.office.person(username), backend="django.contrib.auth.backends.ModelBackend"
        )
        name = settings.SESSION_COOKIE_NAME
        self.page.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": self.origin}]
        )
        heartbeat.beat("test", timezone.now(), timezone.now())
        self.page.goto(address)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in on the sign-in page with a password."""
        self.page.goto("/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(password)
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url("**/desk/")

    def click_in(self, username: str) -> None:
        """Sign in on the demo's sign-in page with one click on a position."""
        self.page.goto("/")
        name = self.office.person(username).name
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_url("**/desk/")

    def record(
        self,
        words: str,
        category: tuple[str, ...],
        answers: dict[str, Answer],
        *,
        telephone: str = "",
        effect: str,
    ) -> str:
        """Record what a caller says on the intake page, from wherever one is; its number.

        `effect` is what the page says beforehand that will follow.
        """
        self.page.get_by_role("link", name=named("登记受理")).click()
        form = self.page.locator("form#intake")
        if telephone:
            form.get_by_label("来电号码").fill(telephone)
            # One customer has this number: the card fills name, home and relation by itself.
            expect(form.get_by_label("姓名、称呼")).not_to_have_value("")
        form.get_by_label("投诉内容").fill(words)
        fill(form, {"分类": category, **answers})
        expect(form.locator("#consequences")).to_contain_text(effect)
        form.get_by_role("button", name=named("提交登记")).click()
        self.page.wait_for_url("**/complaints/*/?received=1")
        self.number = self.page.url.rstrip("/").split("/")[-2]
        return self.number

    def open(self, username: str) -> None:
        """Somebody looks at the complaint's page."""
        self.sit_down(username, f"/complaints/{self.number}/")

    def row(self, duty: str | None = None) -> Locator:
        """The rows of the desk for this complaint, or the one of a duty."""
        rows = self.page.locator("[data-row]").filter(has_text=self.number)
        return rows.filter(has_text=duty) if duty else rows

    def steps(self) -> Locator:
        """What the complaint's page offers this person to do."""
        return self.page.get_by_role("region", name="您现在可以")

    def now(self) -> Locator:
        """The bar of the complaint's page that says what must be done now."""
        return self.page.get_by_role("region", name="现在该做什么")

    def begin(self, verb: str, where: Locator) -> Locator:
        """Press a step's button; its form."""
        where.get_by_role("button", name=named(verb)).click()
        form = self.page.locator("form.step-form")
        expect(form.get_by_role("heading")).to_contain_text(verb)
        return form

    def finish(self, verb: str, form: Locator) -> None:
        """Send a step's form off, and be told that it stands in the book."""
        form.get_by_role("button", name=named(verb)).click()
        expect(self.page.locator("#done")).to_contain_text(f"已记下：{verb} · {self.number}")

    def take_from_desk(
        self, username: str, verb: str, answers: dict[str, Answer], *, effect: str = ""
    ) -> None:
        """Somebody finds the complaint on their own desk, with the step, and takes it there."""
        self.sit_down(username)
        rows = self.row().filter(has=self.page.get_by_role("button", name=named(verb)))
        self._take(verb, rows, answers, effect)

    def take_from_page(
        self, username: str, verb: str, answers: dict[str, Answer], *, effect: str = ""
    ) -> None:
        """Somebody opens the complaint and takes one of the steps offered there."""
        self.open(username)
        self._take(verb, self.steps(), answers, effect)

    def take_at_once(
        self, username: str, verb: str, answers: dict[str, Answer], *, effect: str = ""
    ) -> None:
        """Somebody opens the complaint, and the bar on top of its page asks for just this step."""
        self.open(username)
        self._take(verb, self.now(), answers, effect)

    def file_report(self, username: str, texts: dict[str, str], *, article: str) -> None:
        """[R6][R7] Somebody finds the report on their own desk, completes the draft and files it."""
        self.sit_down(username)
        self.row().get_by_role("link", name="写报告").click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(article)
        for label, text in texts.items():
            self.page.get_by_label(label).fill(text)
        self.page.get_by_role("button", name="提交报告").click()
        expect(self.page.get_by_text("已提交").first).to_be_visible()

    def _take(self, verb: str, where: Locator, answers: dict[str, Answer], effect: str) -> None:
        form = self.begin(verb, where)
        fill(form, answers)
        if effect:
            expect(form.locator("aside")).to_contain_text(effect)
        self.finish(verb, form)


@dataclass
class Book:
    """What stands in the books about one complaint."""

    number: str

    @property
    def complaint(self) -> Complaint:
        """The complaint as it stands."""
        return Complaint.objects.get(number=self.number)

    def kinds(self) -> list[str]:
        """The kinds of its entries, in order."""
        return [entry.kind for entry in ledger.entries("complaint", self.complaint.pk)]

    def clocks(self) -> dict[str, set[str]]:
        """The states of its clocks by rule."""
        found: dict[str, set[str]] = {}
        for row in ClockRow.objects.filter(subject_type="complaint", subject_id=self.complaint.pk):
            found.setdefault(row.rule, set()).add(row.state)
        return found


@pytest.fixture
def desk(page: Page, office: Office, live_server: LiveServer) -> Desk:
    """A desk of the demo company, with nobody at it."""
    return Desk(page, office, live_server.url)


@pytest.fixture
def another_desk(
    open_context: Callable[[], BrowserContext], office: Office, live_server: LiveServer
) -> Desk:
    """A second desk: a browser of its own, beside the first."""
    return Desk(open_context().new_page(), office, live_server.url)
