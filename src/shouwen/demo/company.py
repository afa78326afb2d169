"""The demo company: three projects, their departments and positions, homes and customers.

Everybody in it is a position or a home, nobody a person; the telephone numbers are made up.
"""

from __future__ import annotations

import datetime

from django.utils import timezone

from shouwen.channels.models import Open311Door
from shouwen.complaints import categories
from shouwen.demo.posts import STAFF
from shouwen.organization import customers, places
from shouwen.organization.homes import Address
from shouwen.organization.models import Company, Customer, Developer, Home, Project, Staff
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
#: Where shops and offices are looked after, a department of their own.
COMMERCE = {"commerce": "商户部"}

#: 锦绣家园: six buildings of two units; 云河湾: three towers without units.
FLOORS = (1, 3, 5, 8, 11, 16)
ROOMS = tuple(f"{floor}{door:02}" for floor in FLOORS for door in (1, 2))
#: 汇景中心: an office tower (1), two towers of flats (2, 3), shops along the street and inside.
OFFICES = tuple(f"{floor}{door:02}" for floor in (6, 9, 12, 15) for door in (1, 2, 3))
FLATS = tuple(f"{floor}{door:02}" for floor in (7, 10, 14, 19) for door in (1, 2, 3))
SHOPS = tuple(f"商铺{number:02}" for number in range(1, 13))

#: Made up, as all telephones here: no area has these numbers.
TELEPHONES = {"JX": "400-000-0110", "YH": "400-000-0120", "HJ": "400-000-0130"}
PLACES = (("garage", "地下车库 B1"), ("entrance", "东门"))

RELATIONS = (
    Customer.Relation.OWNER,
    Customer.Relation.OWNER,
    Customer.Relation.TENANT,
    Customer.Relation.OWNER,
    Customer.Relation.FAMILY,
)
REACHED = ("", "工作日晚上七点以后", "周末", "", "午休时间请勿来电")

#: Homes whose customers the book knows beyond every fifth, because they complain.
KNOWN = {
    "JX": (
        "2栋2单元302",
        "2栋2单元801",
        "2栋2单元1101",
        "2栋2单元1602",
        "3栋1单元1602",
        "5栋2单元1101",
        *(f"6栋1单元{room}" for room in ("102", "302", "502", "801", "802", "1102", "1602")),
        *("1栋2单元302", "2栋1单元501", "2栋1单元1102", "4栋2单元801"),
    ),
    "YH": ("A栋302", "A栋801", "A栋1602", "B栋302", "B栋1601", "C栋302", "C栋802", "C栋1601"),
    "HJ": (
        *(f"1栋{room}" for room in ("601", "903", "1202", "1501")),
        *(f"2栋{room}" for room in ("701", "1002", "1403", "1901")),
        *(f"3栋{room}" for room in ("702", "1001", "1402", "1903")),
        *(f"1栋{room}" for room in SHOPS[:6:2]),
        *(f"2栋{room}" for room in SHOPS[6::2]),
    ),
}


def found() -> Company:
    """Make the whole company; the database must hold none yet."""
    company = Company.objects.create(name="示范物业服务有限公司")
    developer = Developer.objects.create(name="示范置业有限公司")
    commercial = Developer.objects.create(name="示范商业地产有限公司")
    projects = {
        "JX": open_project(company, "JX", "锦绣家园", developer=developer),
        "YH": open_project(company, "YH", "云河湾"),
        "HJ": open_project(company, "HJ", "汇景中心", developer=commercial),
    }
    _employ(projects)
    _populate(projects)
    _open_doors(projects)
    categories.ship()
    Open311Door.objects.create(project=projects["JX"], opened_at=timezone.now())
    return company


def _employ(projects: dict[str, Project]) -> None:
    departments = {
        (code, each): add_department(f"{code.lower()}-{each}", name, project=project)
        for code, project in projects.items()
        for each, name in (DEPARTMENTS | (COMMERCE if code == "HJ" else {})).items()
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


def _open_doors(projects: dict[str, Project]) -> None:
    """The numbers to call, and codes at buildings, lifts, garages and entrances."""
    for code, project in projects.items():
        project.public_telephone = TELEPHONES[code]
        project.save(update_fields=["public_telephone"])
        places.entry(project)
        places.add_for_buildings(project, ["building", "lift"])
        for kind, label in PLACES:
            places.add(project, kind, label)


def _populate(projects: dict[str, Project]) -> None:
    flats = _build(
        projects["JX"],
        [
            Address(str(building), str(unit), room)
            for building in range(1, 7)
            for unit in (1, 2)
            for room in ROOMS
        ],
    )
    shops = _build(projects["JX"], [Address("1", "", f"商铺{number:02}") for number in (3, 7)])
    towers = _build(projects["YH"], [Address(tower, "", room) for tower in "ABC" for room in ROOMS])
    centre = _build(
        projects["HJ"],
        [
            *(Address("1", "", room) for room in (*SHOPS[:6], *OFFICES)),
            *(Address("2", "", room) for room in (*SHOPS[6:], *FLATS)),
            *(Address("3", "", room) for room in FLATS),
        ],
    )
    neighbours = [home for home in flats if home.label in ("3栋1单元801", "3栋1单元802")]
    known = [*neighbours, *flats[::5], *shops, *towers[::4]]
    known += [
        home
        for code, homes in zip(KNOWN, (flats, towers, centre), strict=True)
        for home in homes
        if home.label in KNOWN[code]
    ]
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
    office = home.project.code == "HJ" and home.building == "1" and not shop
    relation = RELATIONS[number % len(RELATIONS)]
    if shop or office:
        relation = Customer.Relation.SHOP if shop else Customer.Relation.TENANT
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
