"""The administrator sets periods, sees beforehand what would go, and holds nobody's word for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.complaints.models import Complaint
from shouwen.records import audit, retention
from shouwen.records.models import Access, Retention

AtDesk = Callable[[str], Client]
PAGE = "/settings/retention/"


@pytest.fixture
def ended(office: Office) -> Complaint:
    """A complaint that was withdrawn long ago."""
    complaint = office.receive(name="欧阳测试人", telephone="13800771234")
    office.take("centre-head", "withdraw", complaint, reason="已解决")
    Complaint.objects.update(closed_at=timezone.now() - timedelta(days=50))
    return complaint


def numbers(response: Any) -> dict[str, int]:
    rows = response.context["rows"]
    return {row.kind.name: row.over.number for row in rows if row.over and row.over.number}


def given(**days: int | str) -> dict[str, int | str]:
    said = {name: "" if days is None else days for name, days in retention.periods().items()}
    return said | days


def test_what_would_go_is_seen_before_it_is_saved_and_nothing_goes_by_looking(
    ended: Complaint, at_desk: AtDesk
) -> None:
    desk = at_desk("administrator")
    assert numbers(desk.get(PAGE)) == {}
    tried = desk.post(PAGE, given(complaint_people=30) | {"try": "1"})
    assert numbers(tried) == {"complaint_people": 1}
    assert numbers(desk.post(PAGE, given(complaint_people=60) | {"try": "1"})) == {}
    assert not Retention.objects.exists()
    assert desk.post(PAGE, given(complaint_people=30) | {"save": "1"}).status_code == 302
    assert retention.periods()["complaint_people"] == 30
    assert numbers(desk.get(PAGE)) == {"complaint_people": 1}
    assert Complaint.objects.get().name == "欧阳测试人"
    noted = Access.objects.get(action="retention_changed")
    assert noted.actor_id is not None and noted.facts["kind"] == "complaint_people"


def test_too_short_a_period_is_refused_with_the_least(office: Office, at_desk: AtDesk) -> None:
    response = at_desk("administrator").post(PAGE, given(access_log=30) | {"save": "1"})
    assert response.status_code == 422
    assert "183" in response.content.decode()
    assert not Retention.objects.exists()


def test_an_empty_period_keeps_for_ever(office: Office, at_desk: AtDesk) -> None:
    audit.note("printed", actor_id=None, at=timezone.now() - timedelta(days=9000))
    desk = at_desk("administrator")
    assert numbers(desk.get(PAGE)) == {"access_log": 1}
    desk.post(PAGE, given(access_log="") | {"save": "1"})
    assert numbers(desk.get(PAGE)) == {}
    assert retention.periods()["access_log"] is None


def test_a_held_complaint_is_not_counted_and_says_so_on_its_page(
    office: Office, ended: Complaint, at_desk: AtDesk
) -> None:
    office.take("centre-head", "hold", ended, reason="业主已起诉")
    Complaint.objects.update(closed_at=timezone.now() - timedelta(days=50))
    retention.change("complaint_people", 30, actor_id=None)
    assert numbers(at_desk("administrator").get(PAGE)) == {}
    assert (
        "证据保全中" in at_desk("centre-head").get(f"/complaints/{ended.number}/").content.decode()
    )


def test_others_set_no_periods(office: Office, at_desk: AtDesk) -> None:
    for username in ("centre-head", "auditor", "front-desk-1"):
        assert at_desk(username).get(PAGE).status_code == 403
        assert at_desk(username).post(PAGE, given(access_log=400)).status_code == 403
