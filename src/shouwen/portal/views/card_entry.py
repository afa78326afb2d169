"""The way in by the telephone number somebody is known by: a code is sent to it, once, for a shift.

A number alone opens nothing, and the page answers the same whether it is known or not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import Webhook
from shouwen.organization import cards
from shouwen.organization.customers import normalise
from shouwen.portal import limits, tasks
from shouwen.portal.pages import portal_page

_WORKER = Path(__file__).parents[1] / "static" / "portal" / "card-worker.js"


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@portal_page
def entry(request: HttpRequest) -> HttpResponseBase:
    """Ask for the number, then for the code."""
    context: dict[str, Any] = {"sends": gateways.load(Gateway.Kind.SMS, Webhook) is not None}
    if request.method != "POST" or not context["sends"]:
        return render(request, "portal/card_entry.html", context)
    if "code" in request.POST:
        return _with_code(request, context)
    number = normalise(request.POST.get("number", ""))
    if len(number) < 8:
        context["wrong"] = _("请写完整的手机号码。")
        return render(request, "portal/card_entry.html", context, status=422)
    if _too_often(request, number):
        context["wrong"] = _("要得太频繁，请过一会儿再试，或扫工牌上的二维码。")
        return render(request, "portal/card_entry.html", context, status=429)
    asked = cards.ask(number)
    tasks.send_card_code.defer(asked=str(asked.pk))
    return render(request, "portal/card_entry.html", context | {"asked": asked.pk})


def _too_often(request: HttpRequest, number: str) -> bool:
    address = request.META.get("REMOTE_ADDR", "")
    asked = [
        limits.too_often("card-number", number, most=3, seconds=1800),
        limits.too_often("card-address", address, most=10, seconds=600),
        limits.too_often("card-all", "", most=200, seconds=3600),
    ]
    return any(asked)


def _with_code(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    asked = request.POST.get("asked", "")[:36]
    if limits.too_often("card-code", request.META.get("REMOTE_ADDR", ""), most=30, seconds=600):
        token = None
    else:
        token = cards.open_by_code(asked, request.POST.get("code", "")[:12])
    if token is not None:
        return redirect("portal:card", token)
    context |= {"asked": asked, "wrong": _("验证码不对，或已过期。")}
    return render(request, "portal/card_entry.html", context, status=422)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the card's form on the telephone; from here, so that it reaches no further."""
    response = HttpResponse(_WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache" if not settings.DEBUG else "no-store"
    return response
