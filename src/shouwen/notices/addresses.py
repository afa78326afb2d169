"""The addresses of a person, a department or a project, and when each is used."""

from __future__ import annotations

import datetime
import zoneinfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from shouwen.notices.address import Address, CompanyFloor, Gateway, OwnRules
from shouwen.notices.preferences import Floor, Planned, Rules, in_order, plan
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Project, Staff

#: The kinds whose target a person's own record can say, and the field that says it.
RECORDED = {
    Address.Kind.EMAIL: "email",
    Address.Kind.WEBHOOK_SMS: "telephone",
    Address.Kind.WEBHOOK_CALL: "telephone",
}


def in_app(person: Staff) -> Address:
    """The person's place in the app, which everybody has."""
    return _by_record(person, Address.Kind.IN_APP)


def _by_record(person: Staff, kind: Address.Kind) -> Address:
    found, _made = Address.objects.get_or_create(
        staff=person, kind=kind, by_record=True, defaults={"reaches_one": True}
    )
    return found


def keep(person: Staff) -> list[Address]:
    """All addresses of a person, those of their record made where they are missing.

    Switched-off ones are among them, and those whose gateway the company has not set up (`usable`).
    """
    have = list(Address.objects.filter(staff=person))
    recorded = {each.kind for each in have if each.by_record}
    if Address.Kind.IN_APP not in recorded:
        have.append(in_app(person))
    for kind, field in RECORDED.items():
        if kind not in recorded and getattr(person, field):
            have.append(_by_record(person, kind))
    for each in have:
        each.staff = person
    return have


def usable(addresses: list[Address]) -> list[Address]:
    """Those that something can be sent to now: switched on, with a target and a gateway."""
    sending = gateways_in_use()
    return [
        each
        for each in addresses
        if each.is_active
        and (not each.by_record or recorded_target(each))
        and _served(each, sending)
    ]


def recorded_target(address: Address) -> str:
    """What the person's record says for an address that follows it; in-app says "in_app"."""
    if address.kind == Address.Kind.IN_APP:
        return str(Address.Kind.IN_APP)
    return str(getattr(address.staff, RECORDED[Address.Kind(address.kind)]))


_NEEDS = {
    Address.Kind.EMAIL: Gateway.Kind.SMTP,
    Address.Kind.WEBHOOK_SMS: Gateway.Kind.SMS,
    Address.Kind.WEBHOOK_CALL: Gateway.Kind.CALL,
    Address.Kind.WEB_PUSH: Gateway.Kind.WEB_PUSH,
}


def gateways_in_use() -> set[str]:
    """The kinds of gateways that the company has set up and not switched off."""
    found = set(Gateway.objects.filter(is_active=True).values_list("kind", flat=True))
    if settings.SHOUWEN_SMTP_URL:
        found.add(str(Gateway.Kind.SMTP))
    return found


def gateway_of(address: Address) -> str | None:
    """The kind of the company's gateway that an address needs; None where it needs none."""
    if address.kind == Address.Kind.WECOM and address.reaches_one:
        return str(Gateway.Kind.WECOM_APP)
    needed = _NEEDS.get(Address.Kind(address.kind))
    return str(needed) if needed else None


def _served(address: Address, sending: set[str]) -> bool:
    needed = gateway_of(address)
    return needed is None or needed in sending


def addresses_for(person: Staff, project_id: int | None = None) -> list[Address]:
    """Where a person is reached now, in the order of their own rules; in-app is always first."""
    return in_order(rules_of(person), usable(keep(person)))


def addresses_of_group(project_id: int, department_code: str = "") -> list[Address]:
    """Where a whole department is told or, without a code, a whole project."""
    owner = Q(department__code=department_code) if department_code else Q(project_id=project_id)
    return usable(list(Address.objects.filter(owner, staff=None).select_related("department")))


def plan_for(
    person: Staff,
    urgency: str,
    project_id: int | None = None,
    *,
    kind: str = "",
    at: datetime.datetime | None = None,
) -> list[Planned[Address]]:
    """When each of a person's addresses is used: their own rules over the company's floor.

    `urgency` is an `Urgency`; `kind` the kind of notice, which they may have switched off. Clock
    times are those of the project. Never empty: in-app is there at once. Raises ValueError for
    an unknown urgency.
    """
    return plan(
        rules_of(person),
        floor(),
        Urgency(urgency),
        usable(keep(person)),
        at=at or timezone.now(),
        zone=zone_of(project_id),
        kind=kind,
    )


def zone_of(project_id: int | None) -> zoneinfo.ZoneInfo:
    """The time zone of a project, or the company's."""
    name = (
        Project.objects.filter(pk=project_id).values_list("timezone", flat=True).first()
        if project_id
        else None
    )
    return zoneinfo.ZoneInfo(name or settings.TIME_ZONE)


def rules_of(person: Staff) -> Rules:
    """The person's own rules, or the shipped ones."""
    kept = OwnRules.objects.filter(staff=person).first()
    return Rules.model_validate(kept.rules) if kept else Rules()


def floor() -> Floor:
    """The company's floor, or the shipped one."""
    kept = CompanyFloor.objects.first()
    return Floor.model_validate(kept.floor) if kept else Floor()
