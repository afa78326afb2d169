"""The card's page: any employee records what they heard, hands it on, and hears what came of it [R1][R8]."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.channels.arriving import danger_in
from shouwen.clocks import reading
from shouwen.clocks.models import ClockRow
from shouwen.complaints import follow, lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import InvalidData, KeyReused, Refused
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.notices import rendering
from shouwen.notices.notice import Notice
from shouwen.organization import cards, isolation
from shouwen.organization.holders import works_for
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.portal import limits, photos
from shouwen.portal.acts import LONGEST
from shouwen.portal.guard import fit
from shouwen.portal.pages import portal_page

#: So many records an hour by one card; more is nobody's hand.
MOST_RECORDS = 60
_SHOWN = 20
_NOTICES = 5
_RECENT = timedelta(days=14)

CardView = Callable[..., HttpResponseBase]


def card_page(view: CardView) -> CardView:
    """A page opened by a staff card: as that person, in their projects, language and time."""

    @portal_page
    @wraps(view)
    def page(request: HttpRequest, token: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
        staff = cards.holder(token)
        if staff is None:
            return render(request, "portal/card_gone.html", {}, status=404)
        projects = [
            each for each in works_for(staff) if each.is_active and may(staff, "receive", each)
        ]
        if not projects:
            return render(request, "portal/card_gone.html", {"without_post": True}, status=404)
        if not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            translation.activate(staff.language)
        zone = ZoneInfo(projects[0].timezone)
        with timezone.override(zone), isolation.transaction_of(staff):
            return view(request, Card(token, staff, projects), *args, **kwargs)

    return page


@dataclass(frozen=True)
class Card:
    """Whose card, and where they may record."""

    token: str
    staff: Staff
    projects: list[Project]


@dataclass(frozen=True)
class Heard:
    """A complaint that they recorded: how far it is, and what they still have to do for it."""

    complaint: Complaint
    sentence: str
    relay_by: ClockRow | None = None
    alert_by: ClockRow | None = None


def _heard(card: Card) -> list[Heard]:
    """Their own complaints, the newest first."""
    found = list(
        visible_to(card.staff, Complaint)
        .filter(first_contact=card.staff)
        .prefetch_related("works__department")
        .order_by("-received_at", "-pk")[:_SHOWN]
    )
    owed: dict[tuple[int, str], ClockRow] = {
        (row.subject_id, row.rule): row
        for row in reading.running().filter(
            subject_type=SUBJECT,
            subject_id__in=[each.pk for each in found],
            person_id=card.staff.pk,
            rule__in=["R1.relay", "R6.alert"],
        )
    }
    return [
        Heard(
            each,
            follow.glance(each),
            owed.get((each.pk, "R1.relay")) if each.status == Status.RECEIVED else None,
            owed.get((each.pk, "R6.alert")),
        )
        for each in found
    ]


def _told(card: Card) -> list[dict[str, Any]]:
    notices = (
        visible_to(card.staff, Notice)
        .filter(again_at__gte=timezone.now() - _RECENT)
        .select_related("complaint__category__parent", "project")
        .order_by("-again_at", "-pk")[:_NOTICES]
    )
    return [
        {
            "title": rendering.title(each),
            "about": each.complaint.subject if each.complaint else "",
            "at": each.again_at,
        }
        for each in notices
    ]


def _page(
    request: HttpRequest, card: Card, *, wrong: str = "", status: int = 200, bare: bool = False
) -> HttpResponse:
    said = request.POST
    context = {
        "token": card.token,
        "staff": card.staff,
        "projects": card.projects,
        "project": card.projects[0],
        "heard": [] if bare else _heard(card),
        "told": [] if bare else _told(card),
        "bare": bare,
        "saved": "" if bare else _saved(request, card),
        "said": said,
        "key": said.get("key") or uuid.uuid4(),
        "longest": LONGEST,
        "wrong": wrong,
        "now": timezone.now(),
    }
    return render(request, "portal/card.html", context, status=status)


def _saved(request: HttpRequest, card: Card) -> Complaint | None:
    number = request.GET.get("saved", "")
    if not number:
        return None
    own = visible_to(card.staff, Complaint).filter(first_contact=card.staff, number=number)
    return own.first()


# The token in the address is what opens it, which no other site knows; what was written offline is
# sent long after the page was loaded.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@card_page
def card(request: HttpRequest, opened: Card) -> HttpResponseBase:
    """The form, and below it what came of what they recorded. `shell` is the form alone, to be kept
    on the telephone for when there is no network."""
    if request.method == "POST":
        return _record(request, opened)
    return _page(request, opened, bare="shell" in request.GET)


def _record(request: HttpRequest, card: Card) -> HttpResponse:
    if limits.too_often("card", str(card.staff.pk), most=MOST_RECORDS, seconds=3600):
        return _refused(request, card, _("登记得太频繁，请过一会儿再试。"), 429)
    said = request.POST
    words = said.get("content", "").strip()[:LONGEST]
    if not words:
        return _refused(request, card, _("请写下听到的话。"), 422)
    chosen = [each for each in card.projects if str(each.pk) == said.get("project")]
    project = chosen[0] if chosen else card.projects[0]
    place = said.get("place", "").strip()[:200]
    danger = bool(said.get("danger")) or danger_in(words, place) is not None
    data = {
        "content": words,
        "place": place,
        "name": said.get("name", "").strip()[:200],
        "telephone": said.get("telephone", "").strip()[:200],
        "channel": Channel.FRONT_DESK,
        "severity": Severity.EMERGENCY if danger else Severity.ROUTINE,
    }
    key = f"card:{said.get('key', '')[:64] or uuid.uuid4()}"
    try:
        outcome = lifecycle.receive(person=card.staff, project=project, matters=[data], key=key)[0]
    except KeyReused:
        return _refused(request, card, _("这一条已经登记过了。"), 409)
    except InvalidData as error:
        return _refused(request, card, " ".join(chain.from_iterable(error.errors.values())), 422)
    except Refused as error:
        return _refused(request, card, error.words, 409)
    _photos(request, card, outcome.complaint, key)
    address = reverse("portal:card", args=[card.token]) + f"?saved={outcome.complaint.number}"
    return _on(request, address)


def _photos(request: HttpRequest, card: Card, complaint: Complaint, key: str) -> None:
    files = [each for each in request.FILES.getlist("photos") if each.size]
    photos.add(
        complaint,
        files,
        key=key,
        actor_id=card.staff.pk,
        take=lambda data, of_file: lifecycle.take(
            "attach", person=card.staff, complaint=complaint, data=data, key=of_file
        ),
    )


def _by_script(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _refused(request: HttpRequest, card: Card, wrong: str, status: int) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"wrong": wrong}, status=status)
    return _page(request, card, wrong=wrong, status=status)


def _on(request: HttpRequest, address: str) -> HttpResponse:
    if _by_script(request):
        return JsonResponse({"next": address})
    return HttpResponse(status=303, headers={"Location": address})


def _own(card: Card, number: str) -> Complaint:
    own = visible_to(card.staff, Complaint).filter(first_contact=card.staff)
    return get_object_or_404(own.select_related("project", "category__parent"), number=number)


@require_safe
@card_page
def one(request: HttpRequest, opened: Card, number: str) -> HttpResponseBase:
    """How far one complaint is that they recorded, as its customer would be told."""
    complaint = _own(opened, number)
    context = {
        "token": opened.token,
        "project": complaint.project,
        "complaint": complaint,
        "tail": complaint.number.rpartition("-")[2],
        "found": follow.follow(complaint, timezone.now(), fit=fit),
    }
    return render(request, "portal/card_one.html", context)


#: What they do for it from here: handing it on to the desk, having called whoever must come.
_ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "relay": ("relay", {}),
    "alert": ("alert", {"site_manager": True, "by": "phone"}),
}


@csrf_exempt
@require_POST
@card_page
def act(request: HttpRequest, opened: Card, number: str, name: str) -> HttpResponseBase:
    """[R1] The front desk has it; [R6] whoever must come has been called."""
    if name not in _ACTS:
        raise Http404
    step, data = _ACTS[name]
    complaint = _own(opened, number)
    try:
        lifecycle.take(
            step,
            person=opened.staff,
            complaint=complaint,
            data=data,
            key=f"card:{complaint.pk}:{step}:{complaint.round}",
        )
    except Refused as error:
        return _page(request, opened, wrong=error.words, status=409)
    return _on(request, reverse("portal:card", args=[opened.token]))
