"""Projects, departments, categories, homes and customers; and whose key it is."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Field, Router, Schema
from pydantic import AwareDatetime

from shouwen.api import problems
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.scopes import Scope
from shouwen.complaints.models import Category
from shouwen.organization import homes
from shouwen.organization.customers import find_by_telephone, mask
from shouwen.organization.models import Customer, Department, Home, Project
from shouwen.organization.permissions import visible_to
from shouwen.records import audit

router = Router(tags=["organization"])
SCOPE = Scope.ORGANIZATION_READ
MOST = 50


class Me(Schema):
    """The key, and whose rights it acts with."""

    key: str
    name: str
    scopes: list[str]
    expires_at: AwareDatetime | None
    person: int
    person_name: str


class ProjectOut(Schema):
    code: str = Field(examples=["JX"])
    name: str
    timezone: str = Field(examples=["Asia/Shanghai"])
    is_active: bool


class Projects(Schema):
    items: list[ProjectOut]


class DepartmentOut(Schema):
    code: str = Field(examples=["jx-engineering"])
    name: str
    project: str | None = Field(description="null: of the whole company")
    is_active: bool


class Departments(Schema):
    items: list[DepartmentOut]


class CategoryOut(Schema):
    code: str = Field(examples=["lift"])
    label: str
    parent: str | None
    is_active: bool
    hours: dict[str, float]


class Categories(Schema):
    items: list[CategoryOut]


class HomeSearch(Schema):
    """A home as people write it."""

    project: Annotated[str, Field(max_length=8, examples=["JX"])]
    text: Annotated[str, Field(min_length=1, max_length=80, examples=["3-1-802"])]


class HomeOut(Schema):
    id: int
    label: str
    building: str
    unit: str
    room: str


class Homes(Schema):
    items: list[HomeOut]


class CustomerSearch(Schema):
    """A telephone number, whole or its last four digits."""

    telephone: Annotated[str, Field(min_length=4, max_length=40, examples=["1001"])]


class CustomerOut(Schema):
    id: int
    project: str
    home: int | None
    home_label: str | None
    name: str
    telephone: str = Field(description="masked")
    relation: str


class Customers(Schema):
    items: list[CustomerOut]


@operation(router, "GET", "/me", rule="use_api", response=Me, summary="Whose key this is")
def read_me(request: ApiRequest) -> Any:
    """The key that was shown, its scopes, and the member of staff it acts as."""
    key, person = request.auth.key, request.auth.person
    return {
        "key": key.prefix,
        "name": key.name,
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "person": person.pk,
        "person_name": person.name,
    }


@operation(
    router, "GET", "/projects", rule="see_desk", scope=SCOPE, response=Projects, summary="Projects"
)
def list_projects(request: ApiRequest) -> Any:
    """The projects that the key's person works for."""
    return {"items": list(visible_to(request.auth.person, Project).order_by("code"))}


@operation(
    router,
    "GET",
    "/departments",
    rule="see_desk",
    scope=SCOPE,
    response=Departments,
    summary="Departments",
)
def list_departments(request: ApiRequest) -> Any:
    """The departments of these projects, and those of the whole company."""
    found = visible_to(request.auth.person, Department).select_related("project").order_by("code")
    items = [
        {
            "code": each.code,
            "name": each.name,
            "project": each.project.code if each.project else None,
            "is_active": each.is_active,
        }
        for each in found
    ]
    return {"items": items}


@operation(
    router,
    "GET",
    "/categories",
    rule="see_desk",
    scope=SCOPE,
    response=Categories,
    summary="Categories",
)
def list_categories(request: ApiRequest) -> Any:
    """[A3] The tree of two levels, with the default hours for handling [A4]."""
    items = [
        {
            "code": each.code,
            "label": each.label,
            "parent": each.parent.code if each.parent else None,
            "is_active": each.is_active,
            "hours": each.hours,
        }
        for each in Category.objects.select_related("parent").order_by("order", "code")
    ]
    return {"items": items}


@operation(
    router,
    "POST",
    "/homes/search",
    rule="see_home",
    scope=SCOPE,
    response=Homes,
    summary="Find homes",
)
def search_homes(request: ApiRequest, body: HomeSearch) -> Any:
    """The homes that a text can mean, at most 50: 3-1-802, 3栋1单元802, 三栋802. By POST, since a home
    has no place in an address.
    """
    person = request.auth.person
    project = visible_to(person, Project).filter(code=body.project).first()
    if project is None:
        raise problems.not_found()
    seen = visible_to(person, Home)
    found = homes.suggest(project, body.text).filter(pk__in=seen.values("pk"))[:MOST]
    return {"items": list(found)}


@operation(
    router,
    "POST",
    "/customers/search",
    rule="receive",
    scope=Scope.CUSTOMERS_READ,
    response=Customers,
    summary="Find customers by telephone",
)
def search_customers(request: ApiRequest, body: CustomerSearch) -> Any:
    """Who calls from this number, at most 50. By POST, since a number has no place in an address;
    every search is in the access log.
    """
    person = request.auth.person
    digits = sum(letter.isdigit() for letter in body.telephone)
    projects = visible_to(person, Project).values_list("pk", flat=True)
    found = find_by_telephone(projects, body.telephone) if digits >= 4 else Customer.objects.none()
    seen = visible_to(person, Customer)
    items = [
        {
            "id": each.pk,
            "project": each.project.code,
            "home": each.home_id,
            "home_label": each.home.label if each.home else None,
            "name": str.__str__(each.name),
            "telephone": mask(each.telephone) if each.telephone else "",
            "relation": each.relation,
        }
        for each in found.filter(pk__in=seen.values("pk"))[:MOST]
    ]
    audit.note(
        "api_customers_found",
        actor_id=person.pk,
        key=request.auth.key.prefix,
        found=len(items),
    )
    return {"items": items}
