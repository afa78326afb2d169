"""How one is told oneself, and what the company does not let anybody switch off."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from shouwen.desk import words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.address_rows import rows
from shouwen.desk.views.notice_forms import OWN_KINDS, AddressForm, FloorForm, RulesForm
from shouwen.notices import addresses, gateways, keeping_addresses
from shouwen.notices.address import Address, Gateway
from shouwen.notices.gateways import WebPush
from shouwen.notices.preferences import IN_APP, Floor, Planned, Rules, plan
from shouwen.notices.sending import web_push
from shouwen.notices.urgency import Urgency
from shouwen.organization.holders import works_for
from shouwen.organization.models import Staff


@dataclass(frozen=True)
class Moment:
    """A minute of an emergency, and by which channels one would hear in it."""

    minutes: int
    at: datetime.datetime
    channels: list[str]


@require_http_methods(["GET", "POST"])
@staff_page("see_own_notice_settings")
def mine(request: StaffRequest) -> HttpResponse:
    """My addresses and my rules."""
    rules, floor = addresses.rules_of(request.user), addresses.floor()
    form = RulesForm(rules, floor, request.POST or None)
    if request.method == "POST" and form.is_valid():
        keeping_addresses.keep_rules(request.user, form.rules())
        return redirect("/my/notices/?saved=rules#rules")
    return my_page(request, rules, floor, form=form)


def my_page(
    request: StaffRequest,
    rules: Rules,
    floor: Floor,
    *,
    form: RulesForm | None = None,
    adding: AddressForm | None = None,
    refused: str = "",
) -> HttpResponse:
    """The page of one's own, with whichever form was not right."""
    have = addresses.keep(request.user)
    pushes = gateways.load(Gateway.Kind.WEB_PUSH, WebPush)
    usable = addresses.usable(have)
    form = form or RulesForm(rules, floor)
    adding = adding or AddressForm(OWN_KINDS)
    context = {
        "here": "my-notices",
        "moments": _moments(request.user, rules, floor, usable),
        "rows": rows(have, usable),
        "lacking": words.listed(_lacking(floor, usable)),
        "kept_on": words.listed([str(label) for label in form.kept_on]),
        "form": form,
        "adding": adding,
        "urgencies": list(Urgency),
        "saved": request.GET.get("saved", ""),
        "tried": request.GET.get("tried", ""),
        "push_key": web_push.public_key(pushes) if pushes else "",
        "wrong": refused,
    }
    wrong = bool(form.errors or adding.errors or refused)
    return render(request, "desk/my_notices.html", context, status=422 if wrong else 200)


def _moments(person: Staff, rules: Rules, floor: Floor, usable: list[Address]) -> list[Moment]:
    """What an emergency now would do, minute by minute."""
    now = timezone.now()
    projects = works_for(person)
    planned: list[Planned[Address]] = plan(
        rules,
        floor,
        Urgency.EMERGENCY,
        usable,
        at=now,
        zone=addresses.zone_of(projects[0].pk if projects else None),
    )
    found: dict[int, list[str]] = {}
    for each in planned:
        channels = found.setdefault(int(each.after.total_seconds()) // 60, [])
        label = str(each.address.get_kind_display())
        if label not in channels:
            channels.append(label)
    return [
        Moment(minutes, now + datetime.timedelta(minutes=minutes), channels)
        for minutes, channels in sorted(found.items())
    ]


def _lacking(floor: Floor, usable: list[Address]) -> list[str]:
    """The channels that the company asks for in an emergency and that one cannot be reached by."""
    have = {each.kind for each in usable} | {IN_APP}
    missing = floor.channels.get(Urgency.EMERGENCY, set()) - have
    return [str(label) for value, label in Address.Kind.choices if value in missing]


@require_http_methods(["GET", "POST"])
@staff_page("edit_notice_floor")
def company_floor(request: StaffRequest) -> HttpResponse:
    """The company's floor."""
    form = FloorForm(addresses.floor(), request.POST or None)
    if request.method == "POST" and form.is_valid():
        keeping_addresses.keep_floor(request.user, form.floor())
        return redirect("/settings/notice-floor/?saved=1")
    context: dict[str, Any] = {
        "here": "settings",
        "form": form,
        "urgencies": list(Urgency),
        "saved": request.GET.get("saved", ""),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/settings/notice_floor.html", context, status=status)
