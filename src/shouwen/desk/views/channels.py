"""Settings › Notice channels: what the company sends through, the addresses of groups, what fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.desk.views.address_rows import rows
from shouwen.desk.views.notice_forms import GATEWAYS, GatewayForm, GroupAddressForm
from shouwen.notices import address_rules, addresses, gateways, trials
from shouwen.notices.address import Address, Gateway
from shouwen.notices.sending import web_push
from shouwen.notices.sending.failures import Reason, reason
from shouwen.organization.models import Department, Project, Staff
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


@dataclass(frozen=True)
class Shown:
    """A gateway with how it goes; without a row it is not set up."""

    kind: Gateway.Kind
    row: Gateway | None
    from_environment: bool
    failure: Reason | None
    mine: bool

    @property
    def in_use(self) -> bool:
        return self.from_environment or (self.row is not None and self.row.is_active)


def _gateways(person: Staff) -> list[Shown]:
    found = {each.kind: each for each in Gateway.objects.all()}
    have = {addresses.gateway_of(each) for each in addresses.keep(person) if each.is_active}
    return [
        Shown(
            kind,
            row := found.get(kind),
            kind == Gateway.Kind.SMTP and bool(settings.SHOUWEN_SMTP_URL),
            reason(row.last_error) if row and row.fails else None,
            str(kind) in have,
        )
        for kind in GATEWAYS
    ]


def kept(person: Staff) -> tuple[list[Project], list[Department]]:
    """The projects and departments whose addresses somebody keeps."""
    projects = address_rules.projects_kept(person).filter(is_active=True).order_by("code")
    departments = address_rules.departments_kept(person).filter(is_active=True)
    ordered = departments.select_related("project").order_by("project__code", "code")
    return list(projects), list(ordered)


@require_safe
@staff_page("keep_group_addresses")
def channels(request: StaffRequest) -> HttpResponse:
    """All of them."""
    return channels_page(request)


def channels_page(request: StaffRequest, *, adding: GroupAddressForm | None = None) -> HttpResponse:
    """The page, with the form that was not right."""
    person = request.user
    whole = bool(may(person, "edit_gateways"))
    groups = list(
        visible_to(person, Address)
        .filter(staff=None)
        .select_related("department__project", "project")
    )
    failing = [each for each in trials.failing_addresses() if each.staff_id] if whole else []
    adding = adding or GroupAddressForm(*kept(person))
    context: dict[str, Any] = {
        "here": "settings",
        "whole": whole,
        "gateways": _gateways(person) if whole else [],
        "group_rows": rows(groups, addresses.usable(groups)),
        "unreached": rows(failing, []),
        "adding": adding,
        "saved": request.GET.get("saved", ""),
        "tried": request.GET.get("tried", ""),
        "public_address": settings.SHOUWEN_PUBLIC_ADDRESS,
    }
    status = 422 if adding.errors else 200
    return render(request, "desk/settings/channels.html", context, status=status)


def _kind(name: str) -> Gateway.Kind:
    if name not in Gateway.Kind.values:
        raise Http404
    return Gateway.Kind(name)


@require_http_methods(["GET", "POST"])
@staff_page("edit_gateways")
def gateway(request: StaffRequest, kind: str) -> HttpResponse:
    """Set one up, or change it."""
    of = _kind(kind)
    if of == Gateway.Kind.WEB_PUSH:
        return _web_push(request)
    row = Gateway.objects.filter(kind=of).first()
    known = gateways.MODELS[of].model_validate_json(str(row.settings)) if row else None
    form = GatewayForm(of, known, request.POST or None)
    if request.method == "POST" and form.is_valid():
        gateways.save(of, form.settings)
        audit.note("gateway_changed", actor_id=request.user.pk, kind=str(of))
        return redirect("/settings/channels/?saved=gateway")
    context = {
        "here": "settings",
        "kind": of,
        "form": form,
        "row": row,
        "from_environment": of == Gateway.Kind.SMTP and bool(settings.SHOUWEN_SMTP_URL),
    }
    status = 422 if form.errors else 200
    return render(request, "desk/settings/gateway.html", context, status=status)


def _web_push(request: StaffRequest) -> HttpResponse:
    """Nothing to fill in: switching it on makes the key; a new key ends what browsers had agreed to."""
    if request.method == "POST":
        gateways.save(Gateway.Kind.WEB_PUSH, web_push.new_settings())
        Address.objects.filter(kind=Address.Kind.WEB_PUSH).delete()
        audit.note("gateway_changed", actor_id=request.user.pk, kind="web_push")
        return redirect("/settings/channels/?saved=gateway")
    row = Gateway.objects.filter(kind=Gateway.Kind.WEB_PUSH).first()
    return render(
        request,
        "desk/settings/web_push.html",
        {"here": "settings", "row": row, "kind": Gateway.Kind.WEB_PUSH},
    )


@require_POST
@staff_page("edit_gateways")
def switch(request: StaffRequest, kind: str) -> HttpResponse:
    """Use it again, or not for now; the settings stay."""
    row = get_object_or_404(Gateway, kind=_kind(kind))
    row.is_active = not row.is_active
    row.save(update_fields=["is_active"])
    audit.note("gateway_changed", actor_id=request.user.pk, kind=kind, active=row.is_active)
    return redirect("/settings/channels/?saved=switched")


@require_POST
@staff_page("edit_gateways")
def try_out(request: StaffRequest, kind: str) -> HttpResponse:
    """Send a trial through it to one's own address."""
    of = _kind(kind)
    address = trials.address_for(request.user, of)
    if address is None:
        return redirect("/settings/channels/?tried=none")
    code = trials.trial(address, request.user.language)
    audit.note("address_tried", actor_id=request.user.pk, gateway=str(of), failed=code or None)
    return redirect(f"/settings/channels/?tried={of}")
