"""The place as it is stored; how places are made and found is told in `places`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Place(models.Model):
    """A place of a project that has a QR code: whoever scans it reports from there, without an account.

    Its token stands in the printed code, so it can be read again; it opens a form and shows nothing.
    """

    class Kind(models.TextChoices):
        PROJECT = "project", _("全项目")
        BUILDING = "building", _("楼栋")
        LIFT = "lift", _("电梯")
        GARAGE = "garage", _("车库")
        ENTRANCE = "entrance", _("出入口")
        EQUIPMENT = "equipment", _("设备设施")
        OTHER = "other", _("其他")

    project = models.ForeignKey(
        "organization.Project", models.PROTECT, related_name="places", verbose_name=_("项目")
    )
    kind = models.CharField(_("种类"), max_length=10, choices=Kind.choices)
    label = models.CharField(_("位置"), max_length=80)
    building = models.CharField(_("楼栋"), max_length=20, blank=True)
    unit = models.CharField(_("单元"), max_length=20, blank=True)
    token = models.CharField(max_length=16, unique=True, editable=False)
    is_active = models.BooleanField(_("在用"), default=True)
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("位置")
        verbose_name_plural = _("位置")
        constraints = [
            models.UniqueConstraint(
                fields=["project"], condition=Q(kind="project"), name="one_entry_a_project"
            ),
            models.UniqueConstraint(
                fields=["project", "label"],
                condition=Q(is_active=True),
                name="place_once_in_a_project",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def whole_project(self) -> bool:
        """Whether it is the project's own entry, which says nothing of where."""
        return self.kind == self.Kind.PROJECT
