"""Where messages go: addresses of persons, departments and projects; the company's gateways; rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.records.fields import EncryptedTextField


class Outcome(models.Model):
    """How sending went last: shown to who keeps the address, and on the channels page."""

    last_ok_at = models.DateTimeField(_("最近一次成功"), null=True, editable=False)
    last_failed_at = models.DateTimeField(_("最近一次失败"), null=True, editable=False)
    last_error = models.CharField(_("失败原因"), max_length=40, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def fails(self) -> bool:
        """Whether the last attempt failed."""
        return self.last_failed_at is not None and (
            self.last_ok_at is None or self.last_ok_at < self.last_failed_at
        )


class Address(Outcome):
    """Where one person, one department or one project is reached, by one channel.

    `target` lies encrypted and is never shown in full again (`targets.masked`). `by_record`: it is
    empty, because the person's own record says it (e-mail, telephone) or nothing need (in-app).
    `reaches_one`: nobody but the owner reads there, so a link in it may act for them.
    """

    class Kind(models.TextChoices):
        IN_APP = "in_app", _("站内")
        EMAIL = "email", _("邮件")
        WECOM = "wecom", _("企业微信")
        DINGTALK = "dingtalk", _("钉钉")
        FEISHU = "feishu", _("飞书")
        WEBHOOK_SMS = "webhook_sms", _("短信")
        WEBHOOK_CALL = "webhook_call", _("电话")
        APPRISE = "apprise", _("其他服务")
        WEB_PUSH = "web_push", _("浏览器推送")

    kind = models.CharField(_("渠道"), max_length=20, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=60, blank=True)
    staff = models.ForeignKey(
        "organization.Staff",
        models.PROTECT,
        related_name="addresses",
        null=True,
        blank=True,
        verbose_name=_("员工"),
    )
    department = models.ForeignKey(
        "organization.Department",
        models.PROTECT,
        related_name="addresses",
        null=True,
        blank=True,
        verbose_name=_("部门"),
    )
    project = models.ForeignKey(
        "organization.Project",
        models.PROTECT,
        related_name="addresses",
        null=True,
        blank=True,
        verbose_name=_("项目"),
    )
    target = EncryptedTextField(_("地址"), blank=True, default="")
    by_record = models.BooleanField(default=False, editable=False)
    reaches_one = models.BooleanField(_("只有本人看得到"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    made_at = models.DateTimeField(_("添加时间"), auto_now_add=True)

    class Meta:
        verbose_name = _("通知地址")
        verbose_name_plural = _("通知地址")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(staff__isnull=False, department=None, project=None)
                | Q(staff=None, department__isnull=False, project=None)
                | Q(staff=None, department=None, project__isnull=False),
                name="address_of_exactly_one",
            ),
            models.UniqueConstraint(
                fields=["staff", "kind"],
                condition=Q(by_record=True),
                name="address_by_the_record_once",
            ),
        ]

    def __str__(self) -> str:
        # The target is personal data or a secret and must not reach a log.
        return f"{self.get_kind_display()} {self.pk}"


class Gateway(Outcome):
    """What the company sends through: its mail server, SMS and voice gateways, WeCom application.

    `settings` is the JSON of the kind's model in `gateways`, encrypted: it holds passwords.
    """

    class Kind(models.TextChoices):
        SMTP = "smtp", _("邮件服务器")
        SMS = "sms", _("短信网关")
        CALL = "call", _("语音网关")
        WECOM_APP = "wecom_app", _("企业微信应用")
        WEB_PUSH = "web_push", _("浏览器推送")

    kind = models.CharField(_("种类"), max_length=20, choices=Kind.choices, unique=True)
    settings = EncryptedTextField(_("设置"), blank=True, default="")
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta:
        verbose_name = _("发送通道")
        verbose_name_plural = _("发送通道")

    def __str__(self) -> str:
        return str(self.get_kind_display())


class OwnRules(models.Model):
    """How one person wants to be told (`preferences.Rules`); without a row: the default."""

    staff = models.OneToOneField(
        "organization.Staff",
        models.CASCADE,
        primary_key=True,
        related_name="notice_rules",
        verbose_name=_("员工"),
    )
    rules = models.JSONField(_("规则"), default=dict)

    class Meta:
        verbose_name = _("个人通知规则")
        verbose_name_plural = _("个人通知规则")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class CompanyFloor(models.Model):
    """What nobody can switch off (`preferences.Floor`): one row for the company."""

    floor = models.JSONField(_("底线"), default=dict)

    class Meta:
        verbose_name = _("公司通知底线")
        verbose_name_plural = _("公司通知底线")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)
