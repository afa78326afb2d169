"""What is kept about words to customers: a project's own templates, what it sends by itself, what went."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.notices.customers.templates import Occasion
from shouwen.organization.models import Staff


class CustomerTemplate(models.Model):
    """One version of a project's own template; empty text means: what ships, again.

    Versions are never changed: what was sent names the one it was made of.
    """

    project = models.ForeignKey(
        "organization.Project", models.PROTECT, related_name="+", verbose_name=_("项目")
    )
    occasion = models.CharField(_("场合"), max_length=20, choices=Occasion.choices)
    language = models.CharField(_("语言"), max_length=10, choices=Staff.Language.choices)
    version = models.PositiveIntegerField(_("版本"))
    text = models.TextField(_("内容"), blank=True)
    made_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", verbose_name=_("修改人")
    )
    made_at = models.DateTimeField(_("修改时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("告知客户的模板")
        verbose_name_plural = _("告知客户的模板")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "occasion", "language", "version"],
                name="customer_template_version_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.language} {self.version}"


class CustomerTelling(models.Model):
    """What a project tells its customers by itself, and in which language; without a row nothing."""

    project = models.OneToOneField(
        "organization.Project",
        models.PROTECT,
        primary_key=True,
        related_name="+",
        verbose_name=_("项目"),
    )
    language = models.CharField(
        _("语言"),
        max_length=10,
        choices=Staff.Language.choices,
        default=Staff.Language.SIMPLIFIED,
    )
    received = models.BooleanField(_("已受理"), default=False)
    delayed = models.BooleanField(_("延期"), default=False)
    result = models.BooleanField(_("处理结果"), default=False)

    class Meta:
        verbose_name = _("自动告知客户")
        verbose_name_plural = _("自动告知客户")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class CustomerMessage(models.Model):
    """That a customer is told something by itself: once a matter, and what became of it.

    The words themselves are not kept here: they are made of the ledger up to `entry_number`, and
    what went out stands in the ledger, where it can be erased.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待发")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("没有送到")
        LEFT = "left", _("留给前台告知")

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="customer_messages"
    )
    matter = models.CharField(_("事由"), max_length=40)
    occasion = models.CharField(_("场合"), max_length=20, choices=Occasion.choices)
    language = models.CharField(_("语言"), max_length=10, choices=Staff.Language.choices)
    template = models.ForeignKey(
        CustomerTemplate, models.PROTECT, related_name="+", null=True, verbose_name=_("模板")
    )
    entry_number = models.IntegerField(_("记录序号"))
    send_at = models.DateTimeField(_("何时发"))
    channel = models.CharField(_("渠道"), max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    error = models.CharField(_("失败原因"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("给客户的消息")
        verbose_name_plural = _("给客户的消息")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "matter"], name="customer_message_once_a_matter"
            )
        ]

    def __str__(self) -> str:
        return f"{self.occasion} {self.pk} {self.state}"
