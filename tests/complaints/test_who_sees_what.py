"""Who sees a complaint: those who work for its project or on it, and nobody else."""

from __future__ import annotations

import pytest
from tests.complaints.conftest import Centre, staff_a_project

from shouwen.complaints.models import Complaint
from shouwen.organization.models import Project
from shouwen.organization.permissions import visible_to


def seers(centre: Centre) -> set[str]:
    """The words of all who see the centre's complaint."""
    assert centre.complaint is not None
    return {
        word
        for word in centre.staff
        if visible_to(centre.person(word), Complaint).filter(pk=centre.complaint.pk).exists()
    }


WHOLE = {
    "front_desk",
    "second_clerk",
    "centre_head",
    "site_manager",
    "complaint_team",
    "quality",
    "company_leader",
    "board_leader",
    "board_office",
    "general_managers_office",
    "auditor",
}


def test_a_new_complaint_is_seen_by_those_who_answer_for_the_project(centre: Centre) -> None:
    centre.receive()
    assert seers(centre) == WHOLE


def test_whoever_took_it_goes_on_seeing_it(centre: Centre) -> None:
    centre.receive("steward")
    assert seers(centre) == WHOLE | {"steward"}


def test_a_department_sees_what_was_dispatched_or_told_to_it(centre: Centre) -> None:
    centre.receive(severity="emergency")
    centre.take("front_desk", "alert", departments=["jx-order"])
    assert seers(centre) == WHOLE | {"order_head", "order_member"}
    centre.take("front_desk", "dispatch", department="jx-engineering")
    assert {"engineering_head", "engineering_member"} <= seers(centre)


def test_the_developer_sees_only_what_needs_the_developer(centre: Centre) -> None:
    centre.receive()
    assert "developer_service" not in seers(centre)
    centre.take("front_desk", "assess", facts="属开发商保修。", needs_developer=True)
    assert "developer_service" in seers(centre)


def test_the_person_complained_about_does_not_see_it(centre: Centre) -> None:
    for word in ("site_manager", "front_desk", "company_leader"):
        centre.receive("second_clerk", about=centre.staff[word].pk)
        assert word not in seers(centre)


def test_another_project_sees_nothing(centre: Centre) -> None:
    centre.receive()
    other = Project.objects.create(company=centre.project.company, code="YH", name="别处")
    for person in staff_a_project(other, prefix="yh").values():
        assert not visible_to(person, Complaint).exists(), person.username


@pytest.mark.parametrize("word", ["human_resources", "administrator", "employee"])
def test_no_business_with_customers_no_complaints(centre: Centre, word: str) -> None:
    centre.receive()
    assert word not in seers(centre)
