"""The staff card as it is stored; how it is issued, found and stopped is told in `cards`."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class StaffCard(models.Model):
    """What opens the card's page for somebody without an account [R1][R8]: found by a token's digest.

    One that is printed lasts until it is stopped (`expires_at` empty); one that a code sent to their
    telephone opened lasts for a shift.
    """

    staff = models.ForeignKey(
        "organization.Staff", models.CASCADE, related_name="cards", verbose_name=_("员工")
    )
    digest = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        "organization.Staff",
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("发卡人"),
    )
    made_at = models.DateTimeField(_("发卡时间"))
    expires_at = models.DateTimeField(_("有效期至"), null=True)

    class Meta:
        verbose_name = _("工牌")
        verbose_name_plural = _("工牌")
        constraints = [
            models.UniqueConstraint(
                fields=["staff"],
                condition=models.Q(expires_at=None),
                name="one_printed_card_each",
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}"


class CardCode(models.Model):
    """A code that was asked for with a telephone number, known or not; it keeps neither in clear."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number_index = models.CharField(max_length=64)
    staff = models.ForeignKey("organization.Staff", models.CASCADE, related_name="+", null=True)
    code_digest = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)
