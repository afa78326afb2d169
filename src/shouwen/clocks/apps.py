"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClocksConfig(AppConfig):
    name = "shouwen.clocks"
    label = "clocks"
    verbose_name = _("时限")

    def ready(self) -> None:
        from shouwen.clocks.models import ClockRow
        from shouwen.records import audit, isolation

        isolation.by_project(ClockRow)
        audit.register("regulation_changed", _("采用内规"))
        audit.register("calendar_changed", _("定上班或休息的日子"))
