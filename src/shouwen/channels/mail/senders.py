"""Who wrote: an address as it is found again, whether it is ours, known for a complaint, or too busy."""

from __future__ import annotations

import datetime
import re

from shouwen.channels.mail.kept import IncomingMail, Mailbox
from shouwen.complaints.models import Complaint
from shouwen.notices import gateways
from shouwen.notices.address import Gateway
from shouwen.notices.gateways import Smtp
from shouwen.organization.customers import normalise
from shouwen.records.fields import blind_index

#: More messages than this from one address within an hour are held for somebody to look at.
MOST_AN_HOUR = 20
#: More receipts than this to one address within a day are not sent.
MOST_RECEIPTS = 10
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def index(address: str) -> str:
    """The blind index of an e-mail address; "" for none."""
    return blind_index(address.strip().lower(), "e-mail") if address.strip() else ""


def ours(address: str) -> bool:
    """Whether it is an address of ours: an answer to it would come back here."""
    own = {
        box.lower() for pair in Mailbox.objects.values_list("address", "reply_from") for box in pair
    }
    server = gateways.load(Gateway.Kind.SMTP, Smtp)
    if server is not None:
        own.add(server.sender.lower())
    return address.lower() in own - {""}


def known(address: str, complaint: Complaint) -> bool:
    """Whether it is the address of the complaint's customer, or wrote what became part of it."""
    if not address:
        return False
    if str(complaint.email or "").strip().lower() == address.lower():
        return True
    mails = IncomingMail.objects.filter(complaint=complaint, sender_index=index(address))
    return mails.exclude(state=IncomingMail.State.HELD).exists()


def too_many(sender_index: str, now: datetime.datetime) -> bool:
    """Whether this address wrote more within the last hour than a person does."""
    since = now - datetime.timedelta(hours=1)
    found = IncomingMail.objects.filter(sender_index=sender_index, fetched_at__gt=since)
    return found.exclude(state=IncomingMail.State.IGNORED).count() >= MOST_AN_HOUR


def answered_enough(sender_index: str, now: datetime.datetime) -> bool:
    """Whether as many receipts as are sent in a day went to this address already."""
    since = now - datetime.timedelta(days=1)
    found = IncomingMail.objects.filter(sender_index=sender_index, fetched_at__gt=since)
    return found.exclude(receipt=IncomingMail.Receipt.NONE).count() >= MOST_RECEIPTS


def telephone(signature: str) -> str:
    """The one mobile number of a signature; "" where there is none, or several."""
    found = {normalise(each) for each in _MOBILE.findall(signature)}
    return _MOBILE.findall(signature)[0].strip() if len(found) == 1 else ""
