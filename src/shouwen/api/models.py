"""Tables of the API: keys and their use, subscriptions to webhooks and the messages to them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.api.scopes import Scope
from shouwen.organization.models import Project
from shouwen.records.fields import EncryptedTextField


class ApiKey(models.Model):
    """A key by which another system acts as a member of staff, within the key's scopes.

    Of the secret only a digest is kept; `prefix` is its public beginning, by which it is found.
    """

    prefix = models.CharField(_("开头"), max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys", verbose_name=_("代表谁")
    )
    name = models.CharField(_("用途"), max_length=80)
    scopes = ArrayField(
        models.CharField(max_length=40, choices=Scope.choices), verbose_name=_("范围")
    )
    per_minute = models.PositiveIntegerField(_("每分钟请求数"), default=300)
    created_at = models.DateTimeField(_("创建时间"))
    expires_at = models.DateTimeField(_("到期时间"), null=True)
    revoked_at = models.DateTimeField(_("吊销时间"), null=True)

    class Meta:
        verbose_name = _("接口密钥")
        verbose_name_plural = _("接口密钥")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.prefix

    def usable(self, now: datetime) -> bool:
        """Whether it opens anything at that moment: not revoked, not expired, its owner not gone."""
        fresh = self.expires_at is None or now < self.expires_at
        return self.revoked_at is None and fresh and self.owner.is_active


class KeyUse(models.Model):
    """How a key is used: when last, and how often in the running minute."""

    key = models.OneToOneField(ApiKey, models.CASCADE, related_name="use", primary_key=True)
    last_used_at = models.DateTimeField(_("最近使用"))
    minute = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("密钥使用情况")
        verbose_name_plural = _("密钥使用情况")

    def __str__(self) -> str:
        return f"{self.key_id}"


class Subscription(models.Model):
    """Somebody else's address that is told what happens to complaints its owner may see.

    Without kinds all are told; without a project, those of all projects of the owner.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="webhooks", verbose_name=_("代表谁")
    )
    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", null=True, verbose_name=_("项目")
    )
    url = models.URLField(_("地址"), max_length=500)
    kinds = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("事件"))
    secret = EncryptedTextField(_("签名密钥"))
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"))
    replay_after = models.CharField(max_length=60, blank=True)
    replay_until = models.CharField(max_length=60, blank=True)

    class Meta:
        verbose_name = _("推送订阅")
        verbose_name_plural = _("推送订阅")
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return str(self.id)


class Message(models.Model):
    """One event on its way to a subscription; `entry` names what happened in the ledger."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待送")
        DELIVERED = "delivered", _("已送达")
        GIVEN_UP = "given_up", _("未送达，已放弃")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="messages")
    transaction = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    body = models.JSONField(_("内容"))
    replayed = models.BooleanField(_("重放"), default=False)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    next_at = models.DateTimeField(_("下次发送"))
    made_at = models.DateTimeField(_("生成时间"))
    delivered_at = models.DateTimeField(_("送达时间"), null=True)
    answer = models.CharField(_("对方的回答"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("推送消息")
        verbose_name_plural = _("推送消息")
        indexes = [
            models.Index(
                fields=["subscription", "transaction", "entry_id", "id"],
                condition=Q(state="waiting"),
                name="api_message_waiting",
            ),
            models.Index(fields=["subscription", "-made_at", "-id"], name="api_message_newest"),
            models.Index(fields=["made_at"], name="api_message_made"),
        ]

    def __str__(self) -> str:
        return str(self.id)
