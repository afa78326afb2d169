"""The demo company at work, and somebody of it at a desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import Page

from shouwen.clocks import heartbeat
from shouwen.complaints import lifecycle, numbers
from shouwen.complaints.models import Complaint
from shouwen.demo import company
from shouwen.organization.homes import find
from shouwen.organization.models import Project, Staff


@dataclass
class Office:
    """The demo company without its stories: people take steps as the test says."""

    project: Project

    def person(self, username: str) -> Staff:
        """Somebody of the company, read anew as another request would."""
        return Staff.objects.get(username=username)

    def receive(self, username: str = "front-desk-1", **data: Any) -> Complaint:
        """Somebody takes a complaint."""
        occurred_at = data.pop("occurred_at", None)
        given = {"content": "5栋楼道灯不亮，晚上看不见。", "category": "power"} | data
        outcome = lifecycle.take(
            "receive",
            person=self.person(username),
            project=self.project,
            data=given,
            occurred_at=occurred_at,
        )
        return outcome.complaint

    def take(self, username: str, step: str, complaint: Complaint, **data: Any) -> Complaint:
        """Somebody takes a step."""
        fresh = Complaint.objects.get(pk=complaint.pk)
        return lifecycle.take(
            step, person=self.person(username), complaint=fresh, data=data
        ).complaint

    def dispatch(self, complaint: Complaint, department: str = "jx-engineering") -> Complaint:
        """The front desk sends it to a department, to be done in a day."""
        due = timezone.now() + timedelta(days=1)
        return self.take("front-desk-1", "dispatch", complaint, department=department, due_at=due)

    def home(self, text: str = "3-1-802") -> int:
        """A home of the project."""
        found = find(self.project, text)
        assert found is not None
        return found.pk


@pytest.fixture(autouse=True)
def _fresh_numbers() -> Iterator[None]:
    numbers.forget()
    yield
    numbers.forget()


@pytest.fixture
def office(db: None) -> Office:
    """The demo company, whose timekeeper is alive."""
    with translation.override("zh-hans"):
        company.found()
    heartbeat.begin("test", timezone.now())
    return Office(Project.objects.get(code="JX"))


@pytest.fixture
def at_desk(office: Office) -> Callable[[str], Client]:
    """A client in which somebody is signed in."""

    def sign_in(username: str) -> Client:
        client = Client()
        client.force_login(
            office.person(username), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return sign_in


def sign_in(page: Page, username: str) -> Page:
    """Somebody signs in by one click."""
    page.goto("/accounts/login/")
    page.locator(f'form[action$="/demo/sign-in/{username}/"] button').click()
    page.wait_for_url("**/desk/")
    return page


@pytest.fixture
def sit_down(page: Page) -> Callable[[str], Page]:
    """The browser, with somebody signed in."""
    return lambda username: sign_in(page, username)
