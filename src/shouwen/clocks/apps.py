"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ClocksConfig(AppConfig):
    name = "shouwen.clocks"
    label = "clocks"
    verbose_name = _("时限")

    def ready(self) -> None:
        from shouwen.clocks.models import ClockRow
        from shouwen.records import isolation

        isolation.by_project(ClockRow)
