"""What the customer signs on the counter's tablet: a picture, sent with the form."""

from __future__ import annotations

import base64
import binascii

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.records.models import Attachment

PREFIX = "data:image/png;base64,"
#: A full-width stroke on a tablet takes some 30 kB; what is larger is no signature of ours.
LARGEST = 600_000


def drawn(sent: str) -> SimpleUploadedFile | None:
    """The picture of the form's field, None where nothing was signed.

    What it really is, the store of attachments looks at. Raises ValueError for what is none.
    """
    if not sent:
        return None
    if not sent.startswith(PREFIX) or len(sent) > LARGEST:
        raise ValueError("no picture of a signature")
    try:
        content = base64.b64decode(sent.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("no picture of a signature") from None
    return SimpleUploadedFile(_("客户签名") + ".png", content, content_type="image/png")


def of(complaint: Complaint) -> Attachment | None:
    """The last signature of the complaint that is still kept."""
    found = Attachment.objects.filter(
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        erased_at=None,
        entry__facts__purpose="signature",
    )
    return found.order_by("-stored_at").first()
