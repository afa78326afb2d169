"""Room for many complaints: further projects like one of the demo's, and more homes in each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, islice

from shouwen.organization.customers import telephone_indexes
from shouwen.organization.homes import Address
from shouwen.organization.models import Customer, Department, Home, Post, Project, Staff
from shouwen.organization.structure import add_department, appoint, open_project
from shouwen.records.fields import encrypt

#: Buildings of the homes that are added; the demo's own have lower numbers.
FIRST_BUILDING = 21
FLOORS, DOORS, UNITS = 18, 2, 2
#: The customers' telephones are made up: 1380 and seven digits, from here on.
FIRST_NUMBER = 100_000
SINCE = date(2020, 1, 1)
_RELATIONS = (
    Customer.Relation.OWNER,
    Customer.Relation.OWNER,
    Customer.Relation.TENANT,
    Customer.Relation.FAMILY,
)


@dataclass(frozen=True)
class Caller:
    """A customer as copies name them, also as name and telephone lie in the database."""

    customer_id: int
    home_id: int
    building: str
    home: str
    relation: str
    name: str
    telephone: str
    name_cipher: str
    telephone_cipher: str
    indexes: tuple[str, str]


@dataclass(frozen=True)
class Place:
    """A project that copies are put into: who and what stands there for those of the original."""

    project: Project
    original_id: int
    staff: Mapping[int, int]
    departments: Mapping[str, str]
    department_ids: Mapping[int, int]
    callers: Sequence[Caller]

    def department(self, code: str) -> str:
        """The department of that code, or of the code before a slash (an approval's key), here."""
        own, slash, rest = code.partition("/")
        return self.departments.get(own, own) + slash + rest

    def department_id(self, original_id: int) -> int:
        """The department here that stands for the one of that id."""
        return self.department_ids.get(original_id, original_id)

    def person(self, staff_id: int | None) -> int | None:
        """Who stands here for that member of staff."""
        return None if staff_id is None else self.staff.get(staff_id, staff_id)


def places(original: Project, projects: int, homes: int) -> list[Place]:
    """The demo's projects and as many phases of the original as make it `projects`.

    Each has at least `homes` homes then, and a customer in every home. What an earlier call made is
    found again.
    """
    own = Project.objects.exclude(code__regex=rf"^{original.code}[0-9]+$").order_by("pk")
    found = [_place(project, project, homes) for project in own]
    for number in range(len(own) + 1, projects + 1):
        found.append(_place(_phase(original, number), original, homes))
    return found[:projects] if projects else found


def _phase(original: Project, number: int) -> Project:
    """One more phase of the original: the same departments and posts, other people in them."""
    code = f"{original.code}{number}"
    known = Project.objects.filter(code=code).first()
    if known is not None:
        return known
    project = open_project(
        original.company, code, f"{original.name}{number}期", developer=original.developer
    )
    departments = {
        each.pk: add_department(_code(each, original, project), each.name, project=project)
        for each in original.departments.order_by("pk")
    }
    staff: dict[int, Staff] = {}
    for post in Post.objects.filter(project=original).select_related("staff").order_by("pk"):
        if post.staff_id not in staff:
            staff[post.staff_id] = Staff.objects.create_user(
                _username(post.staff, project), name=f"{number}期{post.staff.name}"
            )
        appoint(
            staff[post.staff_id],
            post.position,
            project=project,
            department=departments.get(post.department_id or 0),
            since=post.since,
        )
    Home.objects.bulk_create(
        Home(project=project, building=h.building, unit=h.unit, room=h.room, label=h.label)
        for h in original.homes.order_by("pk")
    )
    return project


def _code(department: Department, original: Project, project: Project) -> str:
    own = department.code.removeprefix(f"{original.code.lower()}-")
    return f"{project.code.lower()}-{own}"


def _username(staff: Staff, project: Project) -> str:
    return f"{project.code.lower()}-{staff.username}"


def _place(project: Project, original: Project, homes: int) -> Place:
    _settle(project, homes)
    staff: dict[int, int] = {}
    departments: dict[str, str] = {}
    department_ids: dict[int, int] = {}
    if project != original:
        by_name = {each.username: each.pk for each in Staff.objects.all()}
        for post in Post.objects.filter(project=original).select_related("staff"):
            staff[post.staff_id] = by_name[_username(post.staff, project)]
        here = {each.code: each.pk for each in project.departments.all()}
        for each in original.departments.all():
            departments[each.code] = _code(each, original, project)
            department_ids[each.pk] = here[departments[each.code]]
    return Place(project, original.pk, staff, departments, department_ids, _callers(project))


def _settle(project: Project, homes: int) -> None:
    """Build up to `homes` homes and give each new one, and each still empty one, a customer."""
    taken = set(project.homes.values_list("building", "unit", "room"))
    planned = (each for each in _addresses() if (each.building, each.unit, each.room) not in taken)
    Home.objects.bulk_create(
        Home(
            project=project,
            building=each.building,
            unit=each.unit,
            room=each.room,
            label=each.label,
        )
        for each in islice(planned, max(0, homes - len(taken)))
    )
    empty = list(project.homes.filter(customers=None).order_by("pk"))
    Customer.objects.bulk_create(_customer(home) for home in empty)


def _addresses() -> Iterator[Address]:
    for building in count(FIRST_BUILDING):
        for unit in range(1, UNITS + 1):
            for floor in range(1, FLOORS + 1):
                for door in range(1, DOORS + 1):
                    yield Address(str(building), str(unit), f"{floor}{door:02}")


def _customer(home: Home) -> Customer:
    relation = _RELATIONS[home.pk % len(_RELATIONS)]
    telephone = f"1380{(FIRST_NUMBER + home.pk) % 10_000_000:07}"
    whole, last_four = telephone_indexes(telephone)
    return Customer(
        project_id=home.project_id,
        home=home,
        name=f"{home.label} {relation.label}",
        telephone=telephone,
        telephone_index=whole,
        telephone_last4_index=last_four,
        relation=relation,
        since=SINCE + timedelta(days=home.pk % 1000),
    )


def _callers(project: Project) -> list[Caller]:
    return [
        Caller(
            customer_id=each.pk,
            home_id=each.home.pk,
            building=each.home.building,
            home=each.home.label,
            relation=each.relation,
            name=each.name,
            telephone=each.telephone,
            name_cipher=encrypt(each.name),
            telephone_cipher=encrypt(each.telephone),
            indexes=(each.telephone_index, each.telephone_last4_index),
        )
        for each in project.customers.exclude(home=None).select_related("home").order_by("pk")
        if each.home is not None
    ]
