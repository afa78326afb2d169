"""Complaint numbers are readable, per project and day, and never given twice."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.db import connection

from shouwen.complaints import numbers
from shouwen.organization.models import Company, Project

DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def project(transactional_db: None) -> Project:
    company = Company.objects.create(name="物业公司")
    return Project.objects.create(company=company, code="JX", name="小区")


def test_a_quiet_centre_counts_one_by_one_over_restarts(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbers, "HURRIED", 0.0)
    given = []
    for _ in range(3):
        given.append(numbers.reserve(project, DAY))
        numbers.forget()
    assert given == ["JX-20260302-001", "JX-20260302-002", "JX-20260302-003"]


def test_each_day_begins_anew(project: Project) -> None:
    assert numbers.reserve(project, DAY).endswith("-001")
    assert numbers.reserve(project, DAY + datetime.timedelta(days=1)) == "JX-20260303-001"


def test_no_number_is_given_twice_however_many_take_them(project: Project) -> None:
    given: list[str] = []

    def take() -> None:
        mine = [numbers.reserve(project, DAY) for _ in range(40)]
        given.extend(mine)
        connection.close()

    threads = [threading.Thread(target=take) for _ in range(6)]
    for thread in threads:
        thread.start()
    numbers.forget()  # one process restarts meanwhile
    for thread in threads:
        thread.join()
    assert len(given) == 240
    assert len(set(given)) == 240
