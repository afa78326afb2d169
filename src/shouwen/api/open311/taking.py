"""Receiving what was posted by Open311, with its file."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from shouwen.api.open311.asking import Said
from shouwen.channels import adding
from shouwen.channels.arriving import arrive
from shouwen.channels.models import Open311Request
from shouwen.complaints import requests
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.organization.models import Project
from shouwen.records.models import Request


def known(key: str) -> bool:
    """Whether what has this `key` was received before: its sender may ask again as often as they like."""
    stored = Request.objects.filter(key=f"{Channel.API}:{_key(key)}", actor_id=requests.NOBODY)
    return stored.exists()


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
        "email": said.email,
    }
    outcome = arrive(project, matter, channel=Channel.API, key=_key(key))
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
    adding.add(complaint, files, key=_key(key))
    return complaint


def _key(key: str) -> str:
    return f"open311:{key}"
