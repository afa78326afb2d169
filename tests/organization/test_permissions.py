"""One place answers who may do and see what."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from shouwen.organization import customers, homes, permissions
from shouwen.organization.models import Customer, Department, Home, Post, Project, Staff
from shouwen.organization.permissions import Answer, UnknownOperation, may, visible_to
from shouwen.organization.positions import WITHOUT_CUSTOMERS, Position
from shouwen.organization.structure import add_department, appoint


@pytest.fixture
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "RULES", {})
    monkeypatch.setattr(permissions, "VISIBILITIES", {})


@pytest.fixture
def _a_home_each(project: Project, other_project: Project) -> None:
    for each in (project, other_project):
        home = homes.ensure(each, "3", "1", "802")
        customers.enrol(project=each, home=home, name="3栋1单元802 业主", telephone="13800001001")


def test_the_answer_names_the_rule_that_decided(front_desk: Staff, _own_registry: None) -> None:
    @permissions.rule("tidy")
    def tidy(person: Staff, subject: Any) -> Answer:
        return Answer(subject == "desk", "the desk is everybody's")

    assert may(front_desk, "tidy", "desk")
    refused = may(front_desk, "tidy", "safe")
    assert not refused
    assert refused.rule == "the desk is everybody's"


def test_an_operation_without_a_rule_is_a_fault_not_a_no(front_desk: Staff) -> None:
    for person in (front_desk, AnonymousUser()):
        with pytest.raises(UnknownOperation):
            may(person, "no such operation")
        with pytest.raises(UnknownOperation):
            visible_to(person, Post)


def test_two_rules_for_one_operation_are_refused(_own_registry: None) -> None:
    def always(person: Staff, subject: Any = None) -> Any:
        return Answer(True, "always")

    permissions.rule("tidy")(always)
    permissions.visibility(Home)(always)
    with pytest.raises(ValueError, match="rule already"):
        permissions.rule("tidy")(always)
    with pytest.raises(ValueError, match="visibility already"):
        permissions.visibility(Home)(always)


def test_strangers_and_leavers_may_and_see_nothing(
    project: Project, front_desk: Staff, _a_home_each: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(permissions.RULES, "tidy", lambda person, subject: Answer(True, "always"))
    front_desk.is_active = False
    for person in (AnonymousUser(), None, front_desk):
        assert not may(person, "tidy")
        for model in (Project, Department, Staff, Home, Customer):
            assert not visible_to(person, model).exists()


def test_somebody_sees_the_projects_they_work_for(
    project: Project, other_project: Project, front_desk: Staff, _a_home_each: None
) -> None:
    shared = add_department("finance", "财务部")
    own = add_department("jx-order", "秩序部", project=project)
    add_department("yh-order", "秩序部", project=other_project)
    elsewhere = Staff.objects.create_user("yh-front-desk", name="云河湾前台一号岗")
    appoint(elsewhere, Position.FRONT_DESK, project=other_project)

    assert list(visible_to(front_desk, Project)) == [project]
    assert set(visible_to(front_desk, Department)) == {shared, own}
    assert list(visible_to(front_desk, Staff)) == [front_desk]
    assert {home.project for home in visible_to(front_desk, Home)} == {project}
    assert {customer.project for customer in visible_to(front_desk, Customer)} == {project}


@pytest.mark.parametrize("position", [str(each) for each in Position])
def test_customers_are_shown_only_to_positions_that_serve_them(
    project: Project, other_project: Project, _a_home_each: None, position: str
) -> None:
    """The developer's customer service and human resources see no customers' telephones."""
    staff = Staff.objects.create_user("somebody", name="某岗")
    department = add_department("jx-order", "秩序部", project=project)
    appoint(staff, position, project=project, department=department)

    seen = [customer.project for customer in visible_to(staff, Customer)]

    assert seen == ([] if position in WITHOUT_CUSTOMERS else [project])


def test_a_second_post_opens_what_the_first_does_not(
    project: Project, other_project: Project, _a_home_each: None
) -> None:
    staff = Staff.objects.create_user("developer-service", name="开发商客服部")
    appoint(staff, Position.DEVELOPER_SERVICE)
    appoint(staff, Position.EMPLOYEE, project=other_project)
    assert [customer.project for customer in visible_to(staff, Customer)] == [other_project]
