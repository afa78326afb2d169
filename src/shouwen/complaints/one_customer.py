"""Everything held about one customer: to hand over [PIPL art. 45] and to erase [PIPL art. 47]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.organization.models import Customer
from shouwen.organization.personal import CUSTOMER
from shouwen.records import audit, erasure, ledger, personal

IDENTIFYING = frozenset({"name", "telephone"})
"""What of a complaint says who made it; without anything named, all that was said goes."""


class StillOpen(Exception):
    """Complaints of the customer are open; the argument is their numbers."""


class OnHold(Exception):
    """Complaints of the customer are held for a dispute; the argument is their numbers."""


@dataclass(frozen=True)
class Erased:
    """What an erasure took: values of the card, of how many complaints, and whole files."""

    customer: int
    complaints: tuple[str, ...]
    files: int


def complaints_of(customer: Customer) -> QuerySet[Complaint]:
    """Those entered for the customer, and those of the project made from the same number."""
    theirs = Q(customer=customer)
    if customer.telephone_index:
        theirs |= Q(project_id=customer.project_id, telephone_index=customer.telephone_index)
    return Complaint.objects.filter(theirs).order_by("received_at", "pk")


def export(customer: Customer, *, actor_id: int | None) -> dict[str, Any]:
    """All that every room holds: the card and each complaint. Written down as an access."""
    found = list(complaints_of(customer))
    audit.note(
        "customer_exported",
        actor_id=actor_id,
        subject_type=CUSTOMER,
        subject_id=customer.pk,
        project_id=customer.project_id,
        complaints=len(found),
    )
    return {
        "customer": personal.export(CUSTOMER, customer.pk),
        "complaints": [
            {"number": each.number, "held": personal.export(SUBJECT, each.pk)} for each in found
        ],
    }


def erase(
    customer: Customer,
    *,
    actor_id: int | None,
    reason: str,
    everything: bool,
    open_too: bool = False,
) -> Erased:
    """Erase the card and what the complaints say of the customer, in one transaction.

    `everything`: the words and attachments of the complaints too, not only who it was. Files that
    may repeat any of it (exports, imports) are removed once it is committed. Raises StillOpen
    where complaints are open and `open_too` does not say that this is known, OnHold where one is
    held for a dispute, ValueError without a reason.
    """
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        found = list(complaints_of(customer))
        if held := [each.number for each in found if each.held]:
            raise OnHold(held)
        if not open_too and (still_open := [c.number for c in found if c.closed_at is None]):
            raise StillOpen(still_open)
        for complaint in found:
            names = None if everything else IDENTIFYING
            erasure.erase(SUBJECT, complaint.pk, names, actor_id=actor_id, reason=reason)
        if ledger.lock(CUSTOMER, customer.pk) is None:
            # A card has no ledger before the first thing that is to be recorded of it.
            ledger.append(
                chain=ledger.open_chain(CUSTOMER, customer.pk, customer.project_id),
                kind="begun",
                actor_id=actor_id,
                occurred_at=timezone.now(),
                facts={},
            )
        entry = erasure.erase(CUSTOMER, customer.pk, None, actor_id=actor_id, reason=reason)
        audit.note(
            "customer_erased",
            actor_id=actor_id,
            subject_type=CUSTOMER,
            subject_id=customer.pk,
            project_id=customer.project_id,
            complaints=len(found),
            everything=everything,
        )
    return Erased(
        customer=sum(entry.facts["erased"].values()),
        complaints=_numbers(found),
        files=sum(remove() for remove in personal.COPIES),
    )


def _numbers(found: Sequence[Complaint]) -> tuple[str, ...]:
    return tuple(each.number for each in found)
