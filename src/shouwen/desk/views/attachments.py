"""Files of a complaint: adding them, and reading them back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from shouwen.complaints import lifecycle
from shouwen.complaints.contacts.models import Contact
from shouwen.complaints.contacts.projection import SUBJECT as CONTACT
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import Refused
from shouwen.desk.byte_ranges import file_response
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views.complaint import complaint_for, complaint_page
from shouwen.organization.models import Staff
from shouwen.organization.permissions import visible_to
from shouwen.records import attachments, audit
from shouwen.records.models import Attachment

_OF: dict[str, Any] = {SUBJECT: Complaint, CONTACT: Contact}

# Shown in the browser; anything else is handed over as a file.
_SHOWN = ("image/", "audio/", "video/")

_ALONE = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"


def add(
    person: Staff, complaint: Complaint, uploads: Iterable[UploadedFile], purpose: str = ""
) -> list[str]:
    """Store the files and write each into the ledger; what was not taken in, as sentences.

    `purpose` is `signature` for what the customer signed.
    """
    refused = []
    for upload in uploads:
        name = upload.name or ""
        try:
            stored = attachments.store(
                subject_type=SUBJECT,
                subject_id=complaint.pk,
                project_id=complaint.project_id,
                upload=upload,
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
                    "purpose": purpose,
                },
            )
        except attachments.AttachmentRefused as error:
            refused.append(_("{name}：{why}").format(name=name, why=error))
        except Refused as error:
            refused.append(error.words)
        else:
            stored.entry = outcome.entries[0]
            stored.save(update_fields=["entry"])
    return refused


@require_POST
@staff_page("take_step")
def attach(request: StaffRequest, number: str) -> HttpResponse:
    """Add files to a complaint."""
    complaint = complaint_for(request.user, number)
    refused = add(request.user, complaint, request.FILES.getlist("files"))
    if refused:
        return complaint_page(request, complaint, attach_error=" ".join(refused), status=422)
    return redirect("desk:complaint", number)


@require_safe
@staff_page("see_complaint")
def attachment(request: StaffRequest, pk: str) -> HttpResponseBase:
    """One file, for whoever may see its complaint or contact."""
    found = get_object_or_404(Attachment, pk=pk, subject_type__in=_OF, erased_at=None)
    if not visible_to(request.user, _OF[found.subject_type]).filter(pk=found.subject_id).exists():
        raise Http404
    try:
        stream = attachments.opened(found)
    except FileNotFoundError:
        raise Http404 from None
    audit.note(
        "attachment_fetched",
        actor_id=request.user.pk,
        subject_type=found.subject_type,
        subject_id=found.subject_id,
        project_id=found.project_id,
        attachment=str(found.pk),
    )
    response = file_response(
        request,
        stream,
        content_type=found.content_type,
        filename=found.name,
        as_attachment=not found.content_type.startswith(_SHOWN),
    )
    # Whatever a file holds, it runs nothing and reaches nothing of ours.
    response.headers["Content-Security-Policy"] = _ALONE
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
