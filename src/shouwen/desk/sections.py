"""The sections of the settings, and who may enter which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from shouwen.organization.models import Staff
from shouwen.organization.permissions import may


@dataclass(frozen=True)
class Section:
    """One kind of settings: the address of its page, who may open it, and what it is for."""

    address: str
    operation: str
    title: Any
    hint: Any


#: In the order in which a new company needs them.
SECTIONS: list[Section] = [
    Section(
        "desk:organization",
        "edit_organization",
        _("公司与项目"),
        _("区域、项目、楼栋房屋、部门、外委单位、开发商"),
    ),
    Section(
        "desk:places",
        "edit_organization",
        _("二维码与位置"),
        _("楼栋、电梯、车库的二维码，客户扫码反映；打印张贴、停用"),
    ),
    Section("desk:staff", "edit_staff", _("员工与岗位"), _("账号、任职、离职和调岗")),
    Section(
        "desk:organization-imports",
        "import_organization",
        _("导入员工、房屋、客户和值班"),
        _("用 XLSX 表一次建好一个项目"),
    ),
    Section("desk:rosters", "edit_roster", _("值班表"), _("排班、空班提醒、换班、代理和交接班")),
    Section(
        "desk:escalation",
        "edit_escalation",
        _("升级通知与演练"),
        _("紧急、重大事项没人应答时，依次通知谁；演练今晚"),
    ),
    Section(
        "desk:customer-words",
        "edit_customer_words",
        _("告知客户的话"),
        _("各场合的模板和预览，哪些自动发，答应的下次答复兑现多少"),
    ),
    Section(
        "desk:categories", "edit_categories", _("类别与时限"), _("投诉类别、默认部门和办理时限")
    ),
    Section(
        "desk:channels",
        "keep_group_addresses",
        _("通知通道"),
        _("邮件、短信、语音、企业微信应用；部门和项目的群"),
    ),
    Section(
        "api:wechat-accounts",
        "keep_wechat_accounts",
        _("微信公众号"),
        _("客户在公众号里发文字、图片、语音和位置反映问题"),
    ),
    Section(
        "desk:mailboxes",
        "edit_mailboxes",
        _("收件邮箱"),
        _("客户写信投诉的邮箱，取信是否正常"),
    ),
    Section(
        "desk:notice-floor",
        "edit_notice_floor",
        _("通知底线"),
        _("哪些渠道和哪类通知不能自己关掉"),
    ),
    Section(
        "api:telephone-lines",
        "keep_telephony",
        _("电话线路"),
        _("来电弹屏、未接来电、录音和点击拨号；谁坐哪个分机"),
    ),
    Section("api:keys", "keep_api_keys", _("接口"), _("其他系统用的密钥、推送和接口文档")),
    Section(
        "api:hotlines",
        "keep_hotlines",
        _("外部热线"),
        _("12345 等热线的转单地址、签名密钥和回复地址"),
    ),
    Section(
        "desk:address",
        "see_address",
        _("地址与登录"),
        _("访问地址能提供什么、证书、两步验证、公司账号登录"),
    ),
    Section(
        "desk:retention", "edit_retention", _("保存期限"), _("各类数据保存多久，今天有多少到期")
    ),
    Section(
        "desk:audit", "see_audit", _("审计记录"), _("谁登录过、查看或导出了什么、改了哪些设置")
    ),
]


def sections_for(person: Staff) -> list[Section]:
    """The sections that somebody may enter."""
    return [section for section in SECTIONS if may(person, section.operation)]
