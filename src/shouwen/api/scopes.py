"""What a key may be used for; whose rights it acts with is another matter, and both must allow."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Scope(TextChoices):
    """One thing that a key is made for; fewer are better."""

    COMPLAINTS_READ = "complaints:read", _("查看投诉、台账和时限")
    COMPLAINTS_WRITE = "complaints:write", _("登记投诉，办理步骤")
    CONTACTS_READ = "contacts:read", _("查看联系单")
    CONTACTS_WRITE = "contacts:write", _("登记联系单，答复，交办，转为投诉")
    PERSONAL_READ = "personal:read", _("查看投诉人的称呼和完整电话")
    ATTACHMENTS = "attachments", _("上传和下载附件")
    ORGANIZATION_READ = "organization:read", _("查看项目、部门、类别和房屋")
    CUSTOMERS_READ = "customers:read", _("按电话查找客户")
    WEBHOOKS = "webhooks", _("管理推送订阅，读取事件")
