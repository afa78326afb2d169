"""What everybody must see at once: that the clocks are not kept, or days are not known."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from shouwen.clocks import calendars, heartbeat
from shouwen.desk import words
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


def warnings(now: datetime) -> list[str]:
    """What the calendar does not know yet."""
    return calendars.warnings(now)
