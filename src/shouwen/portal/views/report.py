"""Reporting from a place's QR code: the form, what it looks like while typing, and the receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.channels import adding, by_web, held
from shouwen.channels.arriving import NobodyAnswers, danger_in
from shouwen.channels.models import HeldArrival
from shouwen.complaints.models import Complaint
from shouwen.organization import places
from shouwen.organization.models import Place, Project
from shouwen.portal import nearby, receipts
from shouwen.portal.addresses import absolute
from shouwen.portal.forms import ReportForm
from shouwen.portal.pages import portal_page, within
from shouwen.records import attachments
from shouwen.records.rendering import qr_svg

_LONGEST = 2_000  # characters that are looked at while they are being typed


# Nobody is signed in here whose name a foreign page could use, and a browser that keeps no cookies
# (inside a messenger, or offline since yesterday) must still be able to send.
@csrf_exempt
@require_http_methods(["GET", "POST"])
@portal_page
def report(request: HttpRequest, token: str, kiosk: bool = False) -> HttpResponse:
    """The form of a place, and what is sent by it."""
    place = places.found(token)
    if place is None:
        return _gone(request, token)
    if not kiosk and "kiosk" in request.GET:
        return redirect("portal:kiosk", token)
    if not place.project.portal_open:
        status = 503 if request.method == "POST" else 200
        return _page(request, "closed", place, kiosk=kiosk, status=status)
    if request.method == "GET":
        return _form(request, place, ReportForm(place), kiosk)
    with within(place.project):
        form = ReportForm(place, request.POST)
        valid = form.is_valid()
    return _send(request, place, form, kiosk) if valid else _form(request, place, form, kiosk)


def _send(request: HttpRequest, place: Place, form: ReportForm, kiosk: bool) -> HttpResponse:
    sent = form.sent()
    key = sent.key(form.cleaned_data["key"])
    address = request.META.get("REMOTE_ADDR", "")
    try:
        with within(place.project):
            why = by_web.weigh(place, sent, key=key, address=address)
        with within(place.project):
            result = by_web.take(place, sent, key=key, why=why)
            if isinstance(result, Complaint) and (offer := form.cleaned_data["joins"]):
                nearby.join(place.project, offer, result)
    except NobodyAnswers:
        return _page(request, "closed", place, kiosk=kiosk, status=503)
    # Only now: nobody waits for a photograph to be cleaned before somebody is called.
    lost = _photographs(request, place.project, result, key)
    name = "portal:kiosk-receipt" if kiosk else "portal:receipt"
    return redirect(name, place.token, receipts.sign(result, lost))


def _photographs(
    request: HttpRequest, project: Project, result: Complaint | HeldArrival, key: str
) -> int:
    """Take in the photographs, each in a transaction of its own; how many were not."""
    uploads = request.FILES.getlist("photos")
    lost = 0
    if isinstance(result, Complaint):
        for upload in uploads[: adding.MOST]:
            with within(project):
                lost += len(adding.add(result, [upload], key=key))
        return lost + len(uploads[adding.MOST :])
    with within(project):
        if result.state != HeldArrival.State.WAITING or held.photographs(result).exists():
            return 0
    most = 0 if result.why == HeldArrival.Why.MACHINE else held.MOST_PHOTOGRAPHS
    for upload in uploads[:most]:
        try:
            with within(project):
                adding.store(held.SUBJECT, result.pk, project.pk, upload)
        except attachments.AttachmentRefused:
            lost += 1
    return lost + len(uploads[most:])


@csrf_exempt
@require_POST
@portal_page
def look(request: HttpRequest, token: str) -> HttpResponse:
    """What the words typed so far look like: danger, or an incident that is known already."""
    place = places.found(token)
    if place is None:
        return HttpResponse(status=404)
    content = request.POST.get("content", "")[:_LONGEST]
    where = request.POST.get("place", "")[:200]
    with within(place.project):
        danger = danger_in(content, where)
        offers = [] if danger else nearby.offered(place.project, where, content)
        context = {"place": place, "project": place.project, "danger": danger, "offers": offers}
        return render(request, "portal/look.html", context)


@require_safe
@portal_page
def receipt(request: HttpRequest, token: str, receipt: str, kiosk: bool = False) -> HttpResponse:
    """What becomes of it now: number, by when, who follows it, and the private link."""
    place = places.found(token)
    if place is None:
        return _gone(request, token)
    with within(place.project):
        found = receipts.opened(place.project, receipt)
        if found is None:
            return _page(request, "expired", place, kiosk=kiosk, status=404)
        context: dict[str, Any] = {"receipt": found, "complaint": found.complaint}
        if found.complaint is not None and kiosk and found.follow:
            context["code"] = qr_svg(absolute(request, found.follow))
        return _page(request, "receipt", place, kiosk=kiosk, **context)


def _form(request: HttpRequest, place: Place, form: ReportForm, kiosk: bool) -> HttpResponse:
    status = 422 if form.errors else 200
    return _page(request, "report", place, kiosk=kiosk, status=status, form=form)


def _page(
    request: HttpRequest, name: str, place: Place, *, kiosk: bool, status: int = 200, **said: Any
) -> HttpResponse:
    again = reverse("portal:kiosk" if kiosk else "portal:report", args=[place.token])
    frame = {"place": place, "project": place.project, "kiosk": kiosk, "again": again}
    return render(request, f"portal/{name}.html", frame | said, status=status)


def _gone(request: HttpRequest, token: str) -> HttpResponse:
    """A code that leads nowhere (any more): said so, with the number to call where it is known."""
    context = {"project": places.project_of(token)}
    return render(request, "portal/gone.html", context, status=404)
