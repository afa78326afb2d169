"""Times as a resident reads them: 今天 18:00, 明天 09:00, 3月5日 24:00."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _


def moment(at: datetime, now: datetime | None = None) -> str:
    """A moment in the project's time; midnight as the end of the day before."""
    local, today = timezone.localtime(at), timezone.localtime(now or timezone.now()).date()
    time = f"{local:%H:%M}"
    if time == "00:00":
        local, time = local - timedelta(seconds=1), "24:00"
    days = (local.date() - today).days
    if days == 0:
        return _("今天 {time}").format(time=time)
    if days == 1:
        return _("明天 {time}").format(time=time)
    return _("{month}月{day}日 {time}").format(month=local.month, day=local.day, time=time)
