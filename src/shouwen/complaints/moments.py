"""Moments as people say them: 今天 09:10, 11月21日 09:10 前; in the current time zone and language."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def day(at: datetime, now: datetime) -> str:
    """The day of a moment as people say it: 今天, 昨天, 11月21日, with the year where it differs."""
    local, today = timezone.localtime(at).date(), timezone.localtime(now).date()
    days = (local - today).days
    if -1 <= days <= 1:
        return (_("今天"), _("明天"), _("昨天"))[days]
    if local.year == today.year:
        return date_format(local, pgettext("date format", "n月j日"))
    return date_format(local, pgettext("date format", "Y年n月j日"))


def moment(at: datetime, now: datetime) -> str:
    """A moment in the current time zone: 今天 09:10, 11月21日 09:10."""
    return f"{day(at, now)} {timezone.localtime(at):%H:%M}"


def until(due_at: datetime, now: datetime) -> str:
    """A due time: 今天 09:10 前; midnight is said as the end of the day before, 今天 24:00 前."""
    local = timezone.localtime(due_at)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return _("{} 前").format(f"{day(due_at - timedelta(seconds=1), now)} 24:00")
    return _("{} 前").format(moment(due_at, now))
