"""Files of a contact: stored and written into its ledger, and taken along when it is a complaint."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils import timezone

from shouwen.complaints import lifecycle
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT as COMPLAINT
from shouwen.organization.models import Staff
from shouwen.records import attachments, ledger
from shouwen.records.models import Attachment

SUBJECT = "contact"


def of(contact: Contact) -> list[Attachment]:
    """The files that are there, by when they were stored."""
    found = Attachment.objects.filter(
        subject_type=SUBJECT, subject_id=contact.pk, erased_at=None, entry__isnull=False
    )
    return list(found.order_by("stored_at"))


def attach(contact: Contact, person: Staff, upload: Any, name: str) -> Attachment:
    """Store one file and write it into the ledger. Raises attachments.AttachmentRefused."""
    with transaction.atomic():
        stored = attachments.store(
            subject_type=SUBJECT,
            subject_id=contact.pk,
            project_id=contact.project_id,
            upload=upload,
            name=name,
            actor_id=person.pk,
        )
        chain = ledger.lock(SUBJECT, contact.pk)
        assert chain is not None
        facts = {"attachment": str(stored.pk), "sha256": stored.sha256, "size": stored.size}
        now = timezone.now()
        stored.entry = ledger.append(
            chain=chain, kind="attached", actor_id=person.pk, occurred_at=now, facts=facts, now=now
        )
        stored.save(update_fields=["entry"])
        Contact.objects.filter(pk=contact.pk).update(version=chain.head_number)
    return stored


def hand_over(contact: Contact, complaint: Complaint, person: Staff) -> None:
    """Copy the files to the complaint that the contact became, so that they can be seen there.

    One that is not in the store any more is left out: the complaint does not wait for it.
    """
    for each in of(contact):
        with suppress(FileNotFoundError):
            _copy(each, complaint, person)


def _copy(file: Attachment, complaint: Complaint, person: Staff) -> None:
    with attachments.opened(file) as stream:
        stored = attachments.store(
            subject_type=COMPLAINT,
            subject_id=complaint.pk,
            project_id=complaint.project_id,
            upload=stream,
            name=file.name,
            actor_id=person.pk,
        )
    outcome = lifecycle.take(
        "attach",
        person=person,
        complaint=complaint,
        data={
            "attachment": str(stored.pk),
            "name": stored.name,
            "sha256": stored.sha256,
            "content_type": stored.content_type,
            "size": stored.size,
        },
    )
    stored.entry = outcome.entries[0]
    stored.save(update_fields=["entry"])
