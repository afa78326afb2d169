"""Files of a complaint: adding them, listing them, reading them back."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from shouwen.api import problems, telling
from shouwen.api.authentication import ApiRequest
from shouwen.api.door import operation
from shouwen.api.reading import complaint_of, idempotency_key
from shouwen.api.scopes import Scope
from shouwen.complaints import lifecycle, requests
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import NotAllowed
from shouwen.complaints.state import fold
from shouwen.desk.byte_ranges import file_response
from shouwen.organization.permissions import may, visible_to
from shouwen.records import attachments, ledger
from shouwen.records.models import Attachment

router = Router(tags=["attachments"])
SCOPE = Scope.ATTACHMENTS

_ALONE = "default-src 'none'; sandbox"


class Attachments(Schema):
    items: list[telling.AttachmentOut]


@operation(
    router,
    "GET",
    "/complaints/{number}/attachments",
    rule="see_complaint",
    scope=SCOPE,
    response=Attachments,
    summary="Files of a complaint",
)
def list_attachments(request: ApiRequest, number: str) -> Any:
    """Photos, recordings and documents, in the order in which they came."""
    found = complaint_of(request.auth.person, number)
    rows = Attachment.objects.filter(
        subject_type=SUBJECT, subject_id=found.pk, erased_at=None, entry__isnull=False
    )
    zone = found.project.timezone
    items = [
        telling.attachment(each, zone)
        for each in rows.select_related("entry").order_by("stored_at", "pk")
    ]
    return {"items": items}


@operation(
    router,
    "POST",
    "/complaints/{number}/attachments",
    rule="take_step",
    scope=SCOPE,
    response=telling.AttachmentOut,
    status=201,
    refuses=(409,),
    summary="Add a file",
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "schema": {"type": "string", "maxLength": 150},
            }
        ]
    },
)
def add_attachment(
    request: ApiRequest, response: HttpResponse, number: str, file: Annotated[UploadedFile, File()]
) -> Any:
    """[A2] One file as `multipart/form-data`. Its type is told by its content, metadata is taken out,
    and its digest is in the ledger.
    """
    person = request.auth.person
    complaint = complaint_of(person, number)
    at = lifecycle.stand(person, complaint, fold(ledger.entries(SUBJECT, complaint.pk)))
    allowed = may(person, "step:attach", at)
    if not allowed:
        raise NotAllowed(allowed.rule)
    zone = complaint.project.timezone
    name = file.name or ""
    sent = {"sha256": _digest(file), "name": name}
    asked = requests.Request(idempotency_key(request), person.pk, "api:attach", complaint.pk, sent)
    answered = asked.answered()
    if answered is not None:
        response.headers["Idempotent-Replayed"] = "true"
        kept = Attachment.objects.select_related("entry").get(pk=answered["attachment"])
        return telling.attachment(kept, zone)
    stored = attachments.store(
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        project_id=complaint.project_id,
        upload=file,
        name=name,
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
    asked.answer({"attachment": str(stored.pk)})
    response.headers["Location"] = f"/api/v1/attachments/{stored.pk}"
    return telling.attachment(stored, zone)


def _digest(file: UploadedFile) -> str:
    total = hashlib.sha256()
    for block in file.chunks():
        total.update(block)
    file.seek(0)
    return total.hexdigest()


@operation(
    router,
    "GET",
    "/attachments/{attachment}",
    rule="see_complaint",
    scope=SCOPE,
    response=bytes,
    summary="Fetch a file",
)
def fetch_attachment(request: ApiRequest, attachment: UUID) -> Any:
    """The file as stored, for whoever may see its complaint."""
    found = Attachment.objects.filter(
        pk=attachment, subject_type=SUBJECT, erased_at=None, entry__isnull=False
    ).first()
    seen = visible_to(request.auth.person, Complaint)
    if found is None or not seen.filter(pk=found.subject_id).exists():
        raise problems.not_found()
    try:
        stream = attachments.opened(found)
    except FileNotFoundError:
        raise problems.not_found() from None
    response = file_response(
        request, stream, content_type=found.content_type, filename=found.name, as_attachment=True
    )
    response.headers["Content-Security-Policy"] = _ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
