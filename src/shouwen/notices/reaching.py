"""By which of their addresses a person hears of a notice, and when: planned as the notice is made."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from shouwen.notices import groups
from shouwen.notices.address import Address
from shouwen.notices.addresses import plan_for
from shouwen.notices.kinds import KINDS
from shouwen.notices.notice import Delivery, Notice
from shouwen.notices.preferences import IN_APP, Planned
from shouwen.notices.urgency import Urgency


def plan(notices: Iterable[Notice]) -> list[Delivery]:
    """Write down where and when each of these notices goes besides the app, where it is already.

    Nothing is sent here: the loop sends what is due, gathered into messages.
    """
    notices = list(notices)
    known: dict[tuple[int, str, str, int | None], Sequence[Planned[Address]]] = {}
    rows = []
    waiting = set(
        Delivery.objects.filter(
            notice__in=[each for each in notices if each.times > 1], state=Delivery.State.WAITING
        ).values_list("notice", "address_id")
    )
    for notice in notices:
        if KINDS[notice.kind].quiet:
            continue
        key = (notice.person_id, notice.urgency, notice.kind, notice.project_id)
        if key not in known:
            known[key] = plan_for(
                notice.person,
                notice.urgency,
                notice.project_id,
                kind=notice.kind,
                at=notice.again_at,
            )
        rows += [
            Delivery(
                notice=notice,
                person_id=notice.person_id,
                channel=planned.address.kind,
                address_id=planned.address.pk,
                urgency=notice.urgency,
                digest=planned.digest,
                send_at=notice.again_at + planned.after,
                nth=notice.times,
            )
            for planned in known[key]
            if planned.address.kind != IN_APP and (notice.pk, planned.address.pk) not in waiting
        ]
    rows += groups.deliveries(notices)
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)
    return rows


def bring_forward(notice_ids: Sequence[int], now: datetime.datetime) -> int:
    """A channel has failed: the next one is used at once, however long it was to wait.

    Of what can wait nothing is brought forward out of its digest. Returns how many.
    """
    moved = 0
    for notice_id in notice_ids:
        waiting = Delivery.objects.filter(
            notice=notice_id, state=Delivery.State.WAITING, digest=False
        ).exclude(urgency=Urgency.LATER)
        following = waiting.order_by("send_at", "pk").values_list("pk", flat=True).first()
        if following is not None:
            moved += Delivery.objects.filter(pk=following, send_at__gt=now).update(send_at=now)
    return moved


def drop(notices: Iterable[int]) -> int:
    """What these notices were still to be told by is no longer needed; how many there were."""
    return Delivery.objects.filter(notice__in=list(notices), state=Delivery.State.WAITING).update(
        state=Delivery.State.DROPPED
    )
