"""Homes and customers from sheets."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _

from shouwen.organization import customers, structure
from shouwen.organization.customers import normalise, telephone_indexes
from shouwen.organization.homes import Address, of_parts, parse
from shouwen.organization.models import Customer, Home, Project, Staff
from shouwen.organization.sheets import Line, Outcome, Told, day, words_of

_Place = tuple[int, Address]


class HomeList:
    """Takes the rows of the sheet of homes."""

    def __init__(self, by: Staff) -> None:
        self.by = by
        self.projects = {each.code: each for each in Project.objects.all()}
        self._there: dict[int, set[Address]] = {}
        self.new: dict[int, dict[Address, None]] = {}

    def there(self, project: Project) -> set[Address]:
        """The homes of a project, those among them that the sheet adds."""
        if project.pk not in self._there:
            found = Home.objects.filter(project=project)
            self._there[project.pk] = {
                Address(*each) for each in found.values_list("building", "unit", "room")
            }
        return self._there[project.pk]

    def project(self, line: Line, reasons: list[str]) -> Project | None:
        """The project that a row names."""
        project = self.projects.get(line.cells.get("project", "").upper())
        if project is None:
            reasons.append(_("没有这个项目代号"))
        return project

    def look(self, line: Line) -> Told:
        """What a row amounts to."""
        reasons: list[str] = []
        project = self.project(line, reasons)
        parts = [line.cells.get(each, "") for each in ("building", "unit", "room")]
        address = of_parts(*parts)
        if address is None:
            reasons.append(_("楼栋、单元或房号的写法认不出，如 3、1、802"))
        if reasons or project is None or address is None:
            return Told(Outcome.WRONG, reasons)
        there = self.there(project)
        if address in there:
            return Told(Outcome.SAME)
        there.add(address)
        self.new.setdefault(project.pk, {})[address] = None
        return Told(Outcome.NEW)

    def write(self) -> None:
        """Write what is new; inside the caller's transaction."""
        by_id = {each.pk: each for each in self.projects.values()}
        for project_id, addresses in self.new.items():
            structure.build(by_id[project_id], addresses, by=self.by)


class CustomerList:
    """Takes the rows of the sheet of customers; a customer is known by home and telephone or name."""

    def __init__(self, homes: HomeList) -> None:
        self.homes = homes
        self._known: dict[int, dict[tuple[Any, str, str], Customer | None]] = {}
        self._rooms: dict[int, dict[tuple[str, str], list[Address]]] = {}
        self.new: list[tuple[_Place, dict[str, Any]]] = []
        self.changed: list[tuple[Customer, dict[str, Any]]] = []

    def look(self, line: Line) -> Told:
        """What a row amounts to."""
        cells = line.cells
        reasons: list[str] = []
        project = self.homes.project(line, reasons)
        address = self._home(project, cells.get("home", "")) if project else None
        if project and address is None:
            reasons.append(_("没有这一户，请先在“房屋”里登记"))
        name, telephone = cells.get("name", ""), cells.get("telephone", "")
        if not name and not telephone:
            reasons.append(_("称呼和电话至少填一项"))
        if len(name) > 80:
            reasons.append(_("称呼不超过 80 个字"))
        if telephone and not normalise(telephone):
            reasons.append(_("电话里没有数字"))
        relation = words_of(Customer.Relation).get(cells.get("relation", "").casefold())
        if cells.get("relation") and relation is None:
            reasons.append(_("没有这种身份，请从列表中选"))
        since = _since(cells.get("since", ""), reasons)
        if reasons or project is None or address is None:
            return Told(Outcome.WRONG, reasons)
        key = _key(address, name, telephone)
        known = self._customers(project)
        if key not in known:
            known[key] = None
            told = {"name": name, "telephone": telephone, "since": since}
            told["relation"] = relation or Customer.Relation.OWNER
            self.new.append(((project.pk, address), told))
            return Told(Outcome.NEW)
        customer = known[key]
        if customer is None:  # an earlier row of the sheet
            return Told(Outcome.SAME)
        wanted = {"name": name, "relation": relation}
        changes = {
            each: value
            for each, value in wanted.items()
            if value and getattr(customer, each) != value
        }
        if changes:
            self.changed.append((customer, changes))
        return Told(Outcome.CHANGED if changes else Outcome.SAME)

    def _home(self, project: Project, said: str) -> Address | None:
        """The home meant; without a unit it is the only one of that room number in the building."""
        address = parse(said.removeprefix(project.name)) if said else None
        if address is None or address in self.homes.there(project):
            return address
        if address.unit:
            return None
        if project.pk not in self._rooms:
            rooms: dict[tuple[str, str], list[Address]] = {}
            for each in self.homes.there(project):
                rooms.setdefault((each.building, each.room), []).append(each)
            self._rooms[project.pk] = rooms
        found = self._rooms[project.pk].get((address.building, address.room), [])
        return found[0] if len(found) == 1 else None

    def _customers(self, project: Project) -> dict[tuple[Any, str, str], Customer | None]:
        if project.pk not in self._known:
            known: dict[tuple[Any, str, str], Customer | None] = {}
            found = Customer.objects.filter(project=project).select_related("home")
            for each in found.exclude(home=None).iterator(2_000):
                assert each.home is not None
                address = Address(each.home.building, each.home.unit, each.home.room)
                index = each.telephone_index
                known[(address, index, "" if index else each.name)] = each
            self._known[project.pk] = known
        return self._known[project.pk]

    def write(self) -> None:
        """Write what is new or changed, after the homes; inside the caller's transaction."""
        projects = {project_id for (project_id, _address), _told in self.new}
        rows = Home.objects.filter(project__in=projects)
        places = {
            (project_id, Address(*address)): pk
            for pk, project_id, *address in rows.values_list(
                "pk", "project_id", "building", "unit", "room"
            )
        }
        made = []
        for place, told in self.new:
            whole, last_four = telephone_indexes(told["telephone"])
            made.append(
                Customer(
                    project_id=place[0],
                    home_id=places[place],
                    telephone_index=whole,
                    telephone_last4_index=last_four,
                    **told,
                )
            )
        Customer.objects.bulk_create(made, batch_size=1_000)
        for customer, changes in self.changed:
            customers.correct(customer, **changes)


def _key(address: Address, name: str, telephone: str) -> tuple[Any, str, str]:
    index = telephone_indexes(telephone)[0]
    return (address, index, "" if index else name)


def _since(said: str, reasons: list[str]) -> datetime.date | None:
    try:
        return day(said)
    except ValueError:
        reasons.append(_("登记日期写法不对，请写成 2026-11-01 这样"))
        return None
