"""The table of contacts: a projection of their ledgers, as complaints are of theirs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.contacts.words import WAITING, ContactStatus, Nature
from shouwen.complaints.words import Channel
from shouwen.organization.models import Customer, Home, Project
from shouwen.records.fields import EncryptedTextField


class Contact(models.Model):
    """What came in and is no complaint: its words, whom it was handed to, and its answer.

    Foreign keys are found by the indexes in the order of the list. `holder` is the word of the position that answers, `department` with the code where it is one.
    """

    number = models.CharField(_("编号"), max_length=40, unique=True)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("项目"),
    )
    nature = models.CharField(_("性质"), max_length=16, choices=Nature.choices)
    status = models.CharField(_("状态"), max_length=16, choices=ContactStatus.choices)
    channel = models.CharField(_("渠道"), max_length=16, choices=Channel.choices)
    received_at = models.DateTimeField(_("受理时间"))
    recorded_at = models.DateTimeField(_("登记时间"))
    content = models.TextField(_("内容（客户原话）"), blank=True)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("登记人"),
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("表扬谁"),
    )
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("客户"),
    )
    home = models.ForeignKey(
        Home,
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("房屋"),
    )
    name = EncryptedTextField(_("姓名、称呼"), blank=True)
    telephone = EncryptedTextField(_("联系电话"), blank=True)
    telephone_index = models.CharField(max_length=64, blank=True)
    telephone_last4_index = models.CharField(max_length=64, blank=True)
    relation = models.CharField(
        _("与房屋关系"), max_length=16, choices=Customer.Relation.choices, blank=True
    )
    reach_when = models.CharField(_("方便联系时间"), max_length=100, blank=True)
    holder = models.CharField(_("责任岗位"), max_length=40, blank=True)
    department = models.CharField(_("责任部门"), max_length=80, blank=True)
    answer = models.TextField(_("答复"), blank=True)
    next_reply_at = models.DateTimeField(_("约定再次答复"), null=True)
    complaint = models.ForeignKey(
        "complaints.Complaint",
        models.PROTECT,
        related_name="+",
        null=True,
        db_index=False,
        verbose_name=_("转成的投诉"),
    )
    version = models.PositiveIntegerField(_("账页"), default=0)
    settled_at = models.DateTimeField(_("办结时间"), null=True)
    next_due_at = models.DateTimeField(_("下一时限"), null=True)

    class Meta:
        app_label = "complaints"
        verbose_name = _("联系单")
        verbose_name_plural = _("联系单")
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="contact_newest"),
            models.Index(fields=["project", "-received_at", "-id"], name="contact_project"),
            models.Index(fields=["department", "-received_at", "-id"], name="contact_department"),
            models.Index(fields=["taken_by", "-received_at", "-id"], name="contact_taken_by"),
            models.Index(
                fields=["-received_at", "-id"],
                condition=Q(status__in=sorted(WAITING)),
                name="contact_waiting",
            ),
            models.Index(
                fields=["next_due_at", "id"],
                condition=Q(next_due_at__isnull=False),
                name="contact_next_due",
            ),
            models.Index(
                fields=["telephone_index"],
                condition=~Q(telephone_index=""),
                name="contact_telephone",
            ),
            models.Index(
                fields=["telephone_last4_index"],
                condition=~Q(telephone_last4_index=""),
                name="contact_telephone_last4",
            ),
            models.Index(
                fields=["customer"], condition=Q(customer__isnull=False), name="contact_customer"
            ),
            models.Index(fields=["about"], condition=Q(about__isnull=False), name="contact_about"),
            models.Index(fields=["home"], condition=Q(home__isnull=False), name="contact_home"),
            models.Index(
                fields=["complaint"], condition=Q(complaint__isnull=False), name="contact_complaint"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def waiting(self) -> bool:
        """Whether somebody has to do something."""
        return self.status in WAITING
