"""Every operation of the API × every position × own, other and no project: as the rules say.

The operations come from the URL configuration; one without a rule fails, and one that lets in whom its
rule refuses, or refuses whom it lets in. A new one whose address names something needs a line here.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve
from django.utils import timezone

from shouwen.api import door, keys, v1
from shouwen.api.authentication import Key
from shouwen.api.keys import Used
from shouwen.api.models import ApiKey, Subscription
from shouwen.api.scopes import Scope
from shouwen.clocks.models import ClockRow
from shouwen.complaints import categories, incidents, lifecycle
from shouwen.complaints.contacts import door as contacts
from shouwen.complaints.state import fold
from shouwen.complaints.steps import STEPS
from shouwen.desk import matrix
from shouwen.desk.addresses import Address, addresses
from shouwen.desk.matrix import Somebody, Specimens
from shouwen.organization.models import Staff
from shouwen.organization.permissions import RULES, may
from shouwen.organization.positions import Position
from shouwen.records import ledger


@pytest.fixture
def made(db: None, tmp_path: Any, settings: Any) -> Iterator[Specimens]:
    settings.SHOUWEN_HOME = tmp_path
    categories.ship()
    with matrix.specimens() as found:
        yield found


def operations() -> list[Address]:
    return [each for each in addresses() if each.by_key]


def test_every_operation_declares_a_rule_and_comes_through_the_door() -> None:
    found = operations()
    assert [each.route for each in found if each.operation not in RULES] == []
    assert len(found) > 100
    for bound in v1.api._get_bound_routers():
        for view in bound.path_operations.values():
            for each in view.operations:
                assert getattr(each.view_func, "operation", "") in RULES
                assert each.view_func.scope in (*Scope.values, "")  # type: ignore[attr-defined]
                # Nothing is open without a key.
                assert [type(auth) for auth in each.auth_callbacks] == [Key]
    assert door.REFUSALS


class Asking:
    """One complaint of the own project, and everybody with a key of every scope."""

    def __init__(self, made: Specimens) -> None:
        self.made = made
        clerk = made.clerk
        taken = lifecycle.take(
            "receive",
            person=clerk,
            project=made.project,
            data={"content": "楼道灯不亮", "category": "power", "home": made.home.pk},
        )
        self.complaint = lifecycle.take(
            "dispatch",
            person=clerk,
            complaint=taken.complaint,
            data={"department": made.department.code},
        ).complaint
        self.state = fold(ledger.entries("complaint", self.complaint.pk))
        self.clock = ClockRow.objects.filter(subject_id=self.complaint.pk).first()
        self.incident = incidents.begin(made.project, person=clerk, title="停电")
        self.contact = contacts.receive(
            person=clerk,
            project=made.project,
            data={
                "nature": "repair",
                "content": "滴水",
                "to": f"department:{made.department.code}",
            },
        ).contact
        head = self.of(Position.CENTRE_HEAD, "own")
        self.hook = Subscription.objects.create(
            owner=head,
            url="https://example.com/",
            secret="whsec_AAAA",
            created_at=timezone.now(),
        )
        self.said: dict[str, Any] = {
            "api/v1/complaints": {"project": made.project.code, "data": {"content": "灯不亮"}},
            "api/v1/contacts": {
                "project": made.project.code,
                "data": {"nature": "enquiry", "content": "几点开门？"},
            },
            "api/v1/homes/search": {"project": made.project.code, "text": "1-1-101"},
            "api/v1/customers/search": {"telephone": "13800001001"},
            "api/v1/incidents": {"project": made.project.code, "title": "停电"},
            "api/v1/incidents/<incident>": {"status": "ended"},
            "api/v1/incidents/<incident>/together/<step>": {"data": {"text": "已联系。"}},
            "api/v1/webhooks": {"url": "https://127.0.0.1/"},
            "api/v1/webhooks/<webhook>": {},
            "api/v1/webhooks/<webhook>/replay": {"after": "0.0"},
        }

    def of(self, position: str, project: str) -> Staff:
        return next(
            each.staff
            for each in self.made.everybody
            if (each.position, each.project) == (position, project)
        )

    def sees(self, person: Staff, route: str = "") -> bool:
        if "<contact>" in route:
            return bool(may(person, "see_contacts", self.contact))
        return bool(may(person, "see_complaint", self.complaint))

    def expected(self, each: Address, person: Staff) -> bool:
        """What the rules say of the operation as it is asked for here."""
        if not may(person, each.operation):
            return False
        route = each.route
        if "<webhook>" in route:
            return bool(may(person, "keep_webhooks", self.hook))
        if "<contact>" in route:
            return self.sees(person, route) and bool(may(person, each.operation, self.contact))
        if route in ("api/v1/complaints", "api/v1/contacts") and each.methods == ("POST",):
            return bool(may(person, "receive", self.made.project))
        if route == "api/v1/homes/search":
            return bool(may(person, "see_home", self.made.home))
        if "<incident>" in route:
            edits = each.methods == ("PATCH",)
            seen = bool(may(person, "see_incidents", self.incident))
            return seen and (not edits or bool(may(person, "edit_incident", self.made.project)))
        if route == "api/v1/incidents" and each.methods == ("POST",):
            return bool(may(person, "edit_incident", self.made.project))
        if "<number>" not in route:
            return True
        if not self.sees(person):
            return False
        at = lifecycle.stand(person, self.complaint, self.state)
        if route.endswith("/contact"):
            return bool(may(person, "see_source", at))
        if each.methods == ("POST",) and route.endswith("/attachments"):
            return bool(may(person, "step:attach", at))
        if each.methods == ("POST",):
            return bool(may(person, f"step:{self._step(route)}", at))
        return True

    def _step(self, route: str) -> str:
        return route.split("/steps/")[1].split("/")[0]

    def answer(self, each: Address, person: Staff) -> int:
        """The status of the answer; nothing that it writes stays."""
        named = {
            "<number>": self.complaint.number,
            "<incident>": self.incident.number,
            "<step>": "note",
            "<contact>": self.contact.number,
            "<clock>": str(self.clock.pk if self.clock else 0),
            "<webhook>": str(self.hook.pk),
            "<attachment>": str(uuid.uuid4()),
        }
        path = "/" + each.route
        for name, value in named.items():
            path = path.replace(name, value)
        assert "<" not in path, f"{each.name!r} needs a case: what is named in {path}?"
        body = self.said.get(each.route, {"data": {}})
        request = RequestFactory().generic(
            each.methods[0],
            path,
            json.dumps(body),
            "application/json",
            HTTP_AUTHORIZATION="Bearer x",
        )
        key = ApiKey(owner=person, scopes=Scope.values, prefix="test")
        with pytest.MonkeyPatch.context() as patch, transaction.atomic():
            # A key is a row; here each person has one without it.
            patch.setattr(keys, "of_text", lambda text: key)
            patch.setattr(keys, "count", lambda key, now: Used(9, 1, 1))
            match = resolve(path)
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
            transaction.set_rollback(True)
        return response.status_code


# There is no file to fetch, and a form without one is refused before anybody is asked.
_EMPTY = {"api/v1/attachments/<attachment>"}
# Every step is asked of these; of everybody, a few.
_SOME_STEPS = {"note", "dispatch"}
_SOME = {
    (Position.CENTRE_HEAD, "own"),
    (Position.CENTRE_HEAD, "other"),
    (Position.DEPARTMENT_HEAD, "own"),
}


def _asked(each: Address, somebody: Somebody) -> bool:
    if "/steps/" not in each.route:
        return True
    some = (somebody.position, somebody.project) in _SOME
    return some or each.route.split("/steps/")[1].split("/")[0] in _SOME_STEPS


def test_keys_open_what_the_rules_open_to_their_person_and_nothing_else(made: Specimens) -> None:
    asking = Asking(made)
    wrong, asked, steps = [], 0, set()
    for each in operations():
        if each.route in _EMPTY:
            continue
        multipart = each.methods == ("POST",) and each.route.endswith("/attachments")
        for somebody in made.everybody:
            if not _asked(each, somebody):
                continue
            expected = asking.expected(each, somebody.staff)
            status = asking.answer(each, somebody.staff)
            asked += 1
            if "/steps/" in each.route and "<number>" in each.route:
                steps.add(each.route.split("/steps/")[1].split("/")[0])
            assert status < 500, (each.route, somebody.position, status)
            previews = each.route.endswith("/preview")
            if multipart or (
                each.methods == ("POST",) and "/steps/" in each.route and not previews
            ):
                # What a step lacks is told before who may take it; what may not be seen is not there.
                if not may(somebody.staff, each.operation):
                    fits = status in (403, 422)
                elif multipart:
                    fits = status == 422  # a form without a file
                elif not asking.sees(somebody.staff, each.route):
                    fits = status == 404
                else:
                    fits = status in ((200, 409, 422) if expected else (403, 422))
                if not fits:
                    wrong.append((each.route, each.methods, somebody.position, status))
                continue
            if previews:
                # Who may take it is told first, then what it lacks.
                if expected is (status in (403, 404)):
                    wrong.append((each.route, each.methods, somebody.position, status))
                continue
            if each.route in ("api/v1/homes/search",) and somebody.project == "other":
                continue  # the rule is asked about no home; the project is not there for them
            if each.route == "api/v1/webhooks" and each.methods == ("POST",):
                # Whoever may subscribe is told that this machine is no address to tell anything.
                if status != (422 if expected else 403):
                    wrong.append((each.route, each.methods, somebody.position, status))
                continue
            if expected is (status in (403, 404, 422)):
                wrong.append(
                    (each.route, each.methods, somebody.position, somebody.project, status)
                )
    assert wrong == []
    of_customers = {step.name for step in STEPS.values() if step.by_customer}
    assert steps == set(STEPS) - {"receive", "attach"} - of_customers
    assert asked > 1_500
