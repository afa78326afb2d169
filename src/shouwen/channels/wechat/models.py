"""Official accounts, who writes to them, and each message with the reply that it was given."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from shouwen.organization.models import Project
from shouwen.records.fields import EncryptedTextField


class WechatAccount(models.Model):
    """An official account of a project. Its secrets are encrypted and never shown again.

    `address` is the unguessable part of the URL that the vendor calls.
    """

    class Mode(models.TextChoices):
        PLAIN = "plain", _("明文模式")
        COMPATIBLE = "compatible", _("兼容模式")
        SAFE = "safe", pgettext_lazy("wechat", "安全模式")

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    name = models.CharField(_("公众号名称"), max_length=60)
    app_id = models.CharField("AppID", max_length=64)
    secret = EncryptedTextField("AppSecret", blank=True)
    token = EncryptedTextField("Token")
    aes_key = EncryptedTextField("EncodingAESKey", blank=True)
    mode = models.CharField(
        _("消息加解密方式"), max_length=12, choices=Mode.choices, default=Mode.SAFE
    )
    address = models.CharField(max_length=40, unique=True)
    is_active = models.BooleanField(_("在用"), default=True)
    last_heard_at = models.DateTimeField(_("最近收到消息"), null=True)
    last_problem = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("微信公众号")
        verbose_name_plural = _("微信公众号")
        ordering = ["project__code", "name", "pk"]

    def __str__(self) -> str:
        return self.name


class WechatFollower(models.Model):
    """Somebody who writes to an account: the vendor's name for them, encrypted, and what they told.

    `heard_at` is when they last wrote; `complaint` the last that they began.
    """

    account = models.ForeignKey(WechatAccount, models.PROTECT, related_name="followers")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    openid = EncryptedTextField()
    openid_index = models.CharField(max_length=64)
    telephone = EncryptedTextField(blank=True)
    telephone_index = models.CharField(max_length=64, blank=True, db_index=True)
    complaint = models.ForeignKey(
        "complaints.Complaint", models.SET_NULL, related_name="+", null=True
    )
    heard_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("微信用户")
        verbose_name_plural = _("微信用户")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "openid_index"], name="wechat_follower_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class WechatMessage(models.Model):
    """A message as it was answered: sent again it is given the same reply and does nothing more.

    `media` says where its picture or voice is to be fetched from, until that is done.
    """

    class Media(models.TextChoices):
        NONE = "none", _("没有附件")
        WAITING = "waiting", _("待取")
        FETCHED = "fetched", _("已取")
        FAILED = "failed", _("取不到")

    follower = models.ForeignKey(WechatFollower, models.CASCADE, related_name="messages")
    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    complaint = models.ForeignKey(
        "complaints.Complaint", models.SET_NULL, related_name="+", null=True
    )
    reply = EncryptedTextField(blank=True)
    arrived_at = models.DateTimeField()
    media = models.CharField(max_length=8, choices=Media.choices, default=Media.NONE)
    media_id = EncryptedTextField(blank=True)
    picture = EncryptedTextField(blank=True)

    class Meta:
        verbose_name = _("微信消息")
        verbose_name_plural = _("微信消息")
        constraints = [
            models.UniqueConstraint(fields=["follower", "key"], name="wechat_message_once"),
        ]
        indexes = [models.Index(fields=["arrived_at"], name="channels_wechat_oldest")]

    def __str__(self) -> str:
        return str(self.pk)
