"""Everything held about one customer: to hand over [PIPL art. 45] and to erase [PIPL art. 47]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from shouwen.complaints import rules
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.personal import of_customer as contacts_of
from shouwen.complaints.contacts.projection import SUBJECT as CONTACT
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.organization import customer_ledger
from shouwen.organization.models import Customer, Staff
from shouwen.organization.personal import CUSTOMER
from shouwen.records import audit, erasure, personal
from shouwen.records.models import Attachment, ErasableFact

IDENTIFYING = frozenset({"name", "telephone", "email", "home"})
"""What of a complaint says who made it; without anything named, all that was said goes."""


class StillOpen(Exception):
    """Complaints or contacts of the customer are open; the argument is their numbers."""


class OnHold(Exception):
    """Complaints of the customer are held for a dispute; the argument is their numbers."""


@dataclass(frozen=True)
class Erased:
    """What an erasure took: values of the card, of which complaints, and whole files."""

    customer: int
    complaints: tuple[str, ...]
    files: int


def complaints_of(customer: Customer) -> QuerySet[Complaint]:
    """Those entered for the customer, and those of the project made from the same number."""
    theirs = Q(customer=customer)
    if customer.telephone_index:
        theirs |= Q(project_id=customer.project_id, telephone_index=customer.telephone_index)
    return Complaint.objects.filter(theirs).order_by("received_at", "pk")


def known_to(person: Staff, customer: Customer) -> QuerySet[Complaint]:
    """Those of which somebody may know that they are this customer's.

    Never one about themselves, nor one whose source is kept from them.
    """
    found = complaints_of(customer).filter(rules.source_known_to(person))
    return found.exclude(about=person)


def held(customer: Customer, by: Staff | None) -> dict[str, Any]:
    """All that every room holds: the card, each complaint (`by` somebody: of those they know) and
    each contact."""
    found = complaints_of(customer) if by is None else known_to(by, customer)
    numbers = dict(found.values_list("pk", "number"))
    kept = personal.export_many(SUBJECT, numbers)
    contacts = dict(contacts_of(customer).values_list("pk", "number"))
    of_contacts = personal.export_many(CONTACT, contacts)
    return {
        "customer": personal.export(CUSTOMER, customer.pk),
        "complaints": [{"number": numbers[pk], "held": kept[pk]} for pk in numbers],
        "contacts": [{"number": contacts[pk], "held": of_contacts[pk]} for pk in contacts],
    }


def export(customer: Customer, *, by: Staff | None) -> dict[str, Any]:
    """What is :func:`held`, to be handed over. Written down as an access."""
    found = held(customer, by)
    audit.note(
        "customer_exported",
        actor_id=by.pk if by else None,
        subject_type=CUSTOMER,
        subject_id=customer.pk,
        project_id=customer.project_id,
        complaints=len(found["complaints"]),
        contacts=len(found["contacts"]) or None,
    )
    return found


@dataclass(frozen=True)
class Preview:
    """What an erasure would take, as far as the person may know of it."""

    card: tuple[str, ...]
    """The fields of the card that say something."""
    complaints: tuple[Complaint, ...]
    contacts: tuple[Contact, ...]
    texts: int
    files: int

    @property
    def still_open(self) -> tuple[Complaint | Contact, ...]:
        """Those that somebody is still at work on."""
        return (
            *(each for each in self.complaints if each.closed_at is None),
            *(each for each in self.contacts if each.waiting),
        )


def preview(customer: Customer, *, by: Staff, everything: bool) -> Preview:
    """What :func:`erase` would take. A constant number of queries; nothing is changed."""
    complaints = tuple(known_to(by, customer))
    contacts = tuple(contacts_of(customer))
    of_complaints = [each.pk for each in complaints]
    of_contacts = [each.pk for each in contacts]
    facts = ErasableFact.objects.filter(
        Q(entry__subject_type=SUBJECT, entry__subject_id__in=of_complaints)
        | Q(entry__subject_type=CONTACT, entry__subject_id__in=of_contacts)
    )
    files = Attachment.objects.filter(
        Q(subject_type=SUBJECT, subject_id__in=of_complaints)
        | Q(subject_type=CONTACT, subject_id__in=of_contacts),
        erased_at=None,
    )
    if not everything:
        facts, files = facts.filter(name__in=IDENTIFYING), files.none()
    return Preview(
        card=tuple(
            name
            for name in ("name", "telephone", "home", "preferred_time")
            if getattr(customer, name)
        ),
        complaints=complaints,
        contacts=contacts,
        texts=facts.count(),
        files=files.count(),
    )


def erase(
    customer: Customer,
    *,
    by: Staff | None,
    reason: str,
    everything: bool,
    open_too: bool = False,
) -> Erased:
    """Erase the card and what complaints and contacts say of the customer, in one transaction.

    `everything`: the words and attachments of the complaints too, not only who it was. Files that
    may repeat any of it (exports, imports) are removed once it is committed. A complaint about the
    person who erases stays as it is; the access log says how many. Raises StillOpen
    where complaints are open and `open_too` does not say that this is known, OnHold where one is
    held for a dispute, ValueError without a reason.
    """
    actor_id = by.pk if by else None
    with transaction.atomic():
        customer = Customer.objects.select_for_update().get(pk=customer.pk)
        every = list(complaints_of(customer))
        found = [each for each in every if by is None or each.about_id != by.pk]
        if held := [each.number for each in found if each.held]:
            raise OnHold(held)
        contacts = list(contacts_of(customer))
        still_open = [each.number for each in found if each.closed_at is None]
        still_open += [each.number for each in contacts if each.waiting]
        if still_open and not open_too:
            raise StillOpen(still_open)
        names = None if everything else IDENTIFYING
        for complaint in found:
            erasure.erase(SUBJECT, complaint.pk, names, actor_id=actor_id, reason=reason)
        for contact in contacts:
            erasure.erase(CONTACT, contact.pk, names, actor_id=actor_id, reason=reason)
        customer_ledger.begun(customer, actor_id=actor_id)
        entry = erasure.erase(CUSTOMER, customer.pk, None, actor_id=actor_id, reason=reason)
        audit.note(
            "customer_erased",
            actor_id=actor_id,
            subject_type=CUSTOMER,
            subject_id=customer.pk,
            project_id=customer.project_id,
            complaints=len(found),
            contacts=len(contacts) or None,
            everything=everything,
            left_out=len(every) - len(found) or None,
        )
    return Erased(
        customer=sum(entry.facts["erased"].values()),
        complaints=tuple(each.number for each in found),
        files=sum(remove() for remove in personal.COPIES),
    )
