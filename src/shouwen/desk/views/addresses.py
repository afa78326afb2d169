"""Adding an address, trying it out, switching it off, removing it: one's own and those of groups."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from shouwen.desk.pages import StaffRequest, staff_page
from shouwen.desk.views import channels, notice_rules
from shouwen.desk.views.notice_forms import OWN_KINDS, AddressForm, GroupAddressForm
from shouwen.notices import addresses, keeping_addresses, trials
from shouwen.notices.address import Address
from shouwen.organization.permissions import may, visible_to
from shouwen.records import audit


@require_POST
@staff_page("see_own_notice_settings")
def add_own(request: StaffRequest) -> HttpResponse:
    """An address more of one's own."""
    form = AddressForm(OWN_KINDS, request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            keeping_addresses.add(
                request.user,
                request.user,
                given["kind"],
                given["text"],
                secret=given["secret"],
                name=given["name"],
            )
        except ValidationError as wrong:
            form.add_error("text", wrong.messages)
        else:
            return redirect("/my/notices/?saved=added#addresses")
    rules, floor = addresses.rules_of(request.user), addresses.floor()
    return notice_rules.my_page(request, rules, floor, adding=form)


@require_POST
@staff_page("see_own_notice_settings")
def add_browser(request: StaffRequest) -> HttpResponse:
    """Pushes to this browser, which has agreed to them."""
    try:
        keeping_addresses.add_browser(request.user, request.POST.get("subscription", ""))
    except ValidationError as wrong:
        rules, floor = addresses.rules_of(request.user), addresses.floor()
        return notice_rules.my_page(request, rules, floor, refused=" ".join(wrong.messages))
    return redirect("/my/notices/?saved=added#addresses")


@require_POST
@staff_page("keep_group_addresses")
def add_group(request: StaffRequest) -> HttpResponse:
    """An address more of a department or project."""
    form = GroupAddressForm(*channels.kept(request.user), request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            keeping_addresses.add(
                request.user,
                form.owners[given["owner"]],
                given["kind"],
                given["text"],
                secret=given["secret"],
                name=given["name"],
            )
        except ValidationError as wrong:
            form.add_error("text", wrong.messages)
        else:
            return redirect("/settings/channels/?saved=added#groups")
    return channels.channels_page(request, adding=form)


def _address(request: StaffRequest, pk: int) -> Address:
    """The address, where it is the person's to keep. Raises Http404, PermissionDenied."""
    address = get_object_or_404(
        visible_to(request.user, Address).select_related("staff", "department", "project"), pk=pk
    )
    allowed = may(request.user, "edit_addresses", address)
    if not allowed:
        raise PermissionDenied(str(allowed.rule))
    return address


def _back(address: Address, **said: str) -> HttpResponse:
    own = address.staff_id is not None
    page = reverse("desk:my-notices" if own else "desk:channels")
    asked = "&".join(f"{name}={value}" for name, value in said.items())
    return redirect(f"{page}?{asked}#{'addresses' if own else 'groups'}")


@require_POST
@staff_page("edit_addresses")
def try_out(request: StaffRequest, pk: int) -> HttpResponse:
    """Send a trial and show what came of it beside the address."""
    address = _address(request, pk)
    code = trials.trial(address, request.user.language)
    audit.note(
        "address_tried",
        actor_id=request.user.pk,
        subject_type="address",
        subject_id=address.pk,
        project_id=address.project_id,
        kind=address.kind,
        failed=code or None,
    )
    return _back(address, tried=str(address.pk))


@require_POST
@staff_page("edit_addresses")
def switch(request: StaffRequest, pk: int) -> HttpResponse:
    """Use it again, or not for now."""
    address = _address(request, pk)
    if address.kind != Address.Kind.IN_APP:
        keeping_addresses.switch(request.user, address, on=not address.is_active)
    return _back(address, saved="switched")


@require_POST
@staff_page("edit_addresses")
def remove(request: StaffRequest, pk: int) -> HttpResponse:
    """Take it away."""
    address = _address(request, pk)
    if not address.by_record:
        keeping_addresses.remove(request.user, address)
    return _back(address, saved="removed")
