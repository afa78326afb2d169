"""Tables of incidents (同因事项): one cause, many complaints; and waves that somebody rejected."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.organization.models import Project


class Incident(models.Model):
    """One cause of which several people complain; the row is a projection of its own ledger.

    `title` and `place` are read by residents: neither names a person, nor the home of one. Which
    complaints belong to it says `Complaint.incident`, told by the complaints' own ledgers.
    """

    class Status(models.TextChoices):
        """Whether more complaints may join."""

        OPEN = "open", _("进行中")
        ENDED = "ended", _("已结束")

    number = models.CharField(_("编号"), max_length=32)
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="incidents", db_index=False, verbose_name=_("项目")
    )
    title = models.CharField(_("标题"), max_length=80)
    place = models.CharField(_("地点"), max_length=80, blank=True)
    category = models.ForeignKey(
        "complaints.Category",
        models.PROTECT,
        related_name="incidents",
        null=True,
        db_index=False,
        verbose_name=_("分类"),
    )
    since = models.DateTimeField(_("起始时间"))
    status = models.CharField(_("状态"), max_length=8, choices=Status.choices, default=Status.OPEN)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    version = models.PositiveIntegerField(_("账页"), default=0)

    class Meta:
        verbose_name = _("同因事项")
        verbose_name_plural = _("同因事项")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_incident_a_number"),
        ]
        indexes = [
            models.Index(fields=["project", "-since", "-id"], name="incident_newest"),
            models.Index(
                fields=["project", "-since"], condition=Q(status="open"), name="incident_open"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ended(self) -> bool:
        """Nobody joins any more; what was joined stays."""
        return self.status == self.Status.ENDED


class RejectedWave(models.Model):
    """Complaints that somebody said have not one cause: they are not proposed together again."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    spot = models.CharField(_("地点"), max_length=120)
    cause = models.CharField(_("分类"), max_length=40)
    complaints = ArrayField(models.BigIntegerField())
    rejected_at = models.DateTimeField()
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["project", "-rejected_at"], name="rejectedwave_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.spot} {self.cause}"
