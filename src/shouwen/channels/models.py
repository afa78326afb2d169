"""Tables of the ways in: files being brought in, what the portal held back, Open311, outside hotlines.

Uploaded files hold personal data and lie closed to others under the home's ``var/imports``; they go
seven days after they were last used. The rows stay: they say which file a complaint came from.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shouwen.channels.calls import Call, CallEvent, Extension, TelephoneLine
from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.channels.mapping import File, Mapping, parsed
from shouwen.channels.wechat.models import WechatAccount, WechatFollower, WechatMessage
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Project
from shouwen.records.fields import EncryptedTextField

__all__ = [
    "ArrivalCount",
    "Call",
    "CallEvent",
    "Extension",
    "HeldArrival",
    "Hotline",
    "HotlineReply",
    "ImportFile",
    "ImportRun",
    "IncomingMail",
    "KeptMapping",
    "Mailbox",
    "Open311Door",
    "Open311Request",
    "TelephoneLine",
    "WechatAccount",
    "WechatFollower",
    "WechatMessage",
    "no_counts",
]


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


class Open311Door(models.Model):
    """That a project takes and tells requests by Open311; closed where there is no row."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="+", primary_key=True)
    opened_at = models.DateTimeField(_("开放时间"))

    class Meta:
        verbose_name = _("Open311 接口")
        verbose_name_plural = _("Open311 接口")

    def __str__(self) -> str:
        return f"{self.project_id}"


class Open311Request(models.Model):
    """What a client said by Open311 that a complaint's record has no place for.

    Only complaints with such a row are told by Open311. Where it is stands as the client gave it.
    """

    complaint = models.OneToOneField(
        Complaint, models.CASCADE, related_name="open311", primary_key=True
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    requested_at = models.DateTimeField()
    service = models.CharField(max_length=40)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    address = models.CharField(max_length=200, blank=True)
    media_url = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["project", "-requested_at", "-complaint"], name="open311_newest")
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id}"


class Hotline(models.Model):
    """An outside hotline that passes orders on to a project, and takes our replies (docs/hotlines.md).

    `secret` signs both ways. Without a `reply_url` replies are carried over by hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    name = models.CharField(_("热线"), max_length=40, default="12345")
    secret = EncryptedTextField(_("签名密钥"))
    reply_url = models.CharField(_("回复地址"), max_length=500, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)
    heard_at = models.DateTimeField(_("最近来单"), null=True)

    class Meta:
        verbose_name = _("外部热线")
        verbose_name_plural = _("外部热线")
        ordering = ["project", "name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="hotline_once_in_a_project")
        ]

    def __str__(self) -> str:
        return self.name


class HotlineReply(models.Model):
    """A reply on its way to a hotline: which entry of the complaint's ledger, and how far it is."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待送出")
        SENT = "sent", _("已送达热线")
        FAILED = "failed", _("没有送到")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="hotline_replies")
    hotline = models.ForeignKey(Hotline, models.CASCADE, related_name="replies")
    entry = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint", "entry"], name="one_reply_an_entry")
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.entry} {self.state}"


class HeldArrival(models.Model):
    """What somebody sent by the portal and was not let in at once (`held.py`): what, when and why.

    Encrypted; emptied as soon as it has been decided.
    """

    class Why(models.TextChoices):
        MANY = "many", _("短时间内来自同一处的太多")
        MACHINE = "machine", _("像是程序自动填写的")

    class State(models.TextChoices):
        WAITING = "waiting", _("待查看")
        RELEASED = "released", _("已放行")
        DISCARDED = "discarded", _("已不受理")

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    key = models.CharField(max_length=160)
    why = models.CharField(_("为什么待查看"), max_length=10, choices=Why.choices)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    payload = EncryptedTextField(blank=True)
    telephone_index = models.CharField(max_length=64, blank=True, db_index=True)
    arrived_at = models.DateTimeField(_("收到时间"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    decided_at = models.DateTimeField(_("处理时间"), null=True)
    reason = EncryptedTextField(_("不受理的原因"), blank=True)
    complaint = models.ForeignKey(
        "complaints.Complaint", models.SET_NULL, related_name="+", null=True
    )

    class Meta:
        verbose_name = _("待查看的来件")
        verbose_name_plural = _("待查看的来件")
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="held_once_a_key"),
        ]
        indexes = [
            models.Index(fields=["project", "state", "arrived_at"], name="channels_held_waiting")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ArrivalCount(models.Model):
    """How many arrivals a keyed hash of a sender has had in a window of time (`counting.py`)."""

    who = models.CharField(max_length=64)
    begins = models.DateTimeField(db_index=True)
    number = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["who", "begins"], name="one_count_a_window"),
        ]

    def __str__(self) -> str:
        return str(self.number)
