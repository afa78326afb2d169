"""The posts of the demo company: who signs in, and what they are in which project."""

from __future__ import annotations

from typing import NamedTuple

from shouwen.organization.positions import Position


class Somebody(NamedTuple):
    """A post of the demo company: sign-in, label, and what it is in a project (None: in all)."""

    username: str
    name: str
    position: Position
    project: str | None = None
    department: str | None = None
    also: tuple[Position, str] | None = None  # a second post, in the project of that code


STAFF = (
    Somebody("front-desk-1", "前台一号岗", Position.FRONT_DESK, "JX"),
    Somebody("front-desk-2", "前台二号岗", Position.FRONT_DESK, "JX"),
    Somebody("centre-head", "客户中心负责人", Position.CENTRE_HEAD, "JX"),
    Somebody("steward-1", "一至三栋楼栋管家", Position.STEWARD, "JX"),
    Somebody("steward-2", "四至六栋楼栋管家", Position.STEWARD, "JX"),
    Somebody("gardener", "绿化养护岗", Position.EMPLOYEE, "JX"),
    Somebody("engineering-head", "工程部主任", Position.DEPARTMENT_HEAD, "JX", "engineering"),
    Somebody("engineering-1", "工程部技工一", Position.DEPARTMENT_MEMBER, "JX", "engineering"),
    Somebody("engineering-duty", "工程部值班", Position.DEPARTMENT_MEMBER, "JX", "engineering"),
    Somebody("order-head", "秩序部队长", Position.DEPARTMENT_HEAD, "JX", "order"),
    Somebody("order-gate", "秩序部东门岗", Position.DEPARTMENT_MEMBER, "JX", "order"),
    Somebody("environment-head", "环境部主管", Position.DEPARTMENT_HEAD, "JX", "environment"),
    Somebody("environment-1", "环境部保洁领班", Position.DEPARTMENT_MEMBER, "JX", "environment"),
    Somebody("service-head", "客服部主管", Position.DEPARTMENT_HEAD, "JX", "customer-service"),
    Somebody("finance-head", "财务部主管", Position.DEPARTMENT_HEAD, "JX", "finance"),
    Somebody("site-manager", "管理处负责人", Position.SITE_MANAGER, "JX"),
    Somebody("complaint-team", "投诉处理小组", Position.COMPLAINT_TEAM, "JX"),
    Somebody("developer-service", "开发商客服部", Position.DEVELOPER_SERVICE, "JX"),
    Somebody("yh-front-desk-1", "云河湾前台一号岗", Position.FRONT_DESK, "YH"),
    Somebody("yh-centre-head", "云河湾客户中心负责人", Position.CENTRE_HEAD, "YH"),
    Somebody("yh-steward-1", "云河湾楼栋管家", Position.STEWARD, "YH"),
    Somebody(
        "yh-engineering-head", "云河湾工程部主任", Position.DEPARTMENT_HEAD, "YH", "engineering"
    ),
    Somebody(
        "yh-engineering-1", "云河湾工程部技工", Position.DEPARTMENT_MEMBER, "YH", "engineering"
    ),
    Somebody("yh-order-head", "云河湾秩序部队长", Position.DEPARTMENT_HEAD, "YH", "order"),
    Somebody(
        "yh-environment-head", "云河湾环境部主管", Position.DEPARTMENT_HEAD, "YH", "environment"
    ),
    Somebody(
        "yh-service-head", "云河湾客服部主管", Position.DEPARTMENT_HEAD, "YH", "customer-service"
    ),
    Somebody("yh-finance-head", "云河湾财务部主管", Position.DEPARTMENT_HEAD, "YH", "finance"),
    Somebody("yh-site-manager", "云河湾管理处负责人", Position.SITE_MANAGER, "YH"),
    Somebody("hj-front-desk-1", "汇景中心前台一号岗", Position.FRONT_DESK, "HJ"),
    Somebody("hj-front-desk-2", "汇景中心前台二号岗", Position.FRONT_DESK, "HJ"),
    Somebody("hj-centre-head", "汇景中心客户中心负责人", Position.CENTRE_HEAD, "HJ"),
    Somebody("hj-steward-1", "汇景中心公寓管家", Position.STEWARD, "HJ"),
    Somebody("hj-steward-2", "汇景中心写字楼管家", Position.STEWARD, "HJ"),
    Somebody("hj-duty", "汇景中心夜间值班岗", Position.EMPLOYEE, "HJ"),
    Somebody(
        "hj-engineering-head", "汇景中心工程部主任", Position.DEPARTMENT_HEAD, "HJ", "engineering"
    ),
    Somebody(
        "hj-engineering-1", "汇景中心工程部技工", Position.DEPARTMENT_MEMBER, "HJ", "engineering"
    ),
    Somebody("hj-order-head", "汇景中心秩序部队长", Position.DEPARTMENT_HEAD, "HJ", "order"),
    Somebody("hj-order-garage", "汇景中心车库岗", Position.DEPARTMENT_MEMBER, "HJ", "order"),
    Somebody(
        "hj-environment-head", "汇景中心环境部主管", Position.DEPARTMENT_HEAD, "HJ", "environment"
    ),
    Somebody(
        "hj-service-head", "汇景中心客服部主管", Position.DEPARTMENT_HEAD, "HJ", "customer-service"
    ),
    Somebody("hj-finance-head", "汇景中心财务部主管", Position.DEPARTMENT_HEAD, "HJ", "finance"),
    Somebody("hj-commerce-head", "汇景中心商户部主管", Position.DEPARTMENT_HEAD, "HJ", "commerce"),
    Somebody("hj-site-manager", "汇景中心管理处负责人", Position.SITE_MANAGER, "HJ"),
    Somebody("hj-developer-service", "商业开发商客服部", Position.DEVELOPER_SERVICE, "HJ"),
    Somebody("company-leader", "公司主管领导", Position.COMPANY_LEADER),
    Somebody("board-leader", "董事领导", Position.BOARD_LEADER),
    Somebody("board-office", "董事办", Position.BOARD_OFFICE),
    Somebody("general-managers-office", "总经办", Position.GENERAL_MANAGERS_OFFICE),
    # [R7] 云河湾 has no developer any more: the quality department stands in for both duties.
    Somebody("quality", "品质部", Position.QUALITY, also=(Position.DEVELOPER_SERVICE, "YH")),
    Somebody("human-resources", "人力资源", Position.HUMAN_RESOURCES),
    Somebody("auditor", "审计", Position.AUDITOR),
    Somebody("administrator", "系统管理员", Position.ADMINISTRATOR),
    Somebody("front-desk-night", "前台夜班岗", Position.FRONT_DESK, "JX"),
)
