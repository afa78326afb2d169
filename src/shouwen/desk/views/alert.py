"""The page of a notice: opening it changes nothing, one tap acts [R6][R7].

It comes by the bell for whoever is signed in, and by a short-lived link for the one person whom a
message reached. Both show the same; the link acts once, then asks to sign in.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from shouwen.complaints import lifecycle
from shouwen.complaints.refusals import InvalidData, Refused
from shouwen.desk import words
from shouwen.desk.alerts import ONE_TAP, UPWARD, Alert, alert_for
from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.notices import acknowledging, passes
from shouwen.notices.notice import Notice, Pass
from shouwen.organization import isolation
from shouwen.organization.models import Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit
from shouwen.records import isolation as rows

#: Departments that have a button of their own.
MOST_BUTTONS = 3

audit.register("staff_called", translation.gettext_lazy("查看同事电话"))


@require_http_methods(["GET", "POST"])
@staff_page("see_notices")
def notice(request: StaffRequest, pk: int) -> HttpResponse:
    """The page of one of my notices: an alert, or straight to the step that it asks for."""
    found = (
        visible_to(request.user, Notice)
        .select_related("person", "complaint__project", "project", "escalation")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404
    if request.method == "POST":
        return _act(request, found, request.user, None)
    acknowledging.opened(found)
    if found.escalation_id is None:
        acknowledging.read(request.user, [found.pk])
        return redirect(_where(found, request.user))
    return _show(request, alert_for(found, request.user), None)


def _where(found: Notice, person: Staff) -> str:
    """The page that a notice leads to: the step's form where the person may take it."""
    if found.complaint is None:
        return found.address or reverse("desk:notices")
    number = found.complaint.number
    if not may(person, "see_complaint", found.complaint):
        return reverse("desk:notices")
    if found.step and any(
        step.name == found.step for step in lifecycle.possible(person, found.complaint)
    ):
        return reverse("desk:step", args=[number, found.step])
    return reverse("desk:complaint", args=[number])


@never_cache
@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same page by the link of a message, for the one person it was sent to."""
    with rows.transaction_of(None):
        found = passes.find(token)
    if found is None:
        raise Http404
    person = found.notice.person
    if not passes.valid(found) and not _same(request, person):
        # Used up or too old: from here on only for whoever signs in.
        return redirect(
            f"{reverse('account_login')}?next={reverse('desk:notice', args=[found.notice.pk])}"
        )
    with (
        translation.override(person.language),
        timezone.override(_zone(found.notice)),
        isolation.transaction_of(person),
    ):
        if not visible_to(person, Notice).filter(pk=found.notice.pk).exists():
            raise Http404
        if request.method == "POST":
            return _act(request, found.notice, person, found)
        acknowledging.opened(found.notice)
        return _show(request, alert_for(found.notice, person), found)


def _same(request: HttpRequest, person: Staff) -> bool:
    return request.user.is_authenticated and request.user.pk == person.pk


def _zone(found: Notice) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(found.project.timezone if found.project else settings.TIME_ZONE)


# -- showing


def _show(
    request: HttpRequest,
    alert: Alert,
    by: Pass | None,
    *,
    said: str = "",
    errors: list[str] | None = None,
    dialled: Staff | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "alert": alert,
        "escalation": alert.escalation,
        "complaint": alert.complaint,
        "steps": [alert.steps[name] for name in ONE_TAP if name in alert.steps],
        "upward": [
            {"step": alert.steps[name], "told": alert.told(name)}
            for name in UPWARD
            if name in alert.steps
        ],
        "one_tap": (alert.departments or alert.all_departments)[:MOST_BUTTONS],
        "following": alert.following(),
        "by_link": by is not None,
        "said": said,
        "errors": errors or [],
        "dialled": dialled,
        "now": timezone.now(),
        "time_words": words.time_words(),
    }
    return render_template(request, "desk/alert.html", context, status=status)


# -- acting


@dataclass(frozen=True)
class _Act:
    """What a button asks for: a step with what it is told, or the answer to the call alone."""

    step: str = ""
    data: Mapping[str, Any] | None = None
    disposition: str = ""


def _asked(request: HttpRequest, alert: Alert) -> _Act:
    posted, act = request.POST, request.POST.get("act", "")
    if act == "take_charge":
        return _Act("take_charge", {}, acknowledging.TAKEN)
    if act == "alert":
        return _Act(
            "alert",
            {
                "departments": posted.getlist("departments"),
                "site_manager": "site_manager" in posted,
                "by": posted.get("by") or "phone",
            },
            acknowledging.TAKEN,
        )
    if act in UPWARD:
        ready = alert.told(act)
        told = {name: posted.get(name, "").strip() or ready[name] for name in ready}
        return _Act(act, told | {"by": posted.get("by") or "phone"}, acknowledging.PASSED_UP)
    if act == "downgrade":
        return _Act(
            "assess",
            {
                "facts": posted.get("reason", ""),
                "justified": "unknown",
                "severity": "complex" if posted.get("severity") == "complex" else "routine",
            },
            acknowledging.DOWNGRADED,
        )
    if act in (acknowledging.TAKEN, acknowledging.PASSED_UP):
        return _Act(disposition=act)
    raise Http404


def _act(request: HttpRequest, found: Notice, person: Staff, by: Pass | None) -> HttpResponse:
    alert = alert_for(found, person)
    if "dial" in request.POST:
        return _dial(request, alert, by)
    allowed = may(person, "answer_notice", found)
    if not allowed or alert.escalation is None:
        return HttpResponse(status=403)
    act = _asked(request, alert)
    if (
        act.disposition == acknowledging.DOWNGRADED
        and not str((act.data or {}).get("facts", "")).strip()
    ):
        return _show(request, alert, by, errors=[_("请写明原因")], status=422)
    try:
        with transaction.atomic():
            if by is not None and not _same(request, person) and not passes.use(by):
                return redirect("desk:notice", pk=found.pk)
            _take(alert, act, person)
    except InvalidData as refused:
        errors = [each for messages in refused.errors.values() for each in messages]
        return _show(request, alert_for(found, person), by, errors=errors, status=422)
    except Refused as refused:
        return _show(request, alert_for(found, person), by, errors=[str(refused)], status=409)
    except acknowledging.TooLate:
        return _show(
            request, alert_for(found, person), by, errors=[_("已有人处置，不必再办")], status=409
        )
    found.refresh_from_db()
    return _show(request, alert_for(found, person), by, said=_thanks(act))


def _take(alert: Alert, act: _Act, person: Staff) -> None:
    if act.step:
        lifecycle.take(
            act.step,
            person=person,
            complaint=alert.complaint,
            data=act.data or {},
        )
    # What was done ends the call by itself: the ledger's follower sees it.
    acknowledging.acknowledge(alert.notice, person, act.disposition)


def _thanks(act: _Act) -> str:
    if act.disposition == acknowledging.PASSED_UP and not act.step:
        return _("已转给下一位。")
    if act.disposition == acknowledging.DOWNGRADED:
        return _("已记下，不再按紧急情况通知。")
    if act.step:
        return _("已记下。")
    return _("收到。请在规定时间内办理，否则会再次提醒。")


def _dial(request: HttpRequest, alert: Alert, by: Pass | None) -> HttpResponse:
    """A colleague's number, shown on a tap and noted; the phone's own dialler does the rest."""
    wanted = request.POST.get("dial", "")
    callee = next((each for each in alert.callees if str(each.person.pk) == wanted), None)
    if callee is None:
        raise Http404
    audit.note(
        "staff_called",
        actor_id=alert.person.pk,
        subject_type="staff",
        subject_id=callee.person.pk,
        project_id=alert.complaint.project_id if alert.complaint else None,
        source=request.META.get("REMOTE_ADDR") or None,
    )
    return _show(request, alert, by, dialled=callee.person)
