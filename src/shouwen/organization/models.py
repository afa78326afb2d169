"""Company, projects, departments, homes, staff with their posts, and customers.

The duty roster is beside it, in `duty`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shouwen.organization.card import CardCode, StaffCard
from shouwen.organization.duty import (
    CalendarAddress,
    Delegation,
    Handover,
    Shift,
    ShiftTime,
    Swap,
)
from shouwen.organization.invitation import Invitation
from shouwen.organization.place import Place
from shouwen.organization.positions import IN_A_DEPARTMENT, STANDS_IN, Position
from shouwen.organization.uploads import Upload
from shouwen.records.fields import EncryptedTextField

if TYPE_CHECKING:
    import datetime

__all__ = [
    "Area",
    "CalendarAddress",
    "CardCode",
    "Company",
    "Contractor",
    "Customer",
    "Delegation",
    "Department",
    "Developer",
    "Handover",
    "Home",
    "Invitation",
    "Place",
    "Post",
    "PostQuerySet",
    "Project",
    "Shift",
    "ShiftTime",
    "Staff",
    "StaffCard",
    "StaffManager",
    "Swap",
    "Upload",
]


class Company(models.Model):
    """A property-service company (物业公司)."""

    name = models.CharField(_("名称"), max_length=120, unique=True)

    class Meta:
        verbose_name = _("物业公司")
        verbose_name_plural = _("物业公司")

    def __str__(self) -> str:
        return self.name


class Area(models.Model):
    """A part of the company between it and its projects: group, region or city company."""

    class Level(models.TextChoices):
        GROUP = "group", _("集团")
        REGION = "region", _("区域")
        CITY = "city", _("城市公司")

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="areas", verbose_name=_("物业公司")
    )
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="children",
        null=True,
        blank=True,
        verbose_name=_("上级"),
    )
    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    name = models.CharField(_("名称"), max_length=80)

    class Meta:
        verbose_name = _("组织层级")
        verbose_name_plural = _("组织层级")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="area_once_in_a_company")
        ]

    def __str__(self) -> str:
        return self.name


class Developer(models.Model):
    """The developer (开发商) who built a project and still answers for part of it [R6][R7]."""

    name = models.CharField(_("名称"), max_length=120, unique=True)

    class Meta:
        verbose_name = _("开发商")
        verbose_name_plural = _("开发商")

    def __str__(self) -> str:
        return self.name


class Project(models.Model):
    """A residential or commercial estate (小区) in the company's care [R0]."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="projects", verbose_name=_("物业公司")
    )
    developer = models.ForeignKey(
        Developer,
        models.PROTECT,
        related_name="projects",
        null=True,
        blank=True,
        verbose_name=_("开发商"),
    )
    developer_stand_in = models.CharField(
        _("无开发商时由谁代替"),
        max_length=40,
        choices=[(each.value, each.label) for each in STANDS_IN],
        default=Position.QUALITY,
        help_text=_("开发商不再存在或没有开发商的项目，由这个岗位参加联合验证和回访"),
    )
    area = models.ForeignKey(
        Area,
        models.PROTECT,
        related_name="projects",
        null=True,
        blank=True,
        verbose_name=_("所属层级"),
    )
    code = models.CharField(
        _("代号"),
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9]*$", _("代号只能用大写字母和数字，以字母开头"))],
    )
    name = models.CharField(_("名称"), max_length=120)
    timezone = models.CharField(_("时区"), max_length=64, default="Asia/Shanghai")
    is_active = models.BooleanField(_("在管"), default=True)
    public_telephone = models.CharField(
        _("24 小时客服电话"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[0-9+() -]*$", _("电话只能写数字、空格和短横"))],
        help_text=_("写在客户能看到的每一页上"),
    )
    portal_open = models.BooleanField(
        _("开放网页反映"), default=True, help_text=_("关闭后，扫码的人会看到客服电话")
    )
    anonymous_allowed = models.BooleanField(
        _("接受匿名反映"), default=False, help_text=_("不接受时，称呼和电话至少要填一项")
    )

    class Meta:
        verbose_name = _("项目")
        verbose_name_plural = _("项目")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Contractor(models.Model):
    """An outside firm that works for a department (外委单位): lift maintenance, cleaning, security."""

    company = models.ForeignKey(
        Company, models.PROTECT, related_name="contractors", verbose_name=_("物业公司")
    )
    name = models.CharField(_("名称"), max_length=120)
    trade = models.CharField(_("承包内容"), max_length=80, blank=True)
    telephone = EncryptedTextField(_("电话"), blank=True, default="")
    is_active = models.BooleanField(_("合作中"), default=True)

    class Meta:
        verbose_name = _("外委单位")
        verbose_name_plural = _("外委单位")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["company", "name"], name="contractor_once_in_a_company")
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department that complaints are dispatched to (承办部门) [R4].

    Ledgers know it by its `code`, which therefore never changes.
    """

    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="departments",
        null=True,
        blank=True,
        verbose_name=_("项目"),
        help_text=_("留空表示全公司共用"),
    )
    code = models.SlugField(_("代号"), max_length=50, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    contractors = models.ManyToManyField(
        Contractor, related_name="departments", blank=True, verbose_name=_("外委单位")
    )
    is_active = models.BooleanField(_("在用"), default=True)

    class Meta:
        verbose_name = _("部门")
        verbose_name_plural = _("部门")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Home(models.Model):
    """A room that customers live or work in: building, unit and room of a project."""

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="homes", verbose_name=_("项目")
    )
    building = models.CharField(_("楼栋"), max_length=20)
    unit = models.CharField(_("单元"), max_length=20, blank=True)
    room = models.CharField(_("房号"), max_length=20)
    label = models.CharField(_("房屋"), max_length=80)

    class Meta:
        verbose_name = _("房屋")
        verbose_name_plural = _("房屋")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "building", "unit", "room"], name="home_once_in_a_project"
            )
        ]

    def __str__(self) -> str:
        return self.label


class StaffManager(BaseUserManager["Staff"]):
    """Makes staff accounts."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        """Create a member of staff; without a password nobody can sign in by one.

        Raises ValueError without a username.
        """
        if not username:
            raise ValueError("A member of staff needs a username.")
        staff = self.model(username=self.model.normalize_username(username), **fields)
        staff.set_password(password)
        staff.save(using=self._db)
        return staff

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Staff:
        """Create a member of staff whom Django's own permissions never stop."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class Staff(AbstractBaseUser, PermissionsMixin):
    """A member of staff and their account; what they are in a project says their `Post`."""

    class Language(models.TextChoices):
        SIMPLIFIED = "zh-hans", "简体中文"
        TRADITIONAL = "zh-hant", "繁體中文"
        ENGLISH = "en", "English"

    username = models.CharField(
        _("用户名"),
        max_length=80,
        unique=True,
        validators=[UnicodeUsernameValidator()],
        error_messages={"unique": _("这个用户名已有人使用")},
    )
    name = models.CharField(_("称呼"), max_length=80)
    telephone = EncryptedTextField(_("电话"), blank=True, default="")
    email = models.EmailField(_("邮箱"), blank=True, default="")
    language = models.CharField(
        _("语言"), max_length=10, choices=Language.choices, default=Language.SIMPLIFIED
    )
    is_active = models.BooleanField(_("在职"), default=True)
    is_staff = models.BooleanField(_("可进后台"), default=False)

    objects = StaffManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("员工")
        verbose_name_plural = _("员工")

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    """Questions about posts."""

    def held_on(self, day: datetime.date) -> PostQuerySet:
        """Posts held on that day by staff whose account is active."""
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day, staff__is_active=True)


class Post(models.Model):
    """A position that a member of staff holds, from `since` to `until`, both days included.

    Without a project it counts for all projects of the company.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="posts", verbose_name=_("员工"))
    position = models.CharField(_("岗位"), max_length=40, choices=Position.choices)
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        related_name="posts",
        null=True,
        blank=True,
        verbose_name=_("项目"),
        help_text=_("留空表示所有项目"),
    )
    department = models.ForeignKey(
        Department,
        models.PROTECT,
        related_name="posts",
        null=True,
        blank=True,
        verbose_name=_("部门"),
    )
    since = models.DateField(_("任职自"))
    until = models.DateField(_("任职至"), null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = _("任职")
        verbose_name_plural = _("任职")
        indexes = [models.Index(fields=["position", "project"], name="post_position_project")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="post_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=~Q(position__in=[str(each) for each in IN_A_DEPARTMENT])
                | Q(department__isnull=False),
                name="post_in_a_department_names_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} {self.get_position_display()}"


class Customer(models.Model):
    """Somebody the company serves: owner, tenant, their family, a shop or another person.

    Name and telephone lie encrypted; a number is found again through its two blind indexes,
    which `customers.enrol` and `customers.correct` keep in step with it.
    """

    class Relation(models.TextChoices):
        OWNER = "owner", _("业主")
        TENANT = "tenant", _("租户")
        FAMILY = "family", _("家属")
        SHOP = "shop", _("商户")
        OTHER = "other", _("其他")

    class Reach(models.TextChoices):
        TELEPHONE = "telephone", _("电话")
        MESSAGE = "message", _("短信或微信")
        AT_HOME = "at_home", _("上门")

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="customers", verbose_name=_("项目")
    )
    home = models.ForeignKey(
        Home,
        models.PROTECT,
        related_name="customers",
        null=True,
        blank=True,
        verbose_name=_("房屋"),
    )
    name = EncryptedTextField(_("称呼"), blank=True, default="")
    telephone = EncryptedTextField(_("电话"), blank=True, default="")
    telephone_index = models.CharField(max_length=64, blank=True, editable=False)
    telephone_last4_index = models.CharField(max_length=64, blank=True, editable=False)
    relation = models.CharField(
        _("身份"), max_length=10, choices=Relation.choices, default=Relation.OWNER
    )
    preferred_time = models.CharField(_("方便联系的时间"), max_length=80, blank=True)
    preferred_channel = models.CharField(
        _("联系方式"), max_length=20, choices=Reach.choices, blank=True
    )
    since = models.DateField(_("登记日期"))

    class Meta:
        verbose_name = _("客户")
        verbose_name_plural = _("客户")
        indexes = [
            models.Index(
                fields=["telephone_index", "project"],
                condition=~Q(telephone_index=""),
                name="customer_telephone",
            ),
            models.Index(
                fields=["telephone_last4_index", "project"],
                condition=~Q(telephone_last4_index=""),
                name="customer_telephone_last4",
            ),
        ]

    def __str__(self) -> str:
        # The name is personal data and must not reach a log through an innocent print.
        return f"{self._meta.verbose_name} {self.pk}"
