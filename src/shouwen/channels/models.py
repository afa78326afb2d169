"""Files being brought in through the browser: the file, its mapping, and what became of it.

The files hold personal data and lie closed to others under the home's ``var/imports``; they go
seven days after they were last used. The rows stay: they say which file a complaint came from.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.channels.mapping import File, Mapping, parsed
from shouwen.organization.models import Project

__all__ = ["ImportFile", "ImportRun", "IncomingMail", "KeptMapping", "Mailbox"]


def _folder() -> Path:
    return Path(settings.SHOUWEN_HOME) / "var" / "imports"


class ImportFile(models.Model):
    """A file that somebody uploaded to bring it in. `mapping` is empty until it is complete."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "XLSX"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    name = models.CharField(_("文件名"), max_length=200)
    kind = models.CharField(max_length=4, choices=Kind.choices)
    size = models.BigIntegerField(_("字节数"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(_("上传时间"))
    reading = models.JSONField(default=dict)
    mapping = models.TextField(blank=True)
    continues = models.ForeignKey("self", models.SET_NULL, related_name="mended", null=True)
    removed_at = models.DateTimeField(_("文件删除时间"), null=True)

    class Meta:
        verbose_name = _("导入文件")
        verbose_name_plural = _("导入文件")
        indexes = [models.Index(fields=["project", "-uploaded_at"], name="channels_import_newest")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return _folder() / f"{self.id}.{self.kind}"

    @property
    def how(self) -> File:
        """How the file is written."""
        return File.model_validate(self.reading)

    @property
    def mapped(self) -> Mapping | None:
        """Its mapping, once it is complete."""
        return parsed(self.mapping, self.name) if self.mapping else None


def no_counts() -> dict[str, Any]:
    """Nothing has been counted yet."""
    return {}


class ImportRun(models.Model):
    """A file gone through by a job: to see what would come (`dry_run`), or to bring it in.

    `counts` are those of `importing.Counts`; `reasons` how many rows were rejected by field and
    code; `unknown` the values by field that the mapping does not know.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("等待开始")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未完成")
        CANCELLED = "cancelled", _("已停止")

    UNDER_WAY = (State.WAITING, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file = models.ForeignKey(ImportFile, models.PROTECT, related_name="runs")
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    dry_run = models.BooleanField(_("试运行"))
    language = models.CharField(max_length=10)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(_("请求时间"))
    finished_at = models.DateTimeField(_("完成时间"), null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)
    counts = models.JSONField(default=no_counts)
    reasons = models.JSONField(default=no_counts)
    unknown = models.JSONField(default=no_counts)
    problem = models.TextField(_("未完成的原因"), blank=True)

    class Meta:
        verbose_name = _("导入")
        verbose_name_plural = _("导入")
        indexes = [models.Index(fields=["file", "-asked_at"], name="channels_run_newest")]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def under_way(self) -> bool:
        """Waiting for the worker, or at work."""
        return self.state in self.UNDER_WAY

    @property
    def rejected_path(self) -> Path:
        """Where the file of the rejected rows lies."""
        return _folder() / f"{self.id}.rejected.{self.file.kind}"


class KeptMapping(models.Model):
    """A mapping kept under a name, for the next file of the same system."""

    name = models.CharField(_("名称"), max_length=60, unique=True)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    kept_at = models.DateTimeField()

    class Meta:
        verbose_name = _("导入对照")
        verbose_name_plural = _("导入对照")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
