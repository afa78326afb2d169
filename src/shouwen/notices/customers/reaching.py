"""Whether a customer can be told by the system itself, and how they like to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import Smtp, Webhook
from shouwen.organization.customers import normalise
from shouwen.organization.models import Customer

_MOBILE = re.compile(r"\+861\d{10}")
_MEDIA = {
    Customer.Reach.TELEPHONE: "phone",
    Customer.Reach.MESSAGE: "message",
    Customer.Reach.AT_HOME: "in_person",
}


@dataclass(frozen=True)
class Way:
    """By which gateway, to where (personal: never into a log), and the step's word for it."""

    kind: str
    to: str
    medium: str


def preferred(complaint: Complaint) -> str:
    """The medium by which the customer likes to hear from us; by telephone where nobody said."""
    if complaint.channel == Channel.EMAIL:
        return "email"
    customer = complaint.customer
    return (
        _MEDIA.get(Customer.Reach(customer.preferred_channel), "phone")
        if (customer and customer.preferred_channel)
        else "phone"
    )


def way(complaint: Complaint) -> Way | None:
    """How a message reaches the customer without anybody's hand; None: the desk tells them.

    Never a confidential source, nor who asked to be called or visited.
    """
    if complaint.confidential:
        return None
    mail = _by_mail(complaint)
    if mail and complaint.channel == Channel.EMAIL:
        return mail
    customer = complaint.customer
    if customer and customer.preferred_channel not in ("", Customer.Reach.MESSAGE):
        return None
    number = normalise(str(complaint.telephone or ""))
    if _MOBILE.fullmatch(number) and gateways.load(Gateway.Kind.SMS, Webhook):
        return Way(Gateway.Kind.SMS, number, "message")
    return mail


def _by_mail(complaint: Complaint) -> Way | None:
    address = str.__str__(complaint.email or "").strip()
    if not address or not gateways.load(Gateway.Kind.SMTP, Smtp):
        return None
    return Way(Gateway.Kind.SMTP, address, "email")
