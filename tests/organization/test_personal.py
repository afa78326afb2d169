"""Handing over and erasing what the organization holds about somebody [PIPL art. 45, 47]."""

from __future__ import annotations

import pytest

from shouwen.organization import customers, homes
from shouwen.organization.models import Customer, Project, Staff
from shouwen.records import personal


def _erase(subject_type: str, subject_id: int, names: set[str] | None = None) -> int:
    return sum(
        held.erase(subject_type, subject_id, names)
        for held in personal.HELD
        if held.room == "organization"
    )


@pytest.fixture
def customer(project: Project) -> Customer:
    return customers.enrol(
        project=project,
        home=homes.ensure(project, "3", "1", "802"),
        name="3栋1单元802 业主",
        telephone="13800001001",
        preferred_time="晚上七点以后",
    )


def test_a_customer_gets_all_that_is_held(customer: Customer) -> None:
    (held,) = [each for each in personal.export("customer", customer.pk) if each["held"]]
    assert held["room"] == "organization"
    (values,) = held["held"]
    assert values["name"] == "3栋1单元802 业主"
    assert values["telephone"] == "13800001001"
    assert values["home"] == "3栋1单元802"
    assert values["preferred_time"] == "晚上七点以后"


def test_an_erased_customer_is_nobody_and_found_by_nothing(
    customer: Customer, project: Project
) -> None:
    assert _erase("customer", customer.pk) == 4
    left = Customer.objects.get(pk=customer.pk)
    assert (left.name, left.telephone, left.home, left.preferred_time) == ("", "", None, "")
    assert (left.telephone_index, left.telephone_last4_index) == ("", "")
    assert not customers.find_by_telephone([project.pk], "1001").exists()
    assert _erase("customer", customer.pk) == 0


def test_one_kind_of_data_can_be_erased_alone(customer: Customer) -> None:
    assert _erase("customer", customer.pk, {"telephone"}) == 1
    left = Customer.objects.get(pk=customer.pk)
    assert (left.name, left.telephone, left.telephone_index) == ("3栋1单元802 业主", "", "")


def test_of_staff_the_telephone_goes_and_the_post_stays(front_desk: Staff) -> None:
    front_desk.telephone = "13900000001"
    front_desk.save()
    (held,) = personal.export("staff", front_desk.pk)
    assert held["held"][0]["telephone"] == "13900000001"
    assert _erase("staff", front_desk.pk) == 1
    front_desk.refresh_from_db()
    assert (front_desk.telephone, front_desk.name) == ("", "前台一号岗")


def test_other_subjects_of_the_same_number_are_left_alone(
    customer: Customer, front_desk: Staff
) -> None:
    assert _erase("complaint", customer.pk) == 0
    assert Customer.objects.get(pk=customer.pk).name
