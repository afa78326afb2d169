"""Whether a customer can be told by the system itself, and how they like to be told."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import Smtp, Webhook
from shouwen.organization.customers import normalise
from shouwen.organization.models import Customer
from shouwen.records.models import Entry

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


def way(complaint: Complaint, entries: Sequence[Entry]) -> Way | None:
    """How a message reaches the customer without anybody's hand; None: the desk tells them.

    Never a confidential source, nor who asked to be called or visited.
    """
    if complaint.confidential:
        return None
    if complaint.channel == Channel.EMAIL:
        to = next((e.said.get("email") for e in entries if e.kind == "received"), None)
        if to and gateways.load(Gateway.Kind.SMTP, Smtp):
            return Way(Gateway.Kind.SMTP, to, "email")
    customer = complaint.customer
    if customer and customer.preferred_channel not in ("", Customer.Reach.MESSAGE):
        return None
    number = normalise(str(complaint.telephone or ""))
    if _MOBILE.fullmatch(number) and gateways.load(Gateway.Kind.SMS, Webhook):
        return Way(Gateway.Kind.SMS, number, "message")
    return None
