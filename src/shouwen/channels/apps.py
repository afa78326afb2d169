"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    name = "shouwen.channels"
    label = "channels"
    verbose_name = _("受理渠道")

    def ready(self) -> None:
        from shouwen.channels import bringing, models, rules
        from shouwen.records import isolation, personal

        isolation.by_project(models.ImportFile)
        isolation.by_parent(models.ImportRun, "file_id", models.ImportFile)

        rules.register()
        personal.COPIES.append(bringing.remove_all)
