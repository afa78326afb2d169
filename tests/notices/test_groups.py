"""A group hears of an emergency together with whoever is called, once a call, and of nothing private."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.notices import escalating, following, policies
from shouwen.notices.address import Address
from shouwen.notices.models import Delivery
from shouwen.records.models import Entry

WALK = [
    {"position": "front_desk", "whole": True, "after": 0},
    {"position": "company_leader", "whole": False, "after": 60},
]


@pytest.fixture
def group(centre: Centre) -> Address:  # noqa: F811
    centre.now = timezone.now()
    policies.keep(centre.project, "emergency", WALK, 180)
    return Address.objects.create(
        project=centre.project, kind="wecom", target="wecombot://0123456789"
    )


def calls(centre: Centre, group: Address, **data: object) -> int:  # noqa: F811
    """How often the group was called within the first minute, and what it has to do with persons."""
    centre.receive(**data)
    following.take(list(Entry.objects.order_by("pk")), centre.now)
    for seconds in (0, 30, 60):
        escalating.fire(centre.now + timedelta(seconds=seconds))
    return Delivery.objects.filter(address_id=group.pk).count()


def test_a_group_is_called_once_at_each_hop(centre: Centre, group: Address) -> None:  # noqa: F811
    assert calls(centre, group, severity="emergency") == 2


def test_a_group_hears_nothing_of_what_is_no_emergency(
    centre: Centre,  # noqa: F811
    group: Address,
) -> None:
    assert calls(centre, group, severity="routine") == 0


def test_a_group_hears_nothing_of_a_confidential_complaint(
    centre: Centre,  # noqa: F811
    group: Address,
) -> None:
    assert calls(centre, group, severity="emergency", confidential=True) == 0


def test_a_group_that_is_switched_off_is_not_called(
    centre: Centre,  # noqa: F811
    group: Address,
) -> None:
    Address.objects.update(is_active=False)
    assert calls(centre, group, severity="emergency") == 0
