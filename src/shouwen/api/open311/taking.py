"""Receiving what was posted by Open311, with its file."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from shouwen.api.open311.asking import Said
from shouwen.channels import adding
from shouwen.channels.arriving import arrive
from shouwen.channels.models import Open311Request
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.organization.models import Project


def take(project: Project, said: Said, files: Iterable[UploadedFile], *, key: str) -> Complaint:
    """Receive it as whatever comes in by itself (design §3); the same `key` gives the same complaint.

    Raises InvalidData for what the record cannot hold, such as a telephone that is none.
    """
    content = said.description
    if said.media_url:
        # Never fetched from here: an address that a stranger gives leads anywhere.
        content += "\n" + _("照片：{address}").format(address=said.media_url)
    matter = {
        "content": content,
        "place": said.place,
        "category": said.service.code,
        "name": said.name,
        "telephone": said.telephone,
    }
    outcome = arrive(project, matter, channel=Channel.API, key=f"open311:{key}")
    complaint = outcome.complaint
    if not outcome.replayed:
        Open311Request.objects.create(
            complaint=complaint,
            project=project,
            requested_at=complaint.received_at,
            service=said.service.code,
            latitude=said.latitude,
            longitude=said.longitude,
            address=said.address,
            media_url=said.media_url,
        )
    adding.add(complaint, files, key=f"open311:{key}")
    return complaint
