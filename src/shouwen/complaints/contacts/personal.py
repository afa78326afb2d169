"""The personal data of contacts, for export and erasure [PIPL art. 45, 47]."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT
from shouwen.complaints.contacts.state import SAID
from shouwen.organization.models import Customer
from shouwen.records import personal


def register() -> None:
    """Tell the register of personal data what contacts repeat of their ledgers."""
    personal.register("contacts", _("联系单登记"), export=export, erase=erase)


def of_customer(customer: Customer) -> QuerySet[Contact]:
    """Those entered for the customer, and those of the project made from the same number."""
    theirs = Q(customer=customer)
    if customer.telephone_index:
        theirs |= Q(project_id=customer.project_id, telephone_index=customer.telephone_index)
    return Contact.objects.filter(theirs).order_by("received_at", "pk")


def export(subject_type: str, subject_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    """The record of each contact, with its answer."""
    if subject_type != SUBJECT:
        return {}
    rows = Contact.objects.filter(pk__in=subject_ids).values(
        "pk", "number", "received_at", *SAID, "answer", home_label=F("home__label")
    )
    return {row.pop("pk"): [row] for row in rows}


def erase(subject_type: str, subject_id: int, names: Collection[str] | None) -> int:
    """Blank the columns that repeat erased words, and the indexes by which they were found."""
    if subject_type != SUBJECT:
        return 0
    columns: dict[str, Any] = {name: "" for name in SAID if names is None or name in names}
    if names is None or "told" in names:
        columns["answer"] = ""
    contact = Contact.objects.get(pk=subject_id)
    held = sum(bool(getattr(contact, name)) for name in columns)
    if "telephone" in columns:
        columns |= {"telephone_index": "", "telephone_last4_index": ""}
    for name in ("customer", "home"):
        if names is None or name in names:
            held += getattr(contact, f"{name}_id") is not None
            columns[name] = None
    # The entry `erased` follows in this transaction, and the row follows the head of the ledger.
    Contact.objects.filter(pk=subject_id).update(**columns, version=F("version") + 1)
    return held
