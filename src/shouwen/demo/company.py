"""The demo company: two projects, their departments and positions, homes and customers.

Everybody in it is a position or a home, nobody a person; the telephone numbers are made up.
"""

from __future__ import annotations

import datetime
from typing import NamedTuple

from shouwen.complaints import categories
from shouwen.organization import customers
from shouwen.organization.homes import Address
from shouwen.organization.models import Company, Customer, Developer, Home, Project, Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import add_department, appoint, open_project

#: When the demo company began to work by this system, so that its past lies within it.
OPENED = datetime.date(2020, 1, 1)

DEPARTMENTS = {
    "engineering": "工程部",
    "order": "秩序部",
    "environment": "环境部",
    "customer-service": "客服部",
    "finance": "财务部",
}


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
    Somebody("company-leader", "公司主管领导", Position.COMPANY_LEADER),
    Somebody("board-leader", "董事领导", Position.BOARD_LEADER),
    Somebody("board-office", "董事办", Position.BOARD_OFFICE),
    Somebody("general-managers-office", "总经办", Position.GENERAL_MANAGERS_OFFICE),
    # [R7] 云河湾 has no developer any more: the quality department stands in for both duties.
    Somebody("quality", "品质部", Position.QUALITY, also=(Position.DEVELOPER_SERVICE, "YH")),
    Somebody("human-resources", "人力资源", Position.HUMAN_RESOURCES),
    Somebody("auditor", "审计", Position.AUDITOR),
    Somebody("administrator", "系统管理员", Position.ADMINISTRATOR),
)

#: Six buildings of two units in 锦绣家园; three towers without units in 云河湾.
FLOORS = (1, 3, 5, 8, 11, 16)
ROOMS = tuple(f"{floor}{door:02}" for floor in FLOORS for door in (1, 2))

RELATIONS = (
    Customer.Relation.OWNER,
    Customer.Relation.OWNER,
    Customer.Relation.TENANT,
    Customer.Relation.OWNER,
    Customer.Relation.FAMILY,
)
REACHED = ("", "工作日晚上七点以后", "周末", "", "午休时间请勿来电")


def found() -> Company:
    """Make the whole company; the database must hold none yet."""
    company = Company.objects.create(name="示范物业服务有限公司")
    developer = Developer.objects.create(name="示范置业有限公司")
    jx = open_project(company, "JX", "锦绣家园", developer=developer)
    yh = open_project(company, "YH", "云河湾")
    _employ({"JX": jx, "YH": yh})
    _populate(jx, yh)
    categories.ship()
    return company


def _employ(projects: dict[str, Project]) -> None:
    departments = {
        (code, each): add_department(f"{code.lower()}-{each}", name, project=project)
        for code, project in projects.items()
        for each, name in DEPARTMENTS.items()
    }
    for number, somebody in enumerate(STAFF, start=1):
        staff = Staff.objects.create_user(
            somebody.username, name=somebody.name, telephone=f"139000000{number:02}"
        )
        department = departments.get((somebody.project or "", somebody.department or ""))
        project = projects.get(somebody.project or "")
        appoint(staff, somebody.position, project=project, department=department, since=OPENED)
        if somebody.also is not None:
            position, code = somebody.also
            appoint(staff, position, project=projects[code], since=OPENED)


def _populate(jx: Project, yh: Project) -> None:
    lived_in = _build(
        jx,
        [
            Address(str(building), str(unit), room)
            for building in range(1, 7)
            for unit in (1, 2)
            for room in ROOMS
        ],
    )
    shops = _build(jx, [Address("1", "", f"商铺{number:02}") for number in (3, 7)])
    towers = _build(yh, [Address(tower, "", room) for tower in "ABC" for room in ROOMS])
    neighbours = [home for home in lived_in if home.label in ("3栋1单元801", "3栋1单元802")]
    known = [*neighbours, *lived_in[::5], *shops, *towers[::4]]
    for number, home in enumerate(dict.fromkeys(known), start=1):
        _enrol(home, number)


def _build(project: Project, addresses: list[Address]) -> list[Home]:
    return Home.objects.bulk_create(
        Home(
            project=project,
            building=address.building,
            unit=address.unit,
            room=address.room,
            label=address.label,
        )
        for address in addresses
    )


def _enrol(home: Home, number: int) -> None:
    shop = home.room.startswith("商铺")
    relation = Customer.Relation.SHOP if shop else RELATIONS[number % len(RELATIONS)]
    customers.enrol(
        project=home.project,
        home=home,
        name=f"{home.label} {relation.label}",
        telephone=f"1380000{1000 + number}",
        relation=relation,
        preferred_time=REACHED[number % len(REACHED)],
        preferred_channel=Customer.Reach.TELEPHONE,
        since=OPENED + datetime.timedelta(days=11 * number),
    )
