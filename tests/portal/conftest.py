"""The demo company with a lift's code, and a telephone to scan it with."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone, translation
from tests.desk.conftest import Office, _fresh_numbers, at_desk, office

from shouwen.clocks import heartbeat
from shouwen.demo import company
from shouwen.organization import places
from shouwen.organization.models import Place, Project

__all__ = ["Office", "_fresh_numbers", "at_desk", "office"]

TELEPHONE = "400-000-0110"


@pytest.fixture
def project(db: None, settings: Any, tmp_path: Any) -> Project:
    """A project of the demo company, whose timekeeper is alive."""
    settings.SHOUWEN_HOME = tmp_path
    with translation.override("zh-hans"):
        company.found()
    heartbeat.begin("test", timezone.now())
    found = Project.objects.get(code="JX")
    found.public_telephone = TELEPHONE
    found.save()
    return found


@pytest.fixture
def lift(project: Project) -> Place:
    """The lift of a unit, with its code."""
    return Place.objects.filter(project=project, building="3", unit="1").first() or places.add(
        project, "lift", "电梯 3栋1单元", building="3", unit="1"
    )
