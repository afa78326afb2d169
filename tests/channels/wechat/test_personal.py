"""Who wrote to the account is handed over, erased and forgotten with the rest [PIPL art. 45, 47]."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tests.channels.conftest import Archive

from shouwen.channels.wechat import accounts, receiving
from shouwen.channels.wechat import personal as kept
from shouwen.channels.wechat.messages import Kind, Message
from shouwen.channels.wechat.models import WechatAccount, WechatFollower, WechatMessage
from shouwen.complaints.models import Complaint
from shouwen.organization.customers import enrol
from shouwen.records import personal, retention

OPENID, TELEPHONE = "oNeighbour01", "13800001234"


@pytest.fixture
def account(archive: Archive) -> WechatAccount:
    return accounts.add(
        archive.project,
        name="小区物业",
        app_id="wx12345678",
        mode="safe",
        secret="app-secret-0123",
        by=archive.staff["front_desk"],
    )


@pytest.fixture
def complaint(account: WechatAccount) -> Complaint:
    """Somebody wrote, with their number."""
    text = f"楼道灯不亮，我的电话{TELEPHONE}。"
    assert receiving.receive(account, Message("1", OPENID, "gh_1", Kind.TEXT, text), str)
    return Complaint.objects.get()


def _said(exported: list[dict[str, Any]]) -> str:
    return str([each["held"] for each in exported])


def test_it_lies_encrypted(complaint: Complaint) -> None:
    with connection.cursor() as cursor:
        for model in (WechatAccount, WechatFollower, WechatMessage):
            cursor.execute(f"SELECT t::text FROM {model._meta.db_table} t")
            stored = str(cursor.fetchall())
            for secret in (OPENID, TELEPHONE, "app-secret-0123", complaint.number):
                assert secret not in stored


def test_of_a_complaint_it_is_handed_over_and_erased(complaint: Complaint) -> None:
    assert OPENID in _said(personal.export("complaint", complaint.pk))
    with transaction.atomic():
        assert kept.erase("complaint", complaint.pk, {"wish"}) == 0
        assert kept.erase("complaint", complaint.pk, None) == 1
    assert OPENID not in _said(personal.export("complaint", complaint.pk))
    assert not WechatFollower.objects.exists()


def test_of_a_customer_it_is_known_by_the_number_they_told(
    complaint: Complaint, archive: Archive
) -> None:
    customer = enrol(project=archive.project, telephone=TELEPHONE)
    another = enrol(project=archive.project, telephone="13800009999")
    told = personal.export_many("customer", [customer.pk, another.pk])
    assert OPENID in _said(told[customer.pk])
    assert OPENID not in _said(told[another.pk])
    with transaction.atomic():
        assert kept.erase("customer", another.pk, None) == 0
        assert kept.erase("customer", customer.pk, None) == 1
    assert not WechatMessage.objects.exists()


def test_after_its_period_it_goes_and_the_complaint_stays(
    complaint: Complaint, account: WechatAccount
) -> None:
    kind, now = retention.KINDS["wechat"], timezone.now()
    before = now - timedelta(days=180)
    assert kind.due(before) == 0
    WechatFollower.objects.update(heard_at=before - timedelta(days=1))
    WechatMessage.objects.update(arrived_at=before - timedelta(days=1))
    assert kind.due(before) == kind.apply(before) == 2
    assert kind.due(before) == 0
    assert Complaint.objects.get() == complaint
    # Whoever writes again is somebody new.
    again = Message("2", OPENID, "gh_1", Kind.TEXT, "三楼的灯也不亮了。")
    assert "手机号" in receiving.receive(account, again, str)
