"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "shouwen.api"
    label = "api"
    verbose_name = _("接口")

    def ready(self) -> None:
        from shouwen.api import models, rules, wording
        from shouwen.api.webhooks import running
        from shouwen.clocks import loops
        from shouwen.records import isolation

        isolation.by_project(models.Subscription, shared="project_id IS NULL")
        isolation.by_parent(models.Message, "subscription_id", models.Subscription)

        wording.register()
        rules.register()
        loops.register("webhooks", running.run)
