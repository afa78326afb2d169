"""Sending a reply to an outside hotline once more, where it was given up."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from shouwen.channels import hotline_replies
from shouwen.channels.models import HotlineReply
from shouwen.complaints import lifecycle
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views.complaint import complaint_for


@require_POST
@staff_page("take_step")
def again(request: StaffRequest, number: str, pk: UUID) -> HttpResponse:
    """Whoever may answer the hotline may send the answer again."""
    complaint = complaint_for(request.user, number)
    reply = HotlineReply.objects.filter(complaint=complaint, pk=pk).first()
    if reply is None:
        raise Http404
    if not any(
        step.name == "answer_hotline" for step in lifecycle.possible(request.user, complaint)
    ):
        raise PermissionDenied
    if reply.state == HotlineReply.State.FAILED:
        hotline_replies.again(reply)
    return redirect("desk:complaint", number)
