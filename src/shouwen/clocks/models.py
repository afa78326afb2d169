"""Tables of the clocks: versions of regulation and calendar, clock rows, heartbeats, outages."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class StoredRegulation(models.Model):
    """One version of the regulation with the company's own house rules; never changed.

    `in_force_from` is the first local day it applies to; `known_since` the moment from which
    complaints are judged by it at all, so that a version written later alters no verdict.
    """

    identifier = models.CharField(_("规定"), max_length=40)
    in_force_from = models.DateField(_("施行日期"))
    text = models.TextField(_("条文规则"))
    house_text = models.TextField(_("内规"), blank=True)
    sha256 = models.CharField("SHA-256", max_length=64)
    shipped_sha256 = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("记录时间"))
    known_since = models.DateTimeField(_("启用时间"))

    class Meta:
        verbose_name = _("规定版本")
        verbose_name_plural = _("规定版本")
        constraints = [
            models.UniqueConstraint(
                fields=["in_force_from", "known_since"], name="clocks_regulation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.identifier} · {self.sha256[:12]}"


class StoredCalendar(models.Model):
    """One version of the working days: which days, and known since when; never changed."""

    known_since = models.DateTimeField(_("得知时间"), unique=True)
    days = models.JSONField(_("日子"))
    overrides = models.JSONField(_("本公司安排"), default=dict)
    sha256 = models.CharField("SHA-256", max_length=64)
    source = models.CharField(_("来源"), max_length=200)

    class Meta:
        verbose_name = _("日历版本")
        verbose_name_plural = _("日历版本")

    def __str__(self) -> str:
        return f"{self.source} · {self.sha256[:12]}"


class ClockRow(models.Model):
    """A clock of a subject: a projection of its ledger, and what was fired about it.

    A row that has ended (met, breached or void) is never changed: its verdict stands, with the
    versions of regulation and calendar it was given under.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("计时中")
        MET = "met", _("按时")
        BREACHED = "breached", _("超时")
        VOID = "void", _("不计")

    subject_type = models.CharField(_("对象类型"), max_length=40, db_collation="C")
    subject_id = models.BigIntegerField(_("对象编号"))
    project_id = models.BigIntegerField(_("项目编号"))
    rule = models.CharField(_("规则"), max_length=40)
    article = models.CharField(_("条款"), max_length=10, blank=True)
    key = models.CharField(_("部门"), max_length=80, blank=True)
    started_by = models.IntegerField(_("起算记录"))
    ordinal = models.PositiveSmallIntegerField(_("同源次序"), default=0)
    holder = models.CharField(_("责任岗位"), max_length=40)
    department = models.CharField(_("责任部门"), max_length=80, blank=True)
    person_id = models.BigIntegerField(_("责任人"), null=True)
    barred_id = models.BigIntegerField(_("回避人"), null=True)
    claimed_by_id = models.BigIntegerField(_("领办人"), null=True)
    started_at = models.DateTimeField(_("起算时间"))
    due_at = models.DateTimeField(_("到期时间"))
    due_known_at = models.DateTimeField(_("到期时间得知于"))
    stopped_at = models.DateTimeField(_("停止时间"), null=True)
    ended_by = models.IntegerField(_("终止记录"), null=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices)
    regulation = models.ForeignKey(StoredRegulation, models.PROTECT, related_name="+")
    calendar = models.ForeignKey(StoredCalendar, models.PROTECT, related_name="+")
    fired = ArrayField(models.CharField(max_length=60), default=list, verbose_name=_("已发出"))
    next_fire_at = models.DateTimeField(_("下次触发"), null=True)

    class Meta:
        verbose_name = _("时限")
        verbose_name_plural = _("时限")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_type", "subject_id", "rule", "key", "started_by", "ordinal"],
                name="clocks_row_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["next_fire_at"],
                condition=Q(next_fire_at__isnull=False),
                name="clocks_row_next_fire",
            ),
            models.Index(
                fields=["holder", "department", "project_id", "due_at"],
                condition=Q(state="running"),
                name="clocks_row_held",
            ),
            models.Index(
                fields=["person_id", "due_at"],
                condition=Q(state="running", person_id__isnull=False),
                name="clocks_row_person",
            ),
            models.Index(
                fields=["barred_id", "due_at"],
                condition=Q(state="running", barred_id__isnull=False),
                name="clocks_row_barred",
            ),
            models.Index(
                fields=["claimed_by_id", "due_at"],
                condition=Q(state="running", claimed_by_id__isnull=False),
                name="clocks_row_claimed",
            ),
            models.Index(
                fields=["calendar", "id"],
                condition=Q(state="running"),
                name="clocks_row_calendar",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type} {self.subject_id} {self.rule} {self.key}".rstrip()


class HeartBeat(models.Model):
    """A timekeeper's sign of life, and when it looks at the clocks next."""

    name = models.CharField(_("名称"), max_length=120, unique=True)
    started_at = models.DateTimeField(_("启动时间"))
    beat_at = models.DateTimeField(_("最近心跳"))
    next_look_at = models.DateTimeField(_("下次查看"))
    stopped_at = models.DateTimeField(_("停止时间"), null=True)

    class Meta:
        verbose_name = _("心跳")
        verbose_name_plural = _("心跳")

    def __str__(self) -> str:
        return self.name


class Outage(models.Model):
    """A time in which no timekeeper looked at the clocks."""

    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"))

    class Meta:
        verbose_name = _("计时中断")
        verbose_name_plural = _("计时中断")
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=models.F("since")), name="clocks_outage_lasts"
            )
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M:%S} – {self.until:%Y-%m-%d %H:%M:%S}"
