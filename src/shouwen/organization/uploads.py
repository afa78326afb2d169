"""A workbook with staff, homes or customers, uploaded to be tried and then brought in."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def nothing() -> dict[str, Any]:
    """Nothing has been counted yet."""
    return {}


class Upload(models.Model):
    """A workbook: the file lies closed to others until it is brought in, at most seven days.

    `counts` are by sheet: rows that are new, changed, the same, wrong. `wrong` are the first wrong
    rows by sheet, line and reason, without what stands in them.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待检查")
        CHECKING = "checking", _("正在检查")
        CHECKED = "checked", _("已检查，还没有写入")
        ASKED = "asked", _("等待导入")
        WRITING = "writing", _("正在导入")
        DONE = "done", _("已导入")
        FAILED = "failed", _("未完成")

    UNDER_WAY = (State.WAITING, State.CHECKING, State.ASKED, State.WRITING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(_("文件名"), max_length=200)
    language = models.CharField(max_length=10)
    uploaded_at = models.DateTimeField(_("上传时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(_("总行数"), default=0)
    done = models.PositiveIntegerField(_("已看行数"), default=0)
    counts = models.JSONField(default=nothing)
    wrong = models.JSONField(default=list)
    problem = models.CharField(_("未完成的原因"), max_length=200, blank=True)
    removed_at = models.DateTimeField(_("文件删除时间"), null=True)

    class Meta:
        verbose_name = _("组织资料导入")
        verbose_name_plural = _("组织资料导入")
        ordering = ["-uploaded_at"]
        indexes = [models.Index(fields=["staff", "-uploaded_at"], name="organization_upload_mine")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def under_way(self) -> bool:
        """Waiting for the worker, or at work."""
        return self.state in self.UNDER_WAY

    @property
    def path(self) -> Path:
        """Where the workbook lies."""
        return Path(settings.SHOUWEN_HOME) / "var" / "organization" / f"{self.id}.xlsx"

    @property
    def wrong_path(self) -> Path:
        """Where the wrong rows lie, to be mended."""
        return self.path.with_suffix(".wrong.xlsx")
