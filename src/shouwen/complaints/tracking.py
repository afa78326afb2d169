"""The private link by which a customer follows a complaint: unguessable, revocable.

The token is made from the complaint, its link's number and a key of this home, so that it can be
said again (a receipt whose reply was lost); the database keeps only what it is found by.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.db import transaction
from django.utils import timezone

from shouwen.complaints.models import Complaint, TrackingLink
from shouwen.organization.models import Project
from shouwen.records.fields import blind_index

_LENGTH = 26  # characters of base32: 130 bits


def token_of(complaint: Complaint) -> str:
    """The token of the complaint's link, made on the first ask; "" where it was revoked."""
    link, _made = TrackingLink.objects.get_or_create(
        complaint=complaint,
        defaults={"project_id": complaint.project_id, "digest": _digest(_token(complaint.pk, 1))},
    )
    return "" if link.revoked_at else _token(complaint.pk, link.ordinal)


def found(token: str) -> TrackingLink | None:
    """The link of a token; None where there is none (any more)."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    links = TrackingLink.objects.select_related("project")
    return links.filter(digest=_digest(token.lower()), revoked_at=None).first()


def project_of_stopped(token: str) -> Project | None:
    """The project of a link that was stopped, so that its page can say whom to call; else None."""
    if len(token) != _LENGTH or not token.isascii():
        return None
    link = TrackingLink.objects.select_related("project").filter(digest=_digest(token.lower()))
    stopped = link.exclude(revoked_at=None).first()
    return stopped.project if stopped is not None else None


def revoke(complaint: Complaint) -> None:
    """Stop the link: whoever has it sees nothing any more. `renew` makes another."""
    TrackingLink.objects.filter(complaint=complaint, revoked_at=None).update(
        revoked_at=timezone.now()
    )


def renew(complaint: Complaint) -> str:
    """Make another link, the only one from now on, and return its token."""
    token_of(complaint)
    with transaction.atomic():
        link = TrackingLink.objects.select_for_update().get(complaint=complaint)
        link.ordinal += 1
        link.revoked_at = None
        link.digest = _digest(_token(complaint.pk, link.ordinal))
        link.save()
    return _token(complaint.pk, link.ordinal)


def _token(complaint_id: int, ordinal: int) -> str:
    secret = blind_index(f"{complaint_id}:{ordinal}", "tracking link")
    made = hmac.digest(secret.encode(), b"token", "sha256")
    return base64.b32encode(made).decode()[:_LENGTH].lower()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
