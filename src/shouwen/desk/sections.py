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
    Section("desk:staff", "edit_staff", _("员工与岗位"), _("账号、任职、离职和调岗")),
    Section(
        "desk:organization-imports",
        "import_organization",
        _("导入员工、房屋、客户和值班"),
        _("用 XLSX 表一次建好一个项目"),
    ),
    Section("desk:rosters", "edit_roster", _("值班表"), _("排班、空班提醒、换班、代理和交接班")),
    Section(
        "desk:categories", "edit_categories", _("类别与时限"), _("投诉类别、默认部门和办理时限")
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
