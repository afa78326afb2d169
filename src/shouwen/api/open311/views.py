"""The six resources of GeoReport v2. Reading is public, as the standard has it; posting needs no key.

A key that is shown must be one: it takes the request out of the limits for what nobody vouches for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from shouwen.api import keys
from shouwen.api.authentication import speak
from shouwen.api.open311 import asking, telling
from shouwen.api.open311.answers import Refused, Value, answer, refusal
from shouwen.api.open311.taking import known, take
from shouwen.api.scopes import Scope
from shouwen.channels import counting
from shouwen.channels.arriving import danger_in
from shouwen.channels.models import Open311Door, Open311Request
from shouwen.complaints import tracking
from shouwen.complaints.refusals import InvalidData
from shouwen.organization.models import Project
from shouwen.records import isolation

Resource = Callable[..., tuple[str, Value] | tuple[str, Value, int]]


def _resource(view: Resource) -> Callable[..., HttpResponse]:
    """A resource answers its content or raises Refused; either is written in the format asked for."""

    @wraps(view)
    def resource(request: HttpRequest, form: str, **named: Any) -> HttpResponse:
        speak(request, None)
        try:
            found = answer(form, *view(request, **named))
        except Refused as refused:
            found = refusal(form, refused)
        found.headers["Cache-Control"] = "no-store"
        found.headers["Access-Control-Allow-Origin"] = "*"
        return found

    return resource


@require_safe
@_resource
def discovery(request: HttpRequest) -> tuple[str, Value]:
    """Where the service is, and what it speaks."""
    address = request.build_absolute_uri(reverse("api:open311-discovery", args=["json"]))
    opened = Open311Door.objects.order_by("-opened_at").values_list("opened_at", flat=True).first()
    changed = (opened or timezone.now()).isoformat(timespec="seconds")
    return "discovery", telling.discovery(address.removesuffix("/discovery.json"), changed)


@require_safe
@_resource
def services(request: HttpRequest) -> tuple[str, Value]:
    """What can be reported."""
    asking.jurisdiction(request.GET)
    return "services", [telling.service(each) for each in asking.services()]


@require_safe
@_resource
def service(request: HttpRequest, code: str) -> tuple[str, Value]:
    """What one service asks for."""
    asking.jurisdiction(request.GET)
    return "service_definition", telling.definition(asking.service(code))


@csrf_exempt
@_resource
def requests(request: HttpRequest) -> tuple[str, Value] | tuple[str, Value, int]:
    """The list of requests; a new one where it is posted."""
    if request.method == "POST":
        return _post(request)
    if request.method not in ("GET", "HEAD"):
        raise Refused(405, _("这里只接受 GET 和 POST"))
    projects = asking.jurisdiction(request.GET)
    rows = asking.wanted(request.GET, projects)[: asking.MOST]
    with isolation.transaction_of({each.pk for each in projects}):
        return "service_requests", telling.requests(rows)


@require_safe
@_resource
def request_(request: HttpRequest, number: str) -> tuple[str, Value]:
    """One request."""
    projects = asking.jurisdiction(request.GET)
    asked = {"service_request_id": number}
    with isolation.transaction_of({each.pk for each in projects}):
        found = telling.requests(asking.wanted(asked, projects))
    if not found:
        raise Refused(404, _("没有这个 service_request_id"))
    return "service_requests", found


@require_safe
@_resource
def token(request: HttpRequest, token: str) -> tuple[str, Value]:
    """The number behind a token: the private one of the tracking link, which the poster was given."""
    link = tracking.found(token)
    projects = asking.jurisdiction(request.GET)
    if link is None or link.project not in projects:
        raise Refused(404, _("没有这个 token"))
    with isolation.transaction_of({link.project_id}):
        row = Open311Request.objects.select_related("complaint").filter(pk=link.complaint_id)
        found = row.first()
        if found is None:
            raise Refused(404, _("没有这个 token"))
        told = {"service_request_id": found.complaint.number, "token": token}
    return "service_requests", [told]


def _post(request: HttpRequest) -> tuple[str, Value, int]:
    posted = request.POST
    key_shown = _vouched(posted.get("api_key", "") or request.GET.get("api_key", ""))
    (project,) = asking.jurisdiction({**request.GET.dict(), **posted.dict()}, one=True)
    said = asking.said(posted.dict())
    files = [file for file in request.FILES.getlist("media") if file.size]
    key = asking.fingerprint(posted.dict(), files, project, timezone.now())
    if key_shown is None and not known(key):
        _in_measure(request, project, said)
    with isolation.transaction_of({project.pk}), transaction.atomic():
        try:
            complaint = take(project, said, files, key=key)
        except InvalidData as wrong:
            words = "；".join(text for texts in wrong.errors.values() for text in texts)
            raise Refused(400, words) from None
        told = {
            "service_request_id": complaint.number,
            "service_notice": _("已受理。凭私密链接查看进度、补充照片：{address}").format(
                address=_private(request, complaint)
            ),
            "account_id": "",
        }
    return "service_requests", [told], 201


def _in_measure(request: HttpRequest, project: Project, said: asking.Said) -> None:
    """Raises Refused (429) for too much of what nobody vouches for; an emergency always comes in."""
    if danger_in(said.description, said.place) is not None:
        return
    if counting.too_many_at(project.pk, request.META.get("REMOTE_ADDR", ""), said.telephone):
        raise Refused(429, _("短时间内报得太多，请稍后再试；紧急情况请打电话"))


def _private(request: HttpRequest, complaint: Any) -> str:
    return request.build_absolute_uri(f"/t/{tracking.token_of(complaint)}/")


def _vouched(text: str) -> keys.ApiKey | None:
    """The key that was shown. Raises Refused (403) for one that is none, or may not record."""
    if not text:
        return None
    key = keys.of_text(text)
    if key is None:
        raise Refused(403, _("api_key 无效、已吊销或已过期"))
    if Scope.COMPLAINTS_WRITE not in key.scopes:
        raise Refused(403, _("这个 api_key 不能登记投诉"))
    used = keys.count(key, timezone.now())
    if used.too_often:
        raise Refused(429, _("请求太多，请稍后再试"))
    return key
