"""A small company whose people are to be told."""

from __future__ import annotations

import datetime

import pytest

from shouwen.organization.models import Company, Department, Project, Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import add_department, appoint, open_project

OPENED = datetime.date(2026, 1, 1)


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(name="示范物业公司")


@pytest.fixture
def project(company: Company) -> Project:
    return open_project(company, "JX", "锦绣家园")


@pytest.fixture
def engineering(project: Project) -> Department:
    return add_department("jx-engineering", "工程部", project=project)


@pytest.fixture
def front_desk(project: Project) -> Staff:
    staff = Staff.objects.create_user("front-desk-1", name="前台一号岗")
    appoint(staff, Position.FRONT_DESK, project=project, since=OPENED)
    return staff


@pytest.fixture
def administrator(company: Company) -> Staff:
    staff = Staff.objects.create_user("administrator", name="系统管理员")
    appoint(staff, Position.ADMINISTRATOR, since=OPENED)
    return staff
