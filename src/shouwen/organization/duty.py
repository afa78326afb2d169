"""The duty roster as it is stored: shifts, who stands in, swaps and hand-overs [C4][A5][P3]."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwen.organization.positions import Position


class Shift(models.Model):
    """One person's turn of duty (值班) in a position, from `starts_at` until before `ends_at`.

    Without a project it is the whole company's. Shifts that one repeating plan made share its
    `series`.
    """

    project = models.ForeignKey(
        "organization.Project",
        models.PROTECT,
        related_name="shifts",
        null=True,
        blank=True,
        verbose_name=_("项目"),
    )
    position = models.CharField(_("岗位"), max_length=40, choices=Position.choices)
    department = models.ForeignKey(
        "organization.Department",
        models.PROTECT,
        related_name="shifts",
        null=True,
        blank=True,
        verbose_name=_("部门"),
    )
    staff = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="shifts", verbose_name=_("员工")
    )
    starts_at = models.DateTimeField(_("上班"))
    ends_at = models.DateTimeField(_("下班"))
    series = models.UUIDField(_("排班"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("班次")
        verbose_name_plural = _("班次")
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_after_it_starts"
            ),
            models.UniqueConstraint(
                fields=["staff", "position", "project", "department", "starts_at"],
                name="shift_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["position", "project", "ends_at"], name="shift_on_duty"),
            models.Index(fields=["staff", "ends_at"], name="shift_of_staff"),
            models.Index(fields=["series"], condition=Q(series__isnull=False), name="shift_series"),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_position_display()} {self.starts_at:%Y-%m-%d %H:%M}"


class Swap(models.Model):
    """A shift that its holder asks a colleague to take, for one of theirs or for none (换班)."""

    class State(models.TextChoices):
        ASKED = "asked", _("等对方答复")
        AGREED = "agreed", _("已换班")
        DECLINED = "declined", _("对方未同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="swaps", verbose_name=_("班次"))
    against = models.ForeignKey(
        Shift, models.CASCADE, related_name="+", null=True, blank=True, verbose_name=_("换来的班次")
    )
    asked_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", verbose_name=_("提出人")
    )
    asked_of = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="swaps_asked", verbose_name=_("接班人")
    )
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_at = models.DateTimeField(_("提出时间"))
    answered_at = models.DateTimeField(_("答复时间"), null=True)

    class Meta:
        verbose_name = _("换班")
        verbose_name_plural = _("换班")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=Q(state="asked"), name="swap_asked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.state}"


class Delegation(models.Model):
    """While somebody is away, a named stand-in acts for them (代理), from `since` until before `until`."""

    person = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="delegations", verbose_name=_("委托人")
    )
    stand_in = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="stands_in", verbose_name=_("代理人")
    )
    since = models.DateTimeField(_("自"))
    until = models.DateTimeField(_("至"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    made_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="+", verbose_name=_("设置人")
    )
    made_at = models.DateTimeField(_("设置时间"))

    class Meta:
        verbose_name = _("代理")
        verbose_name_plural = _("代理")
        ordering = ["-since", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gt=F("since")), name="delegation_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("stand_in")), name="delegation_to_somebody_else"
            ),
        ]
        indexes = [models.Index(fields=["person", "until"], name="delegation_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id} → {self.stand_in_id}"


class Handover(models.Model):
    """The sheet on which a shift is handed over (交接班记录): what is open, signed by both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        "organization.Project", models.PROTECT, related_name="handovers", verbose_name=_("项目")
    )
    position = models.CharField(_("岗位"), max_length=40, choices=Position.choices)
    department = models.ForeignKey(
        "organization.Department",
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("部门"),
    )
    handed_by = models.ForeignKey(
        "organization.Staff", models.PROTECT, related_name="handed_over", verbose_name=_("交班人")
    )
    taken_by = models.ForeignKey(
        "organization.Staff",
        models.PROTECT,
        related_name="taken_over",
        null=True,
        blank=True,
        verbose_name=_("接班人"),
    )
    items = models.JSONField(
        _("未办事项"),
        default=list,
        help_text=_("签字时的未办时限：投诉编号、规则和到期时间"),
    )
    remarks = models.TextField(_("交代事项"), blank=True, max_length=4000)
    handed_at = models.DateTimeField(_("交班签字"))
    taken_at = models.DateTimeField(_("接班签字"), null=True)

    class Meta:
        verbose_name = _("交接班记录")
        verbose_name_plural = _("交接班记录")
        ordering = ["-handed_at"]
        indexes = [
            models.Index(fields=["project", "position", "-handed_at"], name="handover_newest")
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.position} {self.handed_at:%Y-%m-%d %H:%M}"


class ShiftTime(models.Model):
    """A named pair of hours that a project's shifts have (早班、晚班); past midnight where it ends earlier."""

    project = models.ForeignKey(
        "organization.Project", models.CASCADE, related_name="shift_times", verbose_name=_("项目")
    )
    name = models.CharField(_("班次名称"), max_length=20)
    begins = models.TimeField(_("上班"))
    ends = models.TimeField(_("下班"))

    class Meta:
        verbose_name = _("班次时间")
        verbose_name_plural = _("班次时间")
        ordering = ["begins", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="shift_time_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.begins:%H:%M}–{self.ends:%H:%M}"


class CalendarAddress(models.Model):
    """A private address from which a calendar reads shifts without a session, until it is revoked.

    Of one's own shifts, or of a project's roster. Only the digest of its token is kept.
    """

    staff = models.ForeignKey(
        "organization.Staff", models.CASCADE, related_name="calendars", verbose_name=_("员工")
    )
    project = models.ForeignKey(
        "organization.Project",
        models.CASCADE,
        related_name="+",
        null=True,
        blank=True,
        verbose_name=_("项目"),
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("生成时间"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True)

    class Meta:
        verbose_name = _("日历地址")
        verbose_name_plural = _("日历地址")
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.staff_id} {self.made_at:%Y-%m-%d}"
