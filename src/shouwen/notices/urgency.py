"""How soon somebody must hear of something: it decides channels, quiet hours and digests."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Urgency(models.TextChoices):
    """From what wakes people up to what waits for the next digest."""

    EMERGENCY = "emergency", _("紧急：要立即有人处理")
    SOON = "soon", _("尽快：时限临近或轮到您")
    LATER = "later", _("可稍后：知道即可")
