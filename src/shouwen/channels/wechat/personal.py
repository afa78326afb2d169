"""What is kept about whoever writes to the account: for export, erasure and retention [PIPL art. 45, 47]."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from shouwen.channels.wechat.models import WechatFollower, WechatMessage
from shouwen.complaints.projection import SUBJECT
from shouwen.organization.models import Customer
from shouwen.organization.personal import CUSTOMER

KEPT_DAYS = 180


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The vendor's name and the telephone of whoever sent a complaint, or has a customer's number."""
    if subject_type not in (SUBJECT, CUSTOMER):
        return {}
    found = _of_customers if subject_type == CUSTOMER else _of_complaints
    return {pk: [_told(each) for each in rows] for pk, rows in found(subject_ids).items()}


def _told(follower: WechatFollower) -> dict[str, Any]:
    return {
        "openid": str(follower.openid),
        "telephone": str(follower.telephone),
        "heard_at": follower.heard_at.isoformat() if follower.heard_at else "",
    }


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Forget who it was, with the messages; they may write again, as somebody new."""
    if subject_type not in (SUBJECT, CUSTOMER):
        return 0
    if names is not None and not {"name", "telephone"}.intersection(names):
        return 0
    found = _of_customers if subject_type == CUSTOMER else _of_complaints
    rows = found([subject_id]).get(subject_id, [])
    WechatFollower.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _of_complaints(ids: Collection[int]) -> dict[int, list[WechatFollower]]:
    told: dict[int, dict[int, WechatFollower]] = defaultdict(dict)
    for message in WechatMessage.objects.filter(complaint__in=ids).select_related("follower"):
        assert message.complaint_id is not None
        told[message.complaint_id][message.follower_id] = message.follower
    for follower in WechatFollower.objects.filter(complaint__in=ids):
        assert follower.complaint_id is not None
        told[follower.complaint_id][follower.pk] = follower
    return {pk: list(rows.values()) for pk, rows in told.items()}


def _of_customers(ids: Collection[int]) -> dict[int, list[WechatFollower]]:
    customers = Customer.objects.filter(pk__in=ids).exclude(telephone_index="")
    known = list(customers.values_list("pk", "project_id", "telephone_index"))
    rows = WechatFollower.objects.filter(telephone_index__in=[index for _, _, index in known])
    by_number: dict[tuple[int, str], list[WechatFollower]] = defaultdict(list)
    for row in rows:
        by_number[row.project_id, row.telephone_index].append(row)
    return {pk: by_number[project_id, index] for pk, project_id, index in known}


def _old_followers(cutoff: datetime) -> QuerySet[WechatFollower]:
    return WechatFollower.objects.filter(Q(heard_at=None) | Q(heard_at__lt=cutoff))


def _old_messages(cutoff: datetime) -> QuerySet[WechatMessage]:
    return WechatMessage.objects.filter(arrived_at__lt=cutoff)


def due(cutoff: datetime) -> int:
    """How many messages, and people who have not written since, are older."""
    return _old_messages(cutoff).count() + _old_followers(cutoff).count()


def forget(cutoff: datetime) -> int:
    """Remove them; how many there were. The complaints stay as they are."""
    number = due(cutoff)
    _old_messages(cutoff).delete()
    _old_followers(cutoff).delete()
    return number
