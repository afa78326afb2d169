"""What this room holds about people, for the register of personal data [PIPL art. 45, 47]."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from shouwen.organization.models import Customer, Staff
from shouwen.records import personal

CUSTOMER, STAFF = "customer", "staff"

#: What is said about a customer, and what becomes of it: name → fields and their empty value.
_OF_CUSTOMER: dict[str, dict[str, Any]] = {
    "name": {"name": ""},
    "telephone": {"telephone": "", "telephone_index": "", "telephone_last4_index": ""},
    "home": {"home": None},
    "preferred_time": {"preferred_time": ""},
}
_OF_STAFF: dict[str, dict[str, Any]] = {"telephone": {"telephone": ""}}


def register() -> None:
    """Enter customers and staff into the register, when Django starts."""
    personal.register("organization", _("客户档案"), export=_export_customer, erase=_erase_customer)
    personal.register("organization", _("员工电话"), export=_export_staff, erase=_erase_staff)


def _export_customer(
    subject_type: str, subject_ids: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    if subject_type != CUSTOMER:
        return {}
    return {
        customer.pk: [
            {
                "name": customer.name,
                "telephone": customer.telephone,
                "home": customer.home.label if customer.home else "",
                "relation": customer.relation,
                "preferred_time": customer.preferred_time,
                "preferred_channel": customer.preferred_channel,
                "since": customer.since.isoformat(),
            }
        ]
        for customer in Customer.objects.filter(pk__in=subject_ids).select_related("home")
    }


def _export_staff(
    subject_type: str, subject_ids: Collection[int]
) -> dict[int, list[dict[str, Any]]]:
    if subject_type != STAFF:
        return {}
    return {
        staff.pk: [{"name": staff.name, "username": staff.username, "telephone": staff.telephone}]
        for staff in Staff.objects.filter(pk__in=subject_ids)
    }


def _erase_customer(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    return _erase(Customer, subject_id, _OF_CUSTOMER, names) if subject_type == CUSTOMER else 0


def _erase_staff(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    # The name on a post is who acted, which the ledger must go on telling.
    return _erase(Staff, subject_id, _OF_STAFF, names) if subject_type == STAFF else 0


def _erase(
    model: type[Model],
    subject_id: int,
    held: dict[str, dict[str, Any]],
    names: Collection[str] | None,
) -> int:
    row = model._default_manager.filter(pk=subject_id).first()
    if row is None:
        return 0
    emptied: dict[str, Any] = {}
    erased = 0
    for name, fields in held.items():
        if names is None or name in names:
            erased += bool(getattr(row, name))
            emptied |= fields
    for field, value in emptied.items():
        setattr(row, field, value)
    row.save(update_fields=list(emptied))
    return erased
