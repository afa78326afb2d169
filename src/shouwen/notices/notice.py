"""What somebody must be told, by which channel it went, and the short-lived links that lead to it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwen.notices.urgency import Urgency


class Notice(models.Model):
    """That one person must know one thing: who, what, why, and what to do next.

    One for each person and `matter`, however many rules fire at once: what comes again is counted in
    `times`. Its words are made of `kind` and `facts` when somebody reads it, in their language;
    nothing that somebody said is kept here.
    """

    person = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="notices", verbose_name=_("员工")
    )
    project = models.ForeignKey(
        "organization.Project",
        models.PROTECT,
        related_name="+",
        null=True,
        verbose_name=_("项目"),
    )
    complaint = models.ForeignKey(
        "complaints.Complaint",
        models.PROTECT,
        related_name="notices",
        null=True,
        verbose_name=_("投诉"),
    )
    matter = models.CharField(_("事由"), max_length=120)
    kind = models.CharField(_("种类"), max_length=40)
    rule = models.CharField(_("规则"), max_length=40, blank=True)
    article = models.CharField(_("条款"), max_length=10, blank=True)
    urgency = models.CharField(_("缓急"), max_length=12, choices=Urgency.choices)
    step = models.CharField(_("下一步"), max_length=40, blank=True)
    address = models.CharField(_("页面"), max_length=200, blank=True)
    entry_number = models.IntegerField(_("记录序号"), null=True)
    due_at = models.DateTimeField(_("到期时间"), null=True)
    facts = models.JSONField(_("内容"), default=dict)
    times = models.PositiveIntegerField(_("次数"), default=1)
    made_at = models.DateTimeField(_("发出时间"))
    again_at = models.DateTimeField(_("最近一次"))
    shown_at = models.DateTimeField(_("站内送达"), null=True)
    opened_at = models.DateTimeField(_("打开"), null=True)
    read_at = models.DateTimeField(_("已读"), null=True)
    acknowledged_at = models.DateTimeField(_("确认"), null=True)
    escalation = models.ForeignKey(
        "notices.Escalation", models.PROTECT, related_name="notices", null=True
    )
    rehearsal = models.BooleanField(_("演练"), default=False)

    class Meta:
        verbose_name = _("通知")
        verbose_name_plural = _("通知")
        constraints = [
            models.UniqueConstraint(fields=["person", "matter"], name="notice_once_a_matter")
        ]
        indexes = [
            models.Index(fields=["person", "-again_at", "-id"], name="notice_newest"),
            models.Index(
                fields=["person", "-again_at", "-id"],
                condition=Q(read_at=None),
                name="notice_unread",
            ),
            models.Index(fields=["person"], condition=Q(shown_at=None), name="notice_unshown"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Envelope(models.Model):
    """One message to one address: what is to be told by it lies in its deliveries.

    Sending is at least once: who is killed between the other side's answer and the commit sends again.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("排队")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("没有送到")

    person = models.ForeignKey("organization.Staff", models.PROTECT, related_name="+")
    #: The id of the address; the address itself may be removed, what was sent to it stays.
    address_id = models.BigIntegerField(_("地址"), null=True)
    channel = models.CharField(_("渠道"), max_length=20)
    urgency = models.CharField(_("缓急"), max_length=12, choices=Urgency.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    made_at = models.DateTimeField(_("排队时间"))
    tried_at = models.DateTimeField(_("最近一次尝试"), null=True)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    error = models.CharField(_("失败原因"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("消息")
        verbose_name_plural = _("消息")
        indexes = [
            models.Index(
                fields=["person", "channel", "address_id", "-made_at"], name="envelope_last"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk} {self.state}"


class Delivery(models.Model):
    """That a notice goes to one of its person's addresses, when, and how that went."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待发")
        QUEUED = "queued", _("排队")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("没有送到")
        DROPPED = "dropped", _("不必再发")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    person = models.ForeignKey("organization.Staff", models.PROTECT, related_name="+")
    channel = models.CharField(_("渠道"), max_length=20)
    address_id = models.BigIntegerField(_("地址"), null=True)
    urgency = models.CharField(_("缓急"), max_length=12, choices=Urgency.choices)
    digest = models.BooleanField(_("汇总"), default=False)
    #: Which time the notice came up: a matter that comes again is sent again.
    nth = models.PositiveIntegerField(_("第几次"), default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    send_at = models.DateTimeField(_("何时发"))
    held = models.BooleanField(_("合并等候"), default=False)
    envelope = models.ForeignKey(Envelope, models.PROTECT, related_name="deliveries", null=True)
    sent_at = models.DateTimeField(_("发出时间"), null=True)
    error = models.CharField(_("失败原因"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("投递")
        verbose_name_plural = _("投递")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "channel", "address_id", "nth"],
                name="delivery_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["send_at"], condition=Q(state="waiting"), name="delivery_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.pk} {self.state}"


class Pass(models.Model):
    """A link by which one person may act on one notice without signing in again: once, and soon.

    Only its hash is kept. Opening it uses nothing up; the first act does.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="passes")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("发出时间"))
    until = models.DateTimeField(_("有效至"))
    used_at = models.DateTimeField(_("使用时间"), null=True)

    class Meta:
        verbose_name = _("免登录链接")
        verbose_name_plural = _("免登录链接")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="pass_ends_later")
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.pk}"
