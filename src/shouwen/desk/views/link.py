"""The customer's private link on the desk: shown for handing over, stopped, made anew."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from shouwen.complaints import lifecycle, tracking
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.state import fold
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.complaint import complaint_for
from shouwen.organization.permissions import may
from shouwen.records import audit, ledger
from shouwen.records.rendering import qr_svg


def absolute(request: HttpRequest, path: str) -> str:
    """A portal address as it stands on paper or in a message: the public one where there is one."""
    public = str(settings.SHOUWEN_PUBLIC_ADDRESS).rstrip("/")
    return public + path if public else request.build_absolute_uri(path)


_NOTED = {
    "show": "tracking_link_seen",
    "stop": "tracking_link_revoked",
    "renew": "tracking_link_renewed",
}


@require_POST
@staff_page("keep_link")
def link(request: StaffRequest, number: str) -> HttpResponse:
    """Show the link with its code, stop it, or make another; each is written down."""
    complaint = complaint_for(request.user, number)
    at = lifecycle.stand(request.user, complaint, fold(ledger.entries(SUBJECT, complaint.pk)))
    allowed = may(request.user, "keep_link", at)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    asked = request.POST.get("do", "show")
    if asked == "stop":
        tracking.revoke(complaint)
    token = tracking.renew(complaint) if asked == "renew" else tracking.token_of(complaint)
    audit.note(
        _NOTED.get(asked, _NOTED["show"]),
        actor_id=request.user.pk,
        subject_type=SUBJECT,
        subject_id=complaint.pk,
        project_id=complaint.project_id,
    )
    address = absolute(request, reverse("portal:track", args=[token])) if token else ""
    context = {"complaint": complaint, "address": address, "qr": qr_svg(address) if token else ""}
    return render(request, "desk/parts/link.html", context)
