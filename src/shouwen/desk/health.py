"""What everybody must see at once: that the clocks are not kept, or days are not known."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from shouwen.channels.mail.kept import Mailbox
from shouwen.channels.models import HeldArrival
from shouwen.clocks import calendars, heartbeat
from shouwen.desk import words
from shouwen.notices import trials
from shouwen.notices.sending.failures import reason
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import followers


def alarms(now: datetime) -> list[str]:
    """Sentences where the timekeeping stands still or lags; none where all is well.

    Without the length of it, so that the text changes only when the state does.
    """
    health = heartbeat.health(now)
    if health.state == "stale":
        since = words.moment(health.last_beat_at, now) if health.last_beat_at else _("启动以来")
        return [
            _(
                "计时程序没有运行（自 {since}）：到期提醒和超时不会发出，请按下面的时间自行掌握，并告诉系统管理员。"
            ).format(since=since)
        ]
    if health.state == "late":
        return [_("计时程序落后，到期提醒可能迟到。请告诉系统管理员。")]
    if followers.standing(now):
        return [_("通知程序停住了，通知可能迟到。请按待办自行掌握，并告诉系统管理员。")]
    return []


def channel_alarms(person: Staff) -> list[str]:
    """For who keeps the company's channels: what did not go out last, and what cannot be fetched."""
    if not may(person, "edit_gateways"):
        return []
    boxes = [
        _("邮箱 {address} 取不到信：{why}。请到“设置 › 收件邮箱”处理，其间请到邮箱里看信。").format(
            address=box.address, why=reason(box.last_error).what
        )
        for box in Mailbox.objects.filter(is_active=True).exclude(last_error="")
    ]
    return boxes + [
        _("{channel}发不出通知：{why}。请到“设置 › 通知通道”处理，其间改用下一个渠道。").format(
            channel=gateway.get_kind_display(), why=reason(gateway.last_error).what
        )
        for gateway in trials.failing_gateways()
    ]


def held_back(person: Staff) -> int:
    """For the front desk: how much the portal holds back until somebody has looked at it."""
    if not may(person, "decide_arrivals"):
        return 0
    held = visible_to(person, HeldArrival)
    return held.filter(state=HeldArrival.State.WAITING).count()


def warnings(now: datetime) -> list[str]:
    """What the calendar does not know yet."""
    return calendars.warnings(now)
