"""What leaves the house: deliveries that are due, gathered into messages, and how each message went.

An emergency is a message of its own and is never held. Of everything else a person gets one message
per address at once and the rest together at the end of a while, however many rules fire.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from shouwen.notices import passes, reaching, rendering, sending, telling
from shouwen.notices.address import Address
from shouwen.notices.notice import Delivery, Envelope, Notice
from shouwen.notices.policy import Escalation
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Post
from shouwen.organization.positions import Position

#: After a message, what is no emergency and follows to the same address within this is gathered.
GATHER = datetime.timedelta(minutes=10)
BATCH = 1000
#: Attempts at one message, and the seconds before the second; each further one waits four times as long.
MOST_ATTEMPTS = 5
BACK_OFF = 5

_OWN = Delivery.State


def collect(
    now: datetime.datetime | None = None, *, limit: int = BATCH, about: Collection[int] = ()
) -> list[int]:
    """Put what is due into envelopes; their ids, each to be sent by a job.

    With `about` only what these complaints brought about.

    In one transaction with the jobs' deferring, where the caller has one.
    """
    now = now or timezone.now()
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(_concerning(about), state=_OWN.WAITING, send_at__lte=now)
            .select_related("notice__escalation")
            .order_by("send_at", "pk")[:limit]
        )
        due = _still_needed(due)
        urgent = [each for each in due if each.urgency == Urgency.EMERGENCY]
        rest: dict[tuple[int, str, int | None], list[Delivery]] = {}
        for each in due:
            if each.urgency != Urgency.EMERGENCY:
                rest.setdefault((each.person_id, each.channel, each.address_id), []).append(each)
        made = [_envelope([each], now) for each in urgent]
        last = _last(rest, now)
        for key, deliveries in rest.items():
            if key in last:
                # Within the while after a message: all of it goes together when that is over.
                until = last[key] + GATHER
                ids = [each.pk for each in deliveries]
                Delivery.objects.filter(pk__in=ids).update(send_at=until, held=True)
            else:
                made.append(_envelope(deliveries, now))
    return [envelope.pk for envelope in made]


def _concerning(complaints: Collection[int]) -> Q:
    return Q(notice__complaint__in=complaints) if complaints else Q()


def _still_needed(due: Sequence[Delivery]) -> list[Delivery]:
    """What nobody need hear any more is dropped: an alert that was answered, a notice that was read."""
    gone = [each for each in due if _pointless(each.notice)]
    Delivery.objects.filter(pk__in=[each.pk for each in gone]).update(state=_OWN.DROPPED)
    dropped = {each.pk for each in gone}
    return [each for each in due if each.pk not in dropped]


def _pointless(notice: Notice) -> bool:
    if notice.escalation is None:
        return notice.read_at is not None
    over = notice.escalation.state == Escalation.State.OVER
    return notice.acknowledged_at is not None or over


def _last(
    keys: Iterable[tuple[int, str, int | None]], now: datetime.datetime
) -> dict[tuple[int, str, int | None], datetime.datetime]:
    """When each of these addresses had its last message, within the while."""
    wanted = set(keys)
    found = (
        Envelope.objects.filter(
            person__in={person for person, _channel, _address in wanted}, made_at__gt=now - GATHER
        )
        .values_list("person", "channel", "address_id")
        .annotate(last=Max("made_at"))
    )
    last = {(person, channel, address): at for person, channel, address, at in found}
    return {key: at for key, at in last.items() if key in wanted}


def _envelope(deliveries: Sequence[Delivery], now: datetime.datetime) -> Envelope:
    first = deliveries[0]
    envelope = Envelope.objects.create(
        person_id=first.person_id,
        address_id=first.address_id,
        channel=first.channel,
        urgency=first.urgency,
        made_at=now,
    )
    ids = [each.pk for each in deliveries]
    Delivery.objects.filter(pk__in=ids).update(envelope=envelope, state=_OWN.QUEUED)
    return envelope


class Again(Exception):
    """A message was not taken and is to be tried again."""


def send(envelope_id: int, now: datetime.datetime | None = None) -> None:
    """Send one envelope. Raises Again where another attempt may help; the job comes back for it.

    At least once: whoever is killed after the other side took it sends it again, under the same
    delivery number.
    """
    now = now or timezone.now()
    envelope = Envelope.objects.select_related("person").get(pk=envelope_id)
    if envelope.state != Envelope.State.QUEUED:
        return
    notices = list(
        Notice.objects.filter(deliveries__envelope=envelope)
        .select_related(
            "person", "project", "complaint__category__parent", "complaint__project", "escalation"
        )
        .order_by("again_at", "pk")
        .distinct()
    )
    address = Address.objects.select_related("staff").filter(pk=envelope.address_id or 0).first()
    if not notices or address is None or not address.is_active:
        _failed(envelope, notices, "nobody_there", now)
        return
    lawful = address.reaches_one and len(notices) == 1
    token = passes.issue(notices[0], now) if lawful and _acts(notices[0]) else ""
    try:
        sending.send(
            address, rendering.message(notices, token=token), delivery=f"shouwen-{envelope.pk}"
        )
    except sending.Failed as failure:
        _tried(envelope, notices, failure, now)
        return
    _sent(envelope, now)


def _acts(notice: Notice) -> bool:
    return notice.escalation_id is not None


def _sent(envelope: Envelope, now: datetime.datetime) -> None:
    with transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(
            state=Envelope.State.SENT,
            sent_at=now,
            tried_at=now,
            attempts=envelope.attempts + 1,
            error="",
        )
        envelope.deliveries.update(state=_OWN.SENT, sent_at=now, error="")


def _tried(
    envelope: Envelope, notices: Sequence[Notice], failure: sending.Failed, now: datetime.datetime
) -> None:
    """The next channel is used at once; this one is tried again where that may help."""
    envelope.attempts += 1
    if not failure.temporary or envelope.attempts >= MOST_ATTEMPTS:
        _failed(envelope, notices, failure.code, now)
        return
    with transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(
            attempts=envelope.attempts, tried_at=now, error=failure.code
        )
        envelope.deliveries.update(error=failure.code)
        _report(envelope, failure.code, now)
        if envelope.attempts == 1:
            reaching.bring_forward([notice.pk for notice in notices], now)
    raise Again(failure.code)


def _report(envelope: Envelope, code: str, now: datetime.datetime) -> None:
    """The administrators see that a channel does not work: one notice a day and channel."""
    known = Address.Kind(envelope.channel).label if envelope.channel in Address.Kind.values else ""
    keepers = Post.objects.held_on(timezone.localdate(now)).filter(position=Position.ADMINISTRATOR)
    telling.tell(
        [post.staff for post in keepers.select_related("staff")],
        kind="channel_failed",
        matter=f"channel:{envelope.channel}:{timezone.localdate(now)}",
        urgency=Urgency.SOON,
        address="/settings/",
        facts={"channel": str(known or envelope.channel), "why": code},
        now=now,
    )


def _failed(
    envelope: Envelope, notices: Sequence[Notice], code: str, now: datetime.datetime
) -> None:
    with transaction.atomic():
        Envelope.objects.filter(pk=envelope.pk).update(
            state=Envelope.State.FAILED, tried_at=now, attempts=envelope.attempts, error=code
        )
        envelope.deliveries.update(state=_OWN.FAILED, error=code)
        _report(envelope, code, now)
        if envelope.attempts <= 1:
            reaching.bring_forward([notice.pk for notice in notices], now)
