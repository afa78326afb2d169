"""What people keep on the staff pages for themselves: views of lists, columns, exports."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.organization.models import Project


def no_columns() -> list[str]:
    """None chosen: the columns that the list has by itself."""
    return []


class SavedView(models.Model):
    """What a list was asked for, kept under a name: one person's, or shared with a project."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    project = models.ForeignKey(
        Project, models.CASCADE, related_name="saved_views", null=True, verbose_name=_("共享给项目")
    )
    list = models.CharField(max_length=40)
    name = models.CharField(_("名称"), max_length=40)
    query = models.TextField()

    class Meta:
        verbose_name = _("常用筛选")
        verbose_name_plural = _("常用筛选")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["staff", "list", "name"], name="desk_view_once")
        ]

    def __str__(self) -> str:
        return self.name


class ListColumns(models.Model):
    """The columns that somebody chose for a list, in their order."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    list = models.CharField(max_length=40)
    columns = models.JSONField(default=no_columns)

    class Meta:
        verbose_name = _("列表显示的列")
        verbose_name_plural = _("列表显示的列")
        constraints = [models.UniqueConstraint(fields=["staff", "list"], name="desk_columns_once")]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.list}"


class Export(models.Model):
    """A list written to a file by a job: what was asked for, how far it is, and the file.

    The file is for whoever asked alone, and is removed a day after it was made. The row stays for
    a year: who exported when, what was asked for, how many rows, and the file's SHA-256.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待开始")
        RUNNING = "running", _("正在导出")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")
        CANCELLED = "cancelled", _("已取消")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    class Format(models.TextChoices):
        XLSX = "xlsx", _("Excel 表")
        CSV = "csv", "CSV"
        REGISTER = "register", _("投诉台账（检查格式）")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports")
    list = models.CharField(max_length=40)
    query = models.TextField(blank=True)
    scope = models.TextField(blank=True)
    columns = models.JSONField(default=no_columns)
    format = models.CharField(_("格式"), max_length=10, choices=Format.choices)
    language = models.CharField(max_length=10)
    timezone = models.CharField(max_length=64, default="UTC")
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(_("请求时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    done = models.PositiveIntegerField(_("已写行数"), default=0)
    total = models.PositiveIntegerField(_("总行数"), null=True)
    size = models.BigIntegerField(_("字节数"), null=True)
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    problem = models.CharField(_("未完成的原因"), max_length=200, blank=True)
    removed_at = models.DateTimeField(_("文件删除时间"), null=True)

    class Meta:
        verbose_name = _("导出")
        verbose_name_plural = _("导出")
        indexes = [models.Index(fields=["staff", "-asked_at"], name="desk_export_mine")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(finished_at__isnull=False), name="desk_export_ends"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def under_way(self) -> bool:
        """Waiting for the worker, or being written."""
        return self.state in self.UNDER_WAY

    @property
    def ready(self) -> bool:
        """The file is there."""
        return self.state == self.State.DONE and self.removed_at is None

    @property
    def path(self) -> Path:
        """Where the file lies once the export is done."""
        suffix = "csv" if self.format == self.Format.CSV else "xlsx"
        return Path(settings.SHOUWEN_HOME) / "var" / "exports" / f"{self.id}.{suffix}"
