"""Trials: a message that says it is one, to see whether an address or a gateway works."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.notices import addresses, links, sending
from shouwen.notices.address import Address, Gateway
from shouwen.notices.message import Message
from shouwen.organization.models import Staff


def trial(address: Address, language: str) -> str:
    """Send a trial to an address; "" where it was taken, else the code of `sending.failures`."""
    with translation.override(language):
        message = Message(
            title=_("试发：通知能收到"),
            lines=(_("这是一条试发的消息，没有投诉。收到就说明这个地址可用。"),),
            link=links.absolute("/my/notices/"),
            language=language,
        )
    try:
        sending.send(address, message)
    except sending.Failed as failure:
        return failure.code
    return ""


def address_for(person: Staff, gateway: str) -> Address | None:
    """The address of somebody's own by which a gateway of the company can be tried; None without one."""
    return next(
        (
            each
            for each in addresses.keep(person)
            if addresses.gateway_of(each) == gateway
            and (not each.by_record or addresses.recorded_target(each))
        ),
        None,
    )


def addresses_of(username: str | None, address_id: int | None) -> list[Address]:
    """The addresses to try: one, or all of somebody's that can be used; none where there are none."""
    if address_id is not None:
        return list(Address.objects.filter(pk=address_id).select_related("staff"))
    person = Staff.objects.filter(username=username, is_active=True).first()
    return addresses.addresses_for(person) if person else []


def failing_gateways() -> list[Gateway]:
    """The gateways in use whose last message was not taken."""
    return [each for each in Gateway.objects.filter(is_active=True) if each.fails]


def failing_addresses() -> list[Address]:
    """The addresses in use whose last message was not taken, of persons and groups alike."""
    found = Address.objects.filter(is_active=True, last_failed_at__isnull=False)
    rows = found.select_related("staff", "department", "project").order_by("-last_failed_at")
    return [each for each in rows if each.fails]
