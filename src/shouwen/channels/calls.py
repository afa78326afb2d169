"""Tables of the telephone: lines of a switchboard, whose extension is whose, and the calls themselves.

A line is a switchboard (PBX) or call centre system (CTI) that tells this installation what happens
on it (`telephony.py`). Numbers and recordings lie encrypted; a number is found by its blind index.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.models import Complaint
from shouwen.organization.models import Customer, Project
from shouwen.records.fields import EncryptedTextField


class TelephoneLine(models.Model):
    """A project's line. `token` is its public name in the address, `secret` signs its events.

    The secret before the last change is good until `previous_until`, so that nothing is lost while
    the switchboard is told the new one. `recordings` is the address below which recordings lie,
    `dial_url` takes the wish to dial a number.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", verbose_name=_("项目"))
    name = models.CharField(_("名称"), max_length=60)
    number = models.CharField(_("线路号码"), max_length=40, blank=True)
    token = models.CharField(max_length=40, unique=True)
    secret = EncryptedTextField(_("签名密钥"))
    previous_secret = EncryptedTextField(blank=True)
    previous_until = models.DateTimeField(null=True)
    recordings = models.URLField(_("录音地址的开头"), max_length=300, blank=True)
    dial_url = models.URLField(_("点击拨号的地址"), max_length=300, blank=True)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"))
    last_event_at = models.DateTimeField(_("最近一次事件"), null=True)

    class Meta:
        verbose_name = _("电话线路")
        verbose_name_plural = _("电话线路")
        ordering = ["project__code", "created_at", "pk"]

    def __str__(self) -> str:
        return self.name

    def secrets(self, now: datetime) -> list[str]:
        """The secrets by which an event may be signed at that moment."""
        old = self.previous_until is not None and now < self.previous_until
        return [self.secret, self.previous_secret] if old else [self.secret]


class Extension(models.Model):
    """Which member of staff sits at which extension of a line."""

    line = models.ForeignKey(TelephoneLine, models.CASCADE, related_name="extensions")
    number = models.CharField(_("分机"), max_length=20)
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("员工")
    )

    class Meta:
        verbose_name = _("分机")
        verbose_name_plural = _("分机")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["line", "number"], name="one_seat_an_extension")
        ]

    def __str__(self) -> str:
        return self.number


class Call(models.Model):
    """One call, in or out, as the line told it; `number` is the other side's, "" where withheld.

    `customer` is the only one in the project who is known by that number. `agent` is the member of staff whose extension rings or answered; without one an incoming call is
    the whole front desk's. `settled_at` of a missed call: nobody has to call back any more.
    """

    class Direction(models.TextChoices):
        IN = "in", _("呼入")
        OUT = "out", _("呼出")

    class State(models.TextChoices):
        DIALLING = "dialling", _("拨号中")
        RINGING = "ringing", _("响铃中")
        ANSWERED = "answered", _("通话中")
        MISSED = "missed", _("未接")
        ENDED = "ended", _("已结束")
        FAILED = "failed", _("未拨出")

    class Settled(models.TextChoices):
        CALLED_BACK = "called_back", _("已回电")
        REACHED = "reached", _("后来已接通")
        RECORDED = "recorded", _("已登记")

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    line = models.ForeignKey(TelephoneLine, models.PROTECT, related_name="calls")
    external_id = models.CharField(max_length=120)
    direction = models.CharField(max_length=3, choices=Direction.choices)
    number = EncryptedTextField(_("号码"), blank=True)
    number_index = models.CharField(max_length=64, blank=True)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="+", null=True, verbose_name=_("客户")
    )
    extension = models.CharField(_("分机"), max_length=20, blank=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    state = models.CharField(_("状态"), max_length=10, choices=State.choices)
    started_at = models.DateTimeField(_("来电时间"))
    answered_at = models.DateTimeField(_("接听时间"), null=True)
    ended_at = models.DateTimeField(_("结束时间"), null=True)
    duration = models.PositiveIntegerField(_("通话秒数"), null=True)
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="calls", null=True, verbose_name=_("投诉")
    )
    recording = EncryptedTextField(_("录音"), blank=True)
    put_away_by = ArrayField(models.BigIntegerField(), default=list)
    settled_at = models.DateTimeField(_("办结时间"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, db_index=False
    )
    settled = models.CharField(
        _("如何办结"), max_length=12, choices=Settled.choices, blank=True, default=""
    )

    class Meta:
        verbose_name = _("通话")
        verbose_name_plural = _("通话")
        constraints = [
            models.UniqueConstraint(fields=["line", "external_id"], name="one_call_an_external_id")
        ]
        indexes = [
            models.Index(fields=["project", "-started_at"], name="channels_call_newest"),
            models.Index(
                fields=["project", "-started_at"],
                condition=Q(state__in=["ringing", "answered"]),
                name="channels_call_under_way",
            ),
            models.Index(
                fields=["project", "-started_at"],
                condition=Q(state="missed", settled_at=None),
                name="channels_call_missed",
            ),
            models.Index(
                fields=["number_index"], condition=~Q(number_index=""), name="channels_call_number"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.external_id}"


class CallEvent(models.Model):
    """An event that was taken: what comes again under the same id does nothing."""

    line = models.ForeignKey(TelephoneLine, models.CASCADE, related_name="+", db_index=False)
    event_id = models.CharField(max_length=100)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "event_id"], name="one_event_an_id")]
        indexes = [models.Index(fields=["received_at"], name="channels_callevent_received")]

    def __str__(self) -> str:
        return self.event_id
