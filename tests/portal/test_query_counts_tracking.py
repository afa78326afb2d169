"""The pages ask the database no more often because more was said, or more was recorded."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.desk.conftest import Office
from tests.portal.test_card import opened, record
from tests.portal.test_tracking import act, link_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_counts() -> None:
    cache.clear()


def asked(address: str) -> int:
    Client().get(address)  # what is read once a process is read
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert Client().get(address).status_code == 200
    return len(found)


def test_the_tracking_page_asks_as_often_whatever_was_said(office: Office) -> None:
    complaint = office.receive()
    act(complaint, "add", words="一。")
    before = asked(link_of(complaint))
    for words in ("二。", "三。", "四。"):
        act(complaint, "add", words=words)
        office.take("front-desk-1", "inform_customer", complaint, told=f"看过{words}")
    assert asked(link_of(complaint)) == before <= 25


def test_the_card_asks_as_often_however_much_was_recorded(office: Office) -> None:
    address = opened(office.person("steward-1"))
    record(address)
    before = asked(address)
    for number in range(6):
        record(address, content=f"{number} 号灯不亮。")
    assert asked(address) == before <= 25
