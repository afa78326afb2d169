"""The positions a member of staff can hold [R0], and what belongs to each."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Position(models.TextChoices):
    """What somebody is in a project or in the whole company.

    The values are the words that regulations, steps and permissions use for their holders.
    """

    EMPLOYEE = "employee", _("员工")
    STEWARD = "steward", _("楼栋管家")
    FRONT_DESK = "front_desk", _("客户中心前台")
    CENTRE_HEAD = "centre_head", _("客户中心负责人")
    DEPARTMENT_MEMBER = "department_member", _("部门员工")
    DEPARTMENT_HEAD = "department_head", _("部门负责人")
    SITE_MANAGER = "site_manager", _("管理处负责人")
    COMPLAINT_TEAM = "complaint_team", _("投诉处理小组")
    QUALITY = "quality", _("品质部")
    COMPANY_LEADER = "company_leader", _("公司主管领导")
    BOARD_LEADER = "board_leader", _("董事领导")
    BOARD_OFFICE = "board_office", _("董事办")
    GENERAL_MANAGERS_OFFICE = "general_managers_office", _("总经办")
    DEVELOPER_SERVICE = "developer_service", _("开发商客服部")
    HUMAN_RESOURCES = "human_resources", _("人力资源")
    AUDITOR = "auditor", _("审计")
    ADMINISTRATOR = "administrator", _("系统管理员")


#: Positions that mean nothing without a department.
IN_A_DEPARTMENT = (Position.DEPARTMENT_MEMBER, Position.DEPARTMENT_HEAD)

#: Positions that have no business with the customers' names and telephones.
WITHOUT_CUSTOMERS = (Position.DEVELOPER_SERVICE, Position.HUMAN_RESOURCES)

#: Who may stand in for a developer that there is not any more [R7].
STANDS_IN = (
    Position.QUALITY,
    Position.CENTRE_HEAD,
    Position.SITE_MANAGER,
    Position.COMPLAINT_TEAM,
)
