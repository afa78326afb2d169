"""A written report as it was saved: every version stays."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReportVersion(models.Model):
    """One saved version of a complaint's report to the company or to the board.

    `sections` are its texts by the names of `drawing.SECTIONS`; `drawn_to` is the entry of the ledger
    up to which the drawn ones were drawn, in `language`. `entry_number` and `attachment_id` are the
    filing's, where this version was filed. Erased with its complaint [PIPL art. 47]: the texts go,
    who saved it when stays.
    """

    class Level(models.TextChoices):
        COMPANY = "company", _("报公司主管领导")
        BOARD = "board", _("报董事领导")

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="reports", verbose_name=_("投诉")
    )
    level = models.CharField(_("报告"), max_length=10, choices=Level.choices)
    number = models.PositiveIntegerField(_("版本"))
    author = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", verbose_name=_("保存人")
    )
    saved_at = models.DateTimeField(_("保存时间"))
    language = models.CharField(_("语言"), max_length=10)
    drawn_to = models.IntegerField(_("台账截至"))
    sections = models.JSONField(_("内容"), default=dict)
    entry_number = models.IntegerField(_("记录序号"), null=True)
    attachment_id = models.UUIDField(_("附件"), null=True)
    erased_at = models.DateTimeField(_("删除时间"), null=True)

    class Meta:
        verbose_name = _("书面报告")
        verbose_name_plural = _("书面报告")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "level", "number"], name="report_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.level} {self.number}"

    @property
    def filed(self) -> bool:
        """Whether this version was filed."""
        return self.entry_number is not None
