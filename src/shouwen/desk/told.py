"""What became of the notices about a complaint: who was told what, by which channel, and how that went."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _

from shouwen.complaints.models import Complaint
from shouwen.complaints.steps.intake import MEDIA
from shouwen.notices import answering, rendering
from shouwen.notices.address import Address
from shouwen.notices.customers.kept import CustomerMessage
from shouwen.notices.customers.templates import Occasion
from shouwen.notices.notice import Delivery, Notice
from shouwen.notices.policy import Escalation, Hop
from shouwen.notices.sending import failures
from shouwen.organization.models import Staff

MOST = 60


@dataclass(frozen=True)
class Way:
    """One delivery in words; `tone` is kept, late or quiet."""

    channel: str
    said: str
    at: datetime.datetime
    tone: str = "quiet"


@dataclass(frozen=True)
class Told:
    """One person's notice, and the ways by which it went."""

    notice: Notice
    title: str
    ways: list[Way]


@dataclass(frozen=True)
class Called:
    """One hop of an escalation."""

    at: datetime.datetime
    words: str
    passed: bool


def notices_of(complaint: Complaint, reader: Staff) -> list[Told]:
    """The newest notices about the complaint, for whoever may see it. In two queries.

    The steps that a first contact follows, or whoever watches, are theirs alone.
    """
    found = (
        Notice.objects.filter(complaint=complaint)
        .exclude(kind__in=("followed", "watched"))
        .select_related("person")
        .prefetch_related("deliveries")
        .order_by("-again_at", "-pk")[:MOST]
    )
    return [Told(notice, rendering.title(notice), _ways(notice)) for notice in found]


def _ways(notice: Notice) -> list[Way]:
    ways = [_in_app(notice)]
    ways += [_way(each) for each in sorted(notice.deliveries.all(), key=lambda each: each.pk)]
    if notice.opened_at:
        ways.append(Way("", _("打开"), notice.opened_at))
    if notice.acknowledged_at:
        ways.append(Way("", _("应答"), notice.acknowledged_at, "kept"))
    return ways


def _in_app(notice: Notice) -> Way:
    label = str(Address.Kind.IN_APP.label)
    if notice.shown_at:
        return Way(label, _("送达"), notice.shown_at, "kept")
    return Way(label, _("已放入通知，还没看到"), notice.again_at)


def _way(delivery: Delivery) -> Way:
    known = Address.Kind(delivery.channel).label if delivery.channel in Address.Kind.values else ""
    label, state = str(known or delivery.channel), Delivery.State
    if delivery.state == state.SENT:
        return Way(label, _("已发出"), delivery.sent_at or delivery.send_at, "kept")
    if delivery.error:
        why = failures.reason(delivery.error).what
        said = _("没有送到：{why}") if delivery.state == state.FAILED else _("再试：{why}")
        return Way(label, said.format(why=why), delivery.send_at, "late")
    if delivery.state == state.DROPPED:
        return Way(label, _("已有人应答，没有再发"), delivery.send_at)
    said = _("合并等候") if delivery.held or delivery.digest else _("排队")
    return Way(label, said, delivery.send_at)


@dataclass(frozen=True)
class SentByItself:
    """One message to the customer that nobody sent by hand, and what became of it."""

    label: str
    said: str
    at: datetime.datetime
    tone: str


def customer_messages_of(complaint: Complaint) -> list[SentByItself]:
    """What the system told the customer by itself, or left to the desk, the newest first."""
    found = CustomerMessage.objects.filter(complaint=complaint).order_by("-pk")[:MOST]
    return [_by_itself(each) for each in found]


def _by_itself(message: CustomerMessage) -> SentByItself:
    label, state = str(Occasion(message.occasion).label), CustomerMessage.State
    at = message.sent_at or message.send_at
    if message.state == state.SENT:
        medium = str(dict(MEDIA)[message.channel])
        return SentByItself(label, _("{medium}已发出").format(medium=medium), at, "kept")
    if message.state == state.FAILED:
        why = failures.reason(message.error).what
        said = _("没有送到：{why}，请前台告知").format(why=why)
        return SentByItself(label, said, at, "late")
    if message.state == state.LEFT:
        return SentByItself(label, _("没有自动发，由前台告知"), at, "quiet")
    return SentByItself(label, _("待发"), at, "quiet")


def hops_of(complaint: Complaint) -> list[Called]:
    """Every call of the complaint's escalations, oldest first."""
    hops = (
        Hop.objects.filter(escalation__complaint=complaint)
        .select_related("escalation")
        .order_by("made_at", "pk")[:MOST]
    )
    return [_called(hop) for hop in hops]


def _called(hop: Hop) -> Called:
    position = answering.name_of(hop.position)
    if hop.passed:
        return Called(
            hop.made_at, _("{position}：无人值班，转下一级").format(position=position), True
        )
    if hop.found_at != hop.position:
        other = answering.name_of(hop.found_at)
        words = _("{position}无人值班，通知{other}").format(position=position, other=other)
        return Called(hop.made_at, words, False)
    return Called(hop.made_at, _("通知{position}").format(position=position), False)


def answered(complaint: Complaint) -> list[Escalation]:
    """The complaint's escalations, the newest first."""
    return list(
        Escalation.objects.filter(complaint=complaint)
        .select_related("acknowledged_by")
        .order_by("-started_at", "-pk")[:10]
    )
