"""Photographs that came with what somebody outside the staff sent: each once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import KeyReused, Refused
from shouwen.organization.models import Staff
from shouwen.records import attachments
from shouwen.records.models import Attachment

#: So many files are taken with one complaint; whoever has more adds them on the tracking page.
MOST = 9


def add(complaint: Complaint, uploads: Iterable[UploadedFile], *, key: str) -> list[str]:
    """Store the files and write each into the ledger; what was not taken in, as sentences.

    A file that was sent with the same `key` before is left out: the reply to it was lost.
    """
    refused = []
    for upload in list(uploads)[:MOST]:
        name = upload.name or ""
        digest = hashlib.sha256(upload.read()).hexdigest()
        upload.seek(0)
        try:
            stored = store(SUBJECT, complaint.pk, complaint.project_id, upload)
            if not _bind(stored, complaint, key=f"{key}:{digest[:32]}"):
                # Sent before: this copy of it is one too many.
                stored.path.unlink(missing_ok=True)
                stored.delete()
        except attachments.AttachmentRefused as error:
            refused.append(_("{name}：{why}").format(name=name, why=error))
        except Refused as error:
            refused.append(error.words)
    return refused


def store(subject_type: str, subject_id: int, project_id: int, upload: UploadedFile) -> Attachment:
    """Take in a file that nobody of the staff sent. Raises AttachmentRefused."""
    return attachments.store(
        subject_type=subject_type,
        subject_id=subject_id,
        project_id=project_id,
        upload=upload,
        name=upload.name or "",
        actor_id=None,
    )


def take_over(subject_type: str, subject_id: int, complaint: Complaint, *, key: str) -> None:
    """Give a complaint the files that were kept for something else until it was one."""
    kept = Attachment.objects.filter(
        subject_type=subject_type, subject_id=subject_id, erased_at=None
    )
    for stored in kept.order_by("stored_at", "id"):
        stored.subject_type, stored.subject_id = SUBJECT, complaint.pk
        stored.save(update_fields=["subject_type", "subject_id"])
        # One that the complaint may not take any more (it was merged) goes with the next sweep.
        with suppress(Refused):
            _bind(stored, complaint, key=f"{key}:{stored.pk}")


def _bind(stored: Attachment, complaint: Complaint, *, key: str) -> bool:
    """Write a stored file into the ledger, by nobody's hand; False where its key was used before."""
    person = complaint.first_contact
    assert isinstance(person, Staff)
    try:
        with transaction.atomic():
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
                key=key,
                unattended=True,
            )
            stored.entry = outcome.entries[0]
            stored.save(update_fields=["entry"])
    except KeyReused:
        return False
    return True
