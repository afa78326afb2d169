"""Photographs that come by a link or a card: each written once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import KeyReused, Refused
from shouwen.records import attachments
from shouwen.records.models import Attachment

#: So many are taken at once.
MOST = 9

#: Takes the step that writes a stored file into the ledger: its data, and the key of the request.
Take = Callable[[dict[str, Any], str], Outcome]


def add(
    complaint: Complaint,
    uploads: Iterable[UploadedFile],
    *,
    key: str,
    take: Take,
    actor_id: int | None = None,
) -> list[str]:
    """Store the files and write each into the ledger; what was not taken in, as sentences."""
    refused = []
    for upload in list(uploads)[:MOST]:
        digest = hashlib.sha256(upload.read()).hexdigest()[:32]
        upload.seek(0)
        try:
            stored = attachments.store(
                subject_type=SUBJECT,
                subject_id=complaint.pk,
                project_id=complaint.project_id,
                upload=upload,
                name=upload.name or "",
                actor_id=actor_id,
            )
            _write(stored, take, f"{key}:{digest}")
        except attachments.AttachmentRefused as error:
            refused.append(_("{name}：{why}").format(name=upload.name, why=error))
        except Refused as error:
            refused.append(error.words)
    return refused


def _write(stored: Attachment, take: Take, key: str) -> None:
    told = {
        "attachment": str(stored.pk),
        "name": stored.name,
        "sha256": stored.sha256,
        "content_type": stored.content_type,
        "size": stored.size,
    }
    try:
        with transaction.atomic():
            stored.entry = take(told, key).entries[0]
            stored.save(update_fields=["entry"])
    except KeyReused:
        # It came before and the reply to it was lost: this copy is one too many.
        stored.path.unlink(missing_ok=True)
        stored.delete()


def of_customer(complaint: Complaint) -> QuerySet[Attachment]:
    """The photographs that the customer sent: those that nobody of the staff wrote into the ledger."""
    found = Attachment.objects.filter(subject_type=SUBJECT, subject_id=complaint.pk, erased_at=None)
    return found.filter(
        entry__isnull=False, entry__actor_id=None, content_type__startswith="image/"
    ).order_by("stored_at", "id")
