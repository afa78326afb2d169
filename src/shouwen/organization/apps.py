"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationConfig(AppConfig):
    name = "shouwen.organization"
    label = "organization"
    verbose_name = _("组织")

    def ready(self) -> None:
        from shouwen.organization import rules  # noqa: F401 (registers what is shown to whom)
