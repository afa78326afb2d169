"""What is kept of e-mail: a project's mailboxes, and every message that came with what became of it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.notices.address import Outcome
from shouwen.organization.models import Project
from shouwen.records.fields import EncryptedTextField


def folder() -> Path:
    """Where raw messages lie, by the first two digits of their id."""
    return Path(settings.SHOUWEN_HOME) / "var" / "mail"


class Mailbox(Outcome):
    """A mailbox to which customers of a project write; how fetching went last is in `Outcome`.

    Messages that the server received before `begins_on` are left alone. `uid_validity` and
    `last_uid` say how far it is read; `next_look_at` when a worker looks next, or until when one is
    at it. `retry_uid` is a message that could not be fetched `retry_times` times.
    """

    class Security(models.TextChoices):
        TLS = "tls", "TLS"
        STARTTLS = "starttls", "STARTTLS"
        NONE = "none", _("不加密（仅限内网）")

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    address = models.EmailField(_("邮箱地址"))
    host = models.CharField(_("IMAP 服务器"), max_length=200)
    port = models.PositiveIntegerField(
        _("端口"), default=993, validators=[MinValueValidator(1), MaxValueValidator(65_535)]
    )
    security = models.CharField(
        _("加密"), max_length=10, choices=Security.choices, default=Security.TLS
    )
    user = models.CharField(_("用户名"), max_length=200)
    password = EncryptedTextField(_("密码或授权码"))
    folder = models.CharField(_("文件夹"), max_length=200, default="INBOX")
    reply_from = models.EmailField(_("回信用的发件地址"), blank=True)
    begins_on = models.DateField(_("从哪天收到的邮件起"))
    is_active = models.BooleanField(_("启用"), default=True)
    uid_validity = models.BigIntegerField(null=True, editable=False)
    last_uid = models.BigIntegerField(default=0, editable=False)
    retry_uid = models.BigIntegerField(default=0, editable=False)
    retry_times = models.PositiveSmallIntegerField(default=0, editable=False)
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    next_look_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("收件邮箱")
        verbose_name_plural = _("收件邮箱")
        ordering = ["project__code", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["host", "user", "folder"], name="mailbox_folder_read_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class IncomingMail(models.Model):
    """One message that came. The raw message lies encrypted at `path` until it is erased.

    `key` is what it is known by (`taking.key_of`), `why` a code of why it was held or ignored
    (`wording.WHYS`). `files_left`: its files are still to be added to the complaint. `receipt` says
    what became of the answer to its sender.
    """

    class State(models.TextChoices):
        COMPLAINT = "complaint", _("已成为投诉")
        JOINED = "joined", _("已并入投诉")
        HELD = "held", _("待人工处理")
        IGNORED = "ignored", _("自动邮件")
        DISCARDED = "discarded", _("不予受理")

    class Receipt(models.TextChoices):
        NONE = "none", _("不发回执")
        WAITING = "waiting", _("回执待发")
        SENT = "sent", _("回执已发出")
        FAILED = "failed", _("回执没有发出")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, related_name="mails")
    key = models.CharField(max_length=64)
    message_id = EncryptedTextField(blank=True)
    message_id_index = models.CharField(max_length=64, blank=True)
    sender = EncryptedTextField(_("发件人"), blank=True)
    sender_name = EncryptedTextField(_("发件人姓名"), blank=True)
    sender_index = models.CharField(max_length=64, blank=True)
    subject = EncryptedTextField(_("主题"), blank=True)
    arrived_at = models.DateTimeField(_("收到时间"))
    fetched_at = models.DateTimeField(_("取回时间"))
    size = models.BigIntegerField(_("字节数"))
    state = models.CharField(_("状态"), max_length=10, choices=State.choices)
    why = models.CharField(max_length=20, blank=True)
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="mails", null=True, verbose_name=_("投诉")
    )
    files_left = models.BooleanField(default=False)
    receipt = models.CharField(
        _("回执"), max_length=10, choices=Receipt.choices, default=Receipt.NONE
    )
    receipt_next_at = models.DateTimeField(null=True)
    receipt_attempts = models.PositiveSmallIntegerField(default=0)
    receipt_at = models.DateTimeField(_("回执时间"), null=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True
    )
    handled_at = models.DateTimeField(_("处理时间"), null=True)
    reason = EncryptedTextField(_("原因"), blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("来信")
        verbose_name_plural = _("来信")
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="mail_taken_once"),
        ]
        indexes = [
            models.Index(fields=["project", "state", "-arrived_at"], name="mail_newest"),
            models.Index(fields=["sender_index", "-fetched_at"], name="mail_sender"),
            models.Index(fields=["message_id_index"], name="mail_message_id"),
            models.Index(
                fields=["fetched_at"],
                condition=Q(files_left=True) | Q(receipt="waiting"),
                name="mail_left_to_do",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def path(self) -> Path:
        """Where the raw message lies."""
        name = str(self.id)
        return folder() / name[:2] / f"{name}.eml"

    @property
    def readable(self) -> bool:
        """Whether the raw message is still there."""
        return self.erased_at is None and self.path.exists()


def held() -> Any:
    """The messages that wait for somebody of the front desk."""
    return IncomingMail.objects.filter(state=IncomingMail.State.HELD)
