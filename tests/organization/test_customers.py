"""Customers are found by their telephone without it lying anywhere in clear."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from shouwen.organization import customers, homes
from shouwen.organization.customers import find_by_telephone, mask, normalise
from shouwen.organization.models import Customer, Project

#: Digits only, in the ways people separate them.
SEPARATORS = st.sampled_from(["", " ", "-"])


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("13800001001", "+8613800001001"),
        ("+86 138 0000 1001", "+8613800001001"),
        ("１３８００００１００１", "+8613800001001"),
        ("8613800001001", "+8613800001001"),
        ("0755-26000001", "+8675526000001"),
        ("(0755) 2600 0001", "+8675526000001"),
        ("0755-26000001转8012", "+8675526000001"),
        ("0755-26000001-8012", "+8675526000001"),
        ("010-85000001", "+861085000001"),
        ("+852 2123 4567", "+85221234567"),
        ("400-800-1234", "+864008001234"),
        ("26000001", "26000001"),
        ("12345", "12345"),
        ("110", "110"),
        ("分机 8012", "8012"),
        ("没有电话", ""),
        ("", ""),
    ],
)
def test_one_number_has_one_form_however_it_is_written(written: str, normal: str) -> None:
    assert normalise(written) == normal


@given(
    st.from_regex(r"\A1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}\Z"),
    SEPARATORS,
    SEPARATORS,
    st.sampled_from(["", "+86", "+86 ", "86"]),
)
def test_a_mobile_number_is_the_same_with_any_separators(
    number: str, first: str, second: str, country: str
) -> None:
    written = country + number[:3] + first + number[3:7] + second + number[7:]
    assert normalise(written) == normalise(number) == f"+86{number}"


@given(st.text(max_size=20))
def test_any_text_at_all_can_be_normalised_and_masked(text: str) -> None:
    normal = normalise(text)
    assert normalise(normal) == normal
    assert set(mask(text)) <= set("0123456789*")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13800001001", "138****1001"),
        ("0755-26000001", "0755****0001"),
        ("010-85000001", "010****0001"),
        ("+852 2123 4567", "*******4567"),
        ("26000001", "****0001"),
        ("12345", "***45"),
        ("没有电话", ""),
    ],
)
def test_a_number_is_shown_masked(number: str, shown: str) -> None:
    assert mask(number) == shown


@given(st.from_regex(r"\A[0-9]{3,15}\Z"))
def test_a_mask_hides_all_but_area_and_four_digits(number: str) -> None:
    hidden = mask(number).count("*")
    assert hidden >= 1
    assert len(mask(number)) - hidden <= 8


def test_a_caller_is_found_by_whole_number_and_by_last_four(
    project: Project, other_project: Project, django_assert_num_queries
) -> None:
    home = homes.ensure(project, "3", "1", "802")
    owner = customers.enrol(project=project, home=home, telephone="138 0000 1001")
    landline = customers.enrol(project=project, home=home, telephone="0755-26001001")
    customers.enrol(project=project, home=home, telephone="13800001002")
    customers.enrol(project=other_project, telephone="13800001001")

    with django_assert_num_queries(1):
        found = list(find_by_telephone([project.pk], "+8613800001001"))
        assert found == [owner]
        assert found[0].home == home
    assert list(find_by_telephone([project.pk], "1001")) == [owner, landline]
    assert list(find_by_telephone([project.pk], "13800001003")) == []
    assert list(find_by_telephone([project.pk, other_project.pk], "13800001001").values("project"))


def test_nobody_is_found_by_nothing(project: Project) -> None:
    customers.enrol(project=project, name="没有电话的业主")
    assert not find_by_telephone([project.pk], "").exists()
    assert not find_by_telephone([project.pk], "不知道").exists()


def test_name_and_number_do_not_lie_in_clear(project: Project) -> None:
    customer = customers.enrol(project=project, name="3栋1单元802 业主", telephone="13800001001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM organization_customer c")
        row = cursor.fetchone()[0]
    assert "13800001001" not in row
    assert "业主" not in row
    assert "业主" not in str(customer) + repr(customer)
    read = Customer.objects.get(pk=customer.pk)
    assert (read.name, read.telephone) == ("3栋1单元802 业主", "13800001001")


def test_a_corrected_number_is_found_and_the_old_one_is_not(project: Project) -> None:
    customer = customers.enrol(project=project, telephone="13800001001")
    customers.correct(customer, telephone="13800001002", relation=Customer.Relation.TENANT)
    assert not find_by_telephone([project.pk], "13800001001").exists()
    assert find_by_telephone([project.pk], "1002").get().relation == "tenant"


def test_a_customer_never_lives_in_another_project(
    project: Project, other_project: Project
) -> None:
    home = homes.ensure(other_project, "1", "", "101")
    with pytest.raises(ValueError, match="another project"):
        customers.enrol(project=project, home=home)


def test_the_customers_of_a_home_come_earliest_first(project: Project) -> None:
    home = homes.ensure(project, "3", "1", "802")
    tenant = customers.enrol(project=project, home=home, since="2026-02-01")
    owner = customers.enrol(project=project, home=home, since="2020-05-01")
    customers.enrol(project=project, home=homes.ensure(project, "3", "1", "803"))
    assert list(customers.at_home(home)) == [owner, tenant]
