"""Where somebody is reached, and when each of their addresses is used."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection

from shouwen.notices import addresses, gateways
from shouwen.notices.address import Address, Gateway, OwnRules
from shouwen.notices.gateways import Webhook
from shouwen.notices.preferences import Rules
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Company, Department, Project, Staff
from shouwen.organization.structure import open_project
from shouwen.records import isolation

NOON = datetime.datetime(2026, 10, 1, 4, 0, tzinfo=datetime.UTC)
NIGHT = datetime.datetime(2026, 10, 1, 16, 0, tzinfo=datetime.UTC)  # midnight in Shanghai
MINUTE = datetime.timedelta(minutes=1)


def _sms_gateway(kind: str = Gateway.Kind.SMS) -> None:
    gateways.save(kind, Webhook(url="https://sms.example.cn/in", secret="0123456789abcdef"))


def _planned(person: Staff, urgency: str, project: Project, at: datetime.datetime = NOON):
    planned = addresses.plan_for(person, urgency, project.pk, at=at)
    return [(each.address.kind, each.after) for each in planned]


def test_everybody_is_reached_in_the_app(front_desk: Staff, project: Project) -> None:
    assert _planned(front_desk, Urgency.EMERGENCY, project) == [("in_app", 0 * MINUTE)]
    [address] = addresses.addresses_for(front_desk, project.pk)
    assert address.reaches_one and address == addresses.in_app(front_desk)


def test_the_default_is_app_and_wecom_now_text_after_one_minute_call_after_two(
    front_desk: Staff, project: Project
) -> None:
    front_desk.telephone = "13800000001"
    front_desk.save()
    _sms_gateway()
    _sms_gateway(Gateway.Kind.CALL)
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://0a-1b")
    assert _planned(front_desk, Urgency.EMERGENCY, project) == [
        ("in_app", 0 * MINUTE),
        ("wecom", 0 * MINUTE),
        ("webhook_sms", MINUTE),
        ("webhook_call", 2 * MINUTE),
    ]


def test_a_telephone_is_used_only_where_the_company_has_a_gateway(
    front_desk: Staff, project: Project
) -> None:
    front_desk.telephone = "13800000001"
    front_desk.save()
    assert len(_planned(front_desk, Urgency.EMERGENCY, project)) == 1
    _sms_gateway()
    assert len(_planned(front_desk, Urgency.EMERGENCY, project)) == 2
    front_desk.telephone = ""
    front_desk.save()
    assert len(_planned(front_desk, Urgency.EMERGENCY, project)) == 1


def test_an_address_that_is_switched_off_is_not_used(front_desk: Staff, project: Project) -> None:
    Address.objects.create(
        staff=front_desk, kind="wecom", target="wecombot://0a-1b", is_active=False
    )
    assert _planned(front_desk, Urgency.EMERGENCY, project) == [("in_app", 0 * MINUTE)]


def test_by_night_what_is_not_an_emergency_waits_for_the_morning(
    front_desk: Staff, project: Project
) -> None:
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://0a-1b")
    seven_hours = datetime.timedelta(hours=7)
    assert ("wecom", seven_hours) in _planned(front_desk, Urgency.SOON, project, NIGHT)
    assert ("wecom", 0 * MINUTE) in _planned(front_desk, Urgency.EMERGENCY, project, NIGHT)
    assert ("in_app", 0 * MINUTE) in _planned(front_desk, Urgency.SOON, project, NIGHT)


def test_quiet_hours_are_those_of_the_projects_own_clock(
    front_desk: Staff, project: Project
) -> None:
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://0a-1b")
    Project.objects.filter(pk=project.pk).update(timezone="America/New_York")
    assert ("wecom", 0 * MINUTE) in _planned(front_desk, Urgency.SOON, project, NIGHT)


def test_ones_own_rules_are_followed(front_desk: Staff, project: Project) -> None:
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://0a-1b")
    rules = Rules(steps={Urgency.SOON: {"wecom": 10}})
    OwnRules.objects.create(staff=front_desk, rules=rules.model_dump(mode="json"))
    assert ("wecom", 10 * MINUTE) in _planned(front_desk, Urgency.SOON, project)


def test_a_target_lies_encrypted(front_desk: Staff) -> None:
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://secret-key")
    with connection.cursor() as cursor:
        cursor.execute("SELECT target FROM notices_address")
        assert "secret-key" not in cursor.fetchone()[0]


def test_the_database_shows_no_group_of_another_project(
    company: Company, project: Project, engineering: Department, front_desk: Staff
) -> None:
    isolation.enforce()
    other = open_project(company, "YH", "云河湾")
    Address.objects.create(project=project, kind="wecom", target="wecombot://0a-1b")
    Address.objects.create(department=engineering, kind="wecom", target="wecombot://0a-1c")
    Address.objects.create(staff=front_desk, kind="wecom", target="wecombot://0a-1d")
    with isolation.transaction_of([other.pk]):
        assert [each.staff_id for each in Address.objects.all()] == [front_desk.pk]
    with isolation.transaction_of([project.pk]):
        assert Address.objects.count() == 3


@pytest.mark.django_db
def test_an_unknown_urgency_is_refused(front_desk: Staff) -> None:
    with pytest.raises(ValueError):
        addresses.plan_for(front_desk, "soonish")
