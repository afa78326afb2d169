"""The invitation as it is stored; how it is made and used is told in `invitations`."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Invitation(models.Model):
    """A link by which a member of staff sets a password, once, until it expires."""

    staff = models.OneToOneField(
        "organization.Staff",
        models.CASCADE,
        related_name="invitation",
        verbose_name=_("员工"),
    )
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(
        "organization.Staff",
        models.SET_NULL,
        related_name="+",
        null=True,
        verbose_name=_("发出人"),
    )
    made_at = models.DateTimeField(_("发出时间"))
    expires_at = models.DateTimeField(_("有效期至"))

    class Meta:
        verbose_name = _("邀请")
        verbose_name_plural = _("邀请")

    def __str__(self) -> str:
        return f"{self.staff_id}"
