"""Escalation as it is stored: policies, what is running until somebody answers, and each hop."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.words import Severity


class Policy(models.Model):
    """Who is called after whom while nobody answers: for one severity of one project.

    Without a project it is the company's. `steps` is a list of {"position", "whole", "after"}: after
    so many seconds from the first alert whoever is on duty in the position, or with `whole` everybody
    who holds it. `act_within`: seconds in which an acknowledgement must be followed by an act.
    """

    project = models.ForeignKey(
        "organization.Project", models.CASCADE, related_name="+", null=True, verbose_name=_("项目")
    )
    severity = models.CharField(_("紧急程度"), max_length=16, choices=Severity.choices)
    steps = models.JSONField(_("顺序"))
    act_within = models.PositiveIntegerField(_("确认后多久要有处置"), default=300)
    changed_at = models.DateTimeField(_("修改时间"), auto_now=True)

    class Meta:
        verbose_name = _("升级顺序")
        verbose_name_plural = _("升级顺序")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "severity"], name="policy_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.severity}"


class Rehearsal(models.Model):
    """Tonight's escalation tried out with the people really on the roster: nothing has happened."""

    project = models.ForeignKey("organization.Project", models.PROTECT, related_name="+")
    severity = models.CharField(_("紧急程度"), max_length=16, choices=Severity.choices)
    as_at = models.DateTimeField(_("按何时的值班表"))
    started_at = models.DateTimeField(_("开始"))
    started_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", null=True, verbose_name=_("发起人")
    )

    class Meta:
        verbose_name = _("演练")
        verbose_name_plural = _("演练")
        indexes = [models.Index(fields=["project", "-started_at"], name="rehearsal_newest")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.started_at:%Y-%m-%d %H:%M}"


class Escalation(models.Model):
    """A grave matter that somebody must answer: who was called so far, and when the next is.

    `stage` is the rule whose clock asks for the act; `route` the hops still to come when it began,
    each {"position", "whole", "after"} with `after` counted from `started_at`. Starting, stopping
    and calling change no clock: only what people do stands in the complaint's ledger.
    """

    class State(models.TextChoices):
        CALLING = "calling", _("正在通知")
        ACKNOWLEDGED = "acknowledged", _("有人确认，等待处置")
        OVER = "over", _("已结束")

    class Disposition(models.TextChoices):
        TAKEN = "taken", _("接手处置")
        PASSED_UP = "passed_up", _("上报")
        DOWNGRADED = "downgraded", _("不是紧急情况")
        ACTED = "acted", _("已有处置")
        ENDED = "ended", _("投诉已结束")

    complaint = models.ForeignKey(
        "complaints.Complaint", models.PROTECT, related_name="escalations", null=True
    )
    project = models.ForeignKey("organization.Project", models.PROTECT, related_name="+")
    rehearsal = models.ForeignKey(Rehearsal, models.PROTECT, related_name="escalations", null=True)
    stage = models.CharField(_("规则"), max_length=40)
    severity = models.CharField(_("紧急程度"), max_length=16, choices=Severity.choices)
    cause = models.CharField(_("同因"), max_length=80, blank=True)
    joined_to = models.ForeignKey("self", models.PROTECT, related_name="joined", null=True)
    started_by = models.IntegerField(_("起始记录"))
    started_at = models.DateTimeField(_("开始"))
    due_at = models.DateTimeField(_("到期时间"), null=True)
    route = models.JSONField(_("顺序"))
    act_within = models.PositiveIntegerField(default=300)
    index = models.PositiveSmallIntegerField(_("下一个"), default=0)
    rounds = models.PositiveSmallIntegerField(_("第几遍"), default=0)
    state = models.CharField(max_length=12, choices=State.choices, default=State.CALLING)
    next_at = models.DateTimeField(_("下一次"), null=True)
    acknowledged_at = models.DateTimeField(_("确认时间"), null=True)
    acknowledged_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", null=True
    )
    disposition = models.CharField(max_length=12, choices=Disposition.choices, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True)

    class Meta:
        verbose_name = _("升级通知")
        verbose_name_plural = _("升级通知")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "stage", "started_by"],
                name="escalation_once",
                condition=Q(complaint__isnull=False),
            )
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="escalation_next"
            ),
            models.Index(fields=["complaint"], condition=~Q(state="over"), name="escalation_open"),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.stage} {self.state}"


class Hop(models.Model):
    """One call of an escalation: whom it reached, when it was due and when it was made.

    `ordinal` counts on through all rounds, so that no hop is made twice, whoever makes it.
    """

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="hops")
    ordinal = models.PositiveSmallIntegerField(_("次序"))
    position = models.CharField(_("岗位"), max_length=40)
    found_at = models.CharField(_("实际由谁"), max_length=40, blank=True)
    persons = models.JSONField(_("通知了谁"), default=list)
    reasons = models.JSONField(_("原因"), default=list)
    due_at = models.DateTimeField(_("应在"))
    made_at = models.DateTimeField(_("实在"))
    passed = models.BooleanField(_("无人值班，直接转下一级"), default=False)

    class Meta:
        verbose_name = _("升级的一步")
        verbose_name_plural = _("升级的各步")
        ordering = ["escalation", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["escalation", "ordinal"], name="hop_once")]

    def __str__(self) -> str:
        return f"{self.escalation_id} {self.ordinal} {self.position}"
