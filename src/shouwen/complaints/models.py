"""Tables of the complaints room. A complaint's row is a projection of its ledger: steps write it,
`shouwen clocks rebuild` compares it, nothing else touches it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.incident import Incident, RejectedWave
from shouwen.complaints.shipped import SHIPPED_NAMES
from shouwen.complaints.words import (
    ENDED,
    Channel,
    Severity,
    Status,
    WorkStatus,
)
from shouwen.organization.models import Customer, Department, Home, Project
from shouwen.records.fields import EncryptedTextField

__all__ = [
    "Category",
    "Complaint",
    "Incident",
    "MatterGroup",
    "NumberBlock",
    "RejectedWave",
    "SearchText",
    "TrackingLink",
    "Work",
]


class Category(models.Model):
    """What a complaint is about [A3]: a tree of two levels, with default limits for handling [A4].

    `hours` maps severities to hours within which a department should finish; a severity that is
    missing takes the parent's, then the regulation's house default. `words` are the company's own by
    which the category is suggested (`suggesting.py`), `rules_off` the shipped rules it does without.
    """

    code = models.SlugField(_("代号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True
    )
    hours = models.JSONField(_("默认处理时限（小时）"), default=dict, blank=True)
    renamed = models.BooleanField(_("已改名"), default=False)
    order = models.PositiveSmallIntegerField(_("顺序"), default=0)
    is_active = models.BooleanField(_("使用中"), default=True)
    words = models.JSONField(_("建议用词"), default=list, blank=True)
    rules_off = models.JSONField(_("停用的建议规则"), default=list, blank=True)

    class Meta:
        verbose_name = _("投诉分类")
        verbose_name_plural = _("投诉分类")
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return f"{self.parent.label} › {self.label}" if self.parent else self.label

    @property
    def label(self) -> str:
        """The name in the reader's language where it is one of the shipped categories."""
        shipped = SHIPPED_NAMES.get(self.code)
        return str(shipped) if shipped and not self.renamed else self.name


class MatterGroup(models.Model):
    """Complaints recorded from one call: several matters, one caller [P1]."""

    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"


class NumberBlock(models.Model):
    """The next free complaint number of a project and local day."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    day = models.DateField()
    next = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "day"], name="one_number_block_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.day} {self.next}"


def _newest_of(*names: str, only_given: bool = False) -> list[models.Index]:
    """Indexes by each of these columns, newest first."""
    return [
        models.Index(
            fields=[name, "-received_at", "-id"],
            condition=Q(**{f"{name}__isnull": False}) if only_given else None,
            name=f"complaint_{name}",
        )
        for name in names
    ]


def _newest_where(**conditions: Q) -> list[models.Index]:
    """Indexes of the complaints for which a condition holds, newest first."""
    return [
        models.Index(fields=["-received_at", "-id"], condition=condition, name=f"complaint_{name}")
        for name, condition in conditions.items()
    ]


class Complaint(models.Model):
    """One complaint: where it stands now, and the standard record [A2][P1][R1].

    Every index costs each step, which writes the row anew: foreign keys are found by the indexes in
    the order of lists, and what few complaints have is indexed for those alone.
    """

    number = models.CharField(_("编号"), max_length=32)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="complaints",
        db_index=False,
        verbose_name=_("项目"),
    )
    status = models.CharField(_("状态"), max_length=16, choices=Status.choices)
    channel = models.CharField(_("渠道"), max_length=16, choices=Channel.choices)
    received_at = models.DateTimeField(_("受理时间"))
    recorded_at = models.DateTimeField(_("登记时间"))
    subject = models.CharField(_("投诉主题"), max_length=200)
    content = models.TextField(_("投诉内容（客户原话）"), blank=True)
    wish = models.TextField(_("客户诉求"), blank=True)
    place = models.CharField(_("地点"), max_length=200, blank=True)
    happened = models.CharField(_("发生时间"), max_length=100, blank=True)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        related_name="complaints",
        null=True,
        db_index=False,
        verbose_name=_("分类"),
    )
    severity = models.CharField(
        _("紧急程度"), max_length=16, choices=Severity.choices, default=Severity.ROUTINE
    )
    needs_developer = models.BooleanField(_("需要开发商解决"), default=False)
    with_board = models.BooleanField(_("已上报董事"), default=False)
    justified = models.BooleanField(_("有责"), null=True)
    justified_confirmed = models.BooleanField(_("已复核"), default=False)
    first_contact = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="first_contact_of",
        null=True,
        db_index=False,
        verbose_name=_("首问责任人"),
    )
    front_desk = models.BooleanField(_("前台直接受理"), default=False)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="manager_of",
        null=True,
        db_index=False,
        verbose_name=_("主管负责人"),
    )
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="complained_about_in",
        null=True,
        db_index=False,
        verbose_name=_("被投诉人"),
    )
    confidential = models.BooleanField(_("来源保密"), default=False)
    customer = models.ForeignKey(
        Customer,
        models.PROTECT,
        related_name="complaints",
        null=True,
        db_index=False,
        verbose_name=_("客户"),
    )
    home = models.ForeignKey(
        Home,
        models.PROTECT,
        related_name="complaints",
        null=True,
        db_index=False,
        verbose_name=_("房屋"),
    )
    name = EncryptedTextField(_("投诉人"), blank=True)
    telephone = EncryptedTextField(_("联系电话"), blank=True)
    telephone_index = models.CharField(max_length=64, blank=True)
    telephone_last4_index = models.CharField(max_length=64, blank=True)
    email = EncryptedTextField(_("电子邮件地址"), blank=True, default="")
    relation = models.CharField(
        _("与房屋关系"), max_length=16, choices=Customer.Relation.choices, blank=True
    )
    reach_when = models.CharField(_("方便联系时间"), max_length=100, blank=True)
    departments = ArrayField(
        models.CharField(max_length=50), default=list, verbose_name=_("相关部门")
    )
    urged = models.PositiveSmallIntegerField(_("催办次数"), default=0)
    round = models.PositiveSmallIntegerField(_("轮次"), default=1)
    visit_attempts = models.PositiveSmallIntegerField(_("回访未果次数"), default=0)
    satisfaction = models.PositiveSmallIntegerField(_("满意度"), null=True)
    completeness = models.PositiveSmallIntegerField(_("记录完整度"), default=0)
    imported = models.BooleanField(_("历史导入"), default=False)
    external_id = models.CharField(_("外部编号"), max_length=80, blank=True)
    group = models.ForeignKey(
        MatterGroup, models.PROTECT, related_name="complaints", null=True, db_index=False
    )
    incident = models.ForeignKey(
        Incident,
        models.PROTECT,
        related_name="complaints",
        null=True,
        db_index=False,
        verbose_name=_("同因事项"),
    )
    version = models.PositiveIntegerField(_("账页"), default=0)
    closed_at = models.DateTimeField(_("结案时间"), null=True)
    held = models.BooleanField(_("证据保全"), default=False)
    next_due_at = models.DateTimeField(_("下一时限"), null=True)

    class Meta:
        verbose_name = _("投诉")
        verbose_name_plural = _("投诉")
        constraints = [
            models.UniqueConstraint(fields=["number"], name="one_complaint_a_number"),
            models.UniqueConstraint(
                fields=["project", "external_id"],
                condition=~Q(external_id=""),
                name="brought_in_once",
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="complaint_newest"),
            *_newest_of("project", "category", "first_contact", "home"),
            *_newest_of("manager", "about", "customer", "group", "incident", only_given=True),
            *_newest_where(
                open=~Q(status__in=sorted(ENDED)) | Q(next_due_at__isnull=False),
                urged=Q(urged__gt=0),
                dissatisfied=Q(satisfaction__lte=2),
                developer=Q(needs_developer=True) | Q(with_board=True),
                imported=Q(imported=True),
                unreached=Q(visit_attempts__gt=0) & ~Q(status__in=sorted(ENDED)),
            ),
            models.Index(
                fields=["severity", "-received_at", "-id"],
                condition=~Q(severity=Severity.ROUTINE),
                name="complaint_severity",
            ),
            models.Index(
                fields=["status", "-received_at", "-id"],
                condition=Q(status__in=[Status.MERGED, Status.WITHDRAWN]),
                name="complaint_set_aside",
            ),
            models.Index(
                fields=["next_due_at", "id"],
                condition=Q(next_due_at__isnull=False),
                name="complaint_next_due",
            ),
            models.Index(
                fields=["project", "next_due_at", "id"],
                condition=Q(next_due_at__isnull=False),
                name="complaint_next_due_project",
            ),
            models.Index(
                F("project"),
                Upper("place"),
                F("received_at").desc(),
                condition=~Q(place=""),
                name="complaint_place",
            ),
            GinIndex(fields=["departments"], name="complaint_departments"),
            models.Index(
                fields=["telephone_index"],
                condition=~Q(telephone_index=""),
                name="complaint_telephone",
            ),
            models.Index(
                fields=["telephone_last4_index"],
                condition=~Q(telephone_last4_index=""),
                name="complaint_telephone_last4",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def ended(self) -> bool:
        """Closed, withdrawn or merged."""
        return self.status in ENDED


class SearchText(models.Model):
    """What a complaint is found by: its folded words, and the pieces of them that are indexed.

    Apart from the complaint's row, so that steps that say nothing leave it alone.
    """

    complaint = models.OneToOneField(
        Complaint, models.CASCADE, related_name="search", primary_key=True
    )
    text = models.TextField()
    grams = SearchVectorField()

    class Meta:
        # Without a list of what is pending: nobody's step waits until thousands are sorted in.
        indexes = [GinIndex(fields=["grams"], name="searchtext_grams", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.complaint_id}"


class TrackingLink(models.Model):
    """The private link of a complaint's customer (`tracking.py`): found by the digest of its token."""

    complaint = models.OneToOneField(
        Complaint, models.CASCADE, related_name="tracking", primary_key=True
    )
    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_index=False)
    ordinal = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.ordinal}"


class Work(models.Model):
    """A department's part of a complaint [R2][R4]: lead (主办) or assisting (协办)."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="works")
    department = models.ForeignKey(Department, models.PROTECT, related_name="works")
    lead = models.BooleanField(_("主办"), default=True)
    status = models.CharField(_("状态"), max_length=16, choices=WorkStatus.choices)
    due_at = models.DateTimeField(_("限期"))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="works", null=True
    )
    declines = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("承办")
        verbose_name_plural = _("承办")
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "department"], name="one_part_a_department"
            )
        ]
        indexes = [models.Index(fields=["department", "status"], name="work_department")]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.department_id} {self.status}"


# A module of its own, and a table of this room's.
from shouwen.complaints.contacts.models import Contact  # noqa: E402, F401
