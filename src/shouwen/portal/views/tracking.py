"""The tracking page: how far a complaint is, and what its customer can do about it by the link."""

from __future__ import annotations

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import FileResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shouwen.complaints import lifecycle, tracking
from shouwen.complaints.follow import follow
from shouwen.complaints.models import Complaint, TrackingLink
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import KeyReused, Refused
from shouwen.complaints.state import State, fold
from shouwen.complaints.steps.tracking import CustomerRate
from shouwen.notices.customers import guarding
from shouwen.portal import limits, photos
from shouwen.portal.acts import ACTS, LONGEST, Act
from shouwen.portal.pages import portal_page, within
from shouwen.records import attachments, audit, ledger

audit.register("tracking_link_stopped", _("客户停用查询链接"))

#: So many acts an hour by one link; more is no customer's hand.
MOST_ACTS = 30
_NO_SCRIPT = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; sandbox"


def _complaint(link: TrackingLink) -> Complaint:
    found = Complaint.objects.select_related("project", "category__parent", "first_contact")
    return found.get(pk=link.complaint_id)


def gone(request: HttpRequest, token: str) -> HttpResponse:
    """What a link that was stopped says: whom to call instead."""
    project = tracking.project_of_stopped(token)
    return render(request, "portal/tracking_gone.html", {"project": project}, status=404)


def _fit(text: str, entries: Any) -> bool:
    notes = [entry.said.get("text") or "" for entry in entries if entry.kind == "noted"]
    return not guarding.forbidden(text) and not guarding.repeats(text, notes)


@require_safe
@portal_page
def track(request: HttpRequest, token: str) -> HttpResponseBase:
    """How far it is, what now, until when; and what the customer can do."""
    link = tracking.found(token)
    if link is None:
        return gone(request, token)
    with within(link.project):
        complaint, now = _complaint(link), timezone.now()
        found = follow(complaint, now, fit=_fit)
        done = ACTS.get(request.GET.get("done", ""))
        context = {
            "token": token,
            "project": link.project,
            "complaint": complaint,
            "tail": complaint.number.rpartition("-")[2],
            "found": found,
            "can": lifecycle.possible_for_customer(complaint, found.state, now),
            "photos": list(photos.of_customer(complaint)),
            "done": done.done if done else "",
            "not_taken": request.GET.get("files") == "refused",
            "fresh_key": uuid.uuid4(),
        }
        return render(request, "portal/tracking.html", context)


# The token in the address is what opens it, which no other site knows: it needs no cookie besides.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def act(request: HttpRequest, token: str, name: str) -> HttpResponseBase:
    """The page of one act, and taking it; works without script."""
    link = tracking.found(token)
    if link is None:
        return gone(request, token)
    if name not in ACTS:
        raise Http404
    chosen = ACTS[name]
    if request.method == "POST" and limits.too_often(
        "link", str(link.pk), most=MOST_ACTS, seconds=3600
    ):
        words = _("提交得太频繁，请过一会儿再试，或打电话给客服中心。")
        return _act_page(request, link, token, name, wrong=words, status=429)
    with within(link.project):
        complaint, now = _complaint(link), timezone.now()
        if request.method == "POST":
            return _take(request, link, token, name, complaint)
        state = fold(ledger.entries(SUBJECT, complaint.pk))
        if chosen.step not in lifecycle.possible_for_customer(complaint, state, now):
            return _back(token)
        return _act_page(request, link, token, name, complaint=complaint, state=state)


def _act_page(
    request: HttpRequest,
    link: TrackingLink,
    token: str,
    name: str,
    *,
    complaint: Complaint | None = None,
    state: State | None = None,
    wrong: str = "",
    status: int = 200,
) -> HttpResponse:
    asked: list[str] = []
    if name == "answer" and complaint is not None:
        asked = follow(complaint, timezone.now(), fit=_fit).questions
    rated = CustomerRate.shown()["satisfaction"].choices if name == "rate" else ()
    context = {
        "token": token,
        "project": link.project,
        "name": name,
        "act": ACTS[name],
        "asked": asked,
        "rated": rated,
        "key": request.POST.get("key") or uuid.uuid4(),
        "words": request.POST.get("words", ""),
        "rating": request.POST.get("satisfaction", ""),
        "longest": LONGEST,
        "wrong": wrong,
    }
    return render(request, "portal/tracking_act.html", context, status=status)


def _take(
    request: HttpRequest, link: TrackingLink, token: str, name: str, complaint: Complaint
) -> HttpResponse:
    chosen = ACTS[name]
    words = request.POST.get("words", "").strip()[:LONGEST]
    files = [each for each in request.FILES.getlist("photos") if each.size]
    wrong = _missing(chosen, words, files)
    if name == "rate" and request.POST.get("satisfaction", "") not in ("1", "2", "3", "4", "5"):
        wrong = _("请先选一项。")
    if wrong:
        return _act_page(request, link, token, name, complaint=complaint, wrong=wrong, status=422)
    data: dict[str, Any] = {chosen.field: words or (_("（照片）") if files else "")}
    if name == "rate":
        data["satisfaction"] = request.POST["satisfaction"]
    key = _key(request, link)
    try:
        lifecycle.take_by_customer(chosen.step, complaint=complaint, data=data, key=key)
    except KeyReused:
        return _back(token, name)
    except Refused:
        words = _("这件事的进展刚有变化，请回到上一页看最新的情况。")
        return _act_page(request, link, token, name, complaint=complaint, wrong=words, status=409)
    refused = _photos(complaint, files, key)
    return _back(token, name, refused=bool(refused))


def _missing(chosen: Act, words: str, files: list[UploadedFile]) -> str:
    if chosen.needs_words and not words:
        return _("请写几个字。")
    if chosen.photos and not words and not files:
        return _("请写几个字，或选一张照片。")
    return ""


def _photos(complaint: Complaint, files: list[UploadedFile], key: str) -> list[str]:
    if not files:
        return []
    return photos.add(
        complaint,
        files,
        key=key,
        take=lambda data, of_file: lifecycle.take_by_customer(
            "customer_attach", complaint=complaint, data=data, key=of_file
        ),
    )


def _key(request: HttpRequest, link: TrackingLink) -> str:
    """The request's own key, under the link's: what is sent twice is written once."""
    return f"link:{link.pk}:{request.POST.get('key', '')[:64] or uuid.uuid4()}"


def _back(token: str, done: str = "", *, refused: bool = False) -> HttpResponse:
    query = f"?done={done}{'&files=refused' if refused else ''}" if done else ""
    response = HttpResponse(status=303)
    response.headers["Location"] = reverse("portal:track", args=[token]) + query
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def stop(request: HttpRequest, token: str) -> HttpResponseBase:
    """Stop the link, asked twice: this page is the second time."""
    link = tracking.found(token)
    if link is None:
        return gone(request, token)
    if request.method != "POST":
        context = {"token": token, "project": link.project}
        return render(request, "portal/tracking_stop.html", context)
    with within(link.project):
        tracking.revoke(_complaint(link))
        audit.note(
            "tracking_link_stopped",
            actor_id=None,
            subject_type=SUBJECT,
            subject_id=link.complaint_id,
            project_id=link.project_id,
        )
    context = {"project": link.project, "stopped": True}
    return render(request, "portal/tracking_gone.html", context)


@require_safe
@portal_page
def photo(request: HttpRequest, token: str, pk: uuid.UUID) -> HttpResponseBase:
    """One of the customer's own photographs."""
    link = tracking.found(token)
    if link is None:
        raise Http404
    with within(link.project):
        found = get_object_or_404(photos.of_customer(_complaint(link)), pk=pk)
        try:
            stream = attachments.opened(found)
        except FileNotFoundError:
            raise Http404 from None
    response = FileResponse(stream, content_type=found.content_type, filename=found.name)
    response.headers["Content-Security-Policy"] = _NO_SCRIPT
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
