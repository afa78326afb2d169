"""The room's Django configuration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "shouwen.portal"
    label = "portal"
    verbose_name = _("客户门户")
