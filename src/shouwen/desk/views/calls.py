"""Calls on the desk: the card that comes up, the call-backs to make, recordings."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from shouwen.channels import call_backs, dialling, ringing
from shouwen.channels.calls import Call
from shouwen.complaints.projection import SUBJECT
from shouwen.desk import calls
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.customers import mask
from shouwen.organization.models import Customer, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


def call_for(person: Staff, pk: int, operation: str) -> Call:
    """A call the person may do this with. Raises Http404 where there is none."""
    found = visible_to(person, Call).select_related("project", "line", "complaint").filter(pk=pk)
    call = found.first()
    if call is None or not may(person, operation, call):
        raise Http404
    return call


@require_safe
@staff_page("take_calls")
def now(request: StaffRequest) -> HttpResponse:
    """The calls that are up for the person: 204 where the screen shows them already.

    A screen asks every second, so this is three questions to the database. Where no call can come up
    for the person the answer says so, and is asked no more until the next page.
    """
    shown = request.GET.get("shown", "")
    found = ringing.cards_for(request.user, timezone.now())
    token = calls.token(found)
    if token == shown:
        return HttpResponse(status=204)
    context = {
        "cards": [calls.card_of(request.user, each) for each in found],
        "most": calls.MOST,
        "token": token,
        "goes_on": bool(found) or ringing.answers_here(request.user),
    }
    return render(request, "desk/parts/calls.html", context)


@require_POST
@staff_page("take_calls")
def put_away(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a card off one's own screen."""
    ringing.put_away(call_for(request.user, pk, "take_calls"), request.user)
    return HttpResponse(status=204)


@require_safe
@staff_page("see_missed_calls")
def missed(request: StaffRequest) -> HttpResponse:
    """未接来电: who called in vain, and is still to be called."""
    found = call_backs.to_make(calls.call_backs_of(request.user))
    known = visible_to(request.user, Customer).select_related("home")
    names = known.in_bulk({each.newest.customer_id for each in found if each.newest.customer_id})
    context = {
        "here": "missed",
        "rows": [
            {
                "back": each,
                "number": mask(each.newest.number),
                "customer": names.get(each.newest.customer_id or 0),
            }
            for each in found
        ],
    }
    return render(request, "desk/missed_calls.html", context)


@require_POST
@staff_page("see_missed_calls")
def called_back(request: StaffRequest, pk: int) -> HttpResponse:
    """已回电: somebody was called back, or there is nobody to call."""
    call = call_for(request.user, pk, "see_missed_calls")
    call_backs.settle(call, Call.Settled.CALLED_BACK, timezone.now(), request.user)
    return redirect("desk:missed-calls")


@require_POST
@staff_page("see_missed_calls")
def number(request: StaffRequest, pk: int) -> HttpResponse:
    """The whole number of a call, asked for by a click and written down."""
    call = call_for(request.user, pk, "see_missed_calls")
    seen(request, call)
    context = {"telephone": call.number}
    return render(request, "desk/parts/tel.html", context)


def seen(request: StaffRequest, call: Call) -> None:
    """Write down that somebody was shown the number of a call."""
    audit.note(
        "call_number_seen",
        actor_id=request.user.pk,
        subject_type="call",
        subject_id=call.pk,
        project_id=call.project_id,
    )


@require_POST
@staff_page("dial")
def dial(request: StaffRequest) -> HttpResponse:
    """拨打: have a number that was shown dialled from one's own extension."""
    try:
        call = dialling.ask(request.user, request.POST.get("ticket", ""), timezone.now())
    except dialling.NothingToDial:
        return render(request, "desk/parts/dialled_call.html", {"call": None})
    return render(request, "desk/parts/dialled_call.html", {"call": call})


@require_safe
@staff_page("dial")
def dialled(request: StaffRequest, pk: int) -> HttpResponse:
    """What became of a number that one had dialled."""
    call = Call.objects.filter(pk=pk, agent=request.user, direction=Call.Direction.OUT).first()
    if call is None:
        raise Http404
    return render(request, "desk/parts/dialled_call.html", {"call": call})


@require_safe
@staff_page("hear_recording")
def recording(request: StaffRequest, pk: int) -> HttpResponse:
    """On to the recording, which lies with the switchboard; the way to it is told nowhere else."""
    call = Call.objects.select_related("complaint__project").filter(pk=pk).first()
    if call is None or not call.recording or not may(request.user, "hear_recording", call):
        raise Http404
    audit.note(
        "recording_opened",
        actor_id=request.user.pk,
        subject_type=SUBJECT if call.complaint_id else "call",
        subject_id=call.complaint_id or call.pk,
        project_id=call.project_id,
    )
    answer = HttpResponseRedirect(call.recording)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer
