"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "shouwen.organization"
    label = "organization"
    verbose_name = _("组织")

    def ready(self) -> None:
        from shouwen.organization import (
            duties_held,
            editors,  # noqa: F401 (rules register themselves)
            personal,
            rules,  # noqa: F401
        )

        personal.register()
        duties_held.register()
