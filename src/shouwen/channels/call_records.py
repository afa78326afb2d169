"""What is kept of calls: whom they tell of, for how long, and what the access log calls it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.channels.calls import Call, CallEvent
from shouwen.channels.telephony import REMEMBERED
from shouwen.complaints.projection import SUBJECT
from shouwen.organization.personal import CUSTOMER
from shouwen.records import audit, personal, retention

#: How long calls are kept that led to no complaint; what led to one goes with it.
KEPT_DAYS = 365
_EMPTY: dict[str, Any] = {"number": "", "number_index": "", "customer": None, "recording": ""}


def register() -> None:
    """Enter calls into the registers of personal data, of periods and of the access log."""
    personal.register("channels", _("通话记录"), export=export, erase=erase)
    retention.register(
        retention.Kind(
            "calls",
            _("没有登记投诉的通话"),
            _("来电号码、时间和录音地址；登记了投诉的通话随投诉保存"),
            KEPT_DAYS,
            due=lambda cutoff: _unrecorded(cutoff).count(),
            apply=lambda cutoff: _unrecorded(cutoff).delete()[0],
            least_days=30,
        )
    )
    audit.register("call_number_seen", _("查看来电号码"), audit.SEEING)
    audit.register("recording_opened", _("打开通话录音"), audit.SEEING)
    audit.register("number_dialled", _("点击拨号"), audit.SEEING)
    audit.register("telephone_line_changed", _("修改电话线路"))


def _unrecorded(cutoff: datetime) -> QuerySet[Call]:
    return Call.objects.filter(complaint=None, started_at__lt=cutoff)


def _column(subject_type: str) -> str:
    return {SUBJECT: "complaint_id", CUSTOMER: "customer_id"}.get(subject_type, "")


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The calls of each complaint, or of each customer."""
    column = _column(subject_type)
    told: dict[int, list[dict[str, Any]]] = {}
    if not column:
        return told
    found = Call.objects.filter(**{f"{column}__in": subject_ids}).order_by("started_at", "pk")
    for call in found:
        told.setdefault(getattr(call, column), []).append(
            {
                "direction": call.direction,
                "number": call.number,
                "started_at": call.started_at,
                "answered_at": call.answered_at,
                "ended_at": call.ended_at,
                "state": call.state,
                "recording": call.recording,
            }
        )
    return told


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Blank numbers and the ways to recordings: with the telephone, or with everything."""
    column = _column(subject_type)
    if not column or not (names is None or "telephone" in names):
        return 0
    found = Call.objects.filter(**{column: subject_id})
    held = sum(bool(call.number) + bool(call.recording) for call in found)
    found.update(**_EMPTY)
    return held


def sweep() -> int:
    """Forget the ids of events that can no longer come again."""
    old = Q(received_at__lt=timezone.now() - REMEMBERED)
    return CallEvent.objects.filter(old).delete()[0]
