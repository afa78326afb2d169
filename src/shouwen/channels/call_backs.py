"""Missed calls are call-backs to make: one for each number, however often it called."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shouwen.channels.calls import Call
from shouwen.notices import kinds, telling
from shouwen.notices.urgency import Urgency
from shouwen.organization import on_duty
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position

KIND = "call_missed"
#: Whoever calls this often within an hour is in need of an answer.
OFTEN = 3
HOUR = timedelta(hours=1)
#: More are not shown on one page.
MOST = 200


def register() -> None:
    """Make the notice of a missed call known."""
    kinds.register(kinds.Kind(KIND, label=_("未接来电"), title=_("有未接来电，请回电")))


@dataclass
class CallBack:
    """A number that called in vain and is still to be called; its calls, newest first."""

    calls: list[Call] = field(default_factory=list)

    @property
    def newest(self) -> Call:
        """The last call."""
        return self.calls[0]

    @property
    def oldest(self) -> Call:
        """The first call: since when somebody waits."""
        return self.calls[-1]

    @property
    def often(self) -> int:
        """How many calls came within one hour, where these are many; else 0."""
        times = [call.started_at for call in self.calls]
        within = [sum(start - HOUR <= each <= start for each in times) for start in times]
        most = max(within)
        return most if most >= OFTEN else 0


def waiting(among: QuerySet[Call] | None = None) -> QuerySet[Call]:
    """Of these calls (default: all) those that nobody answered and nobody called back."""
    found = Call.objects.all() if among is None else among
    return found.filter(state=Call.State.MISSED, settled_at=None)


def to_make(calls: QuerySet[Call]) -> list[CallBack]:
    """The call-backs of these calls: who called often first, then who waits longest."""
    by_number: dict[tuple[int, str], CallBack] = {}
    for call in calls.select_related("project", "line", "agent").order_by("-started_at", "-pk"):
        by_number.setdefault((call.project_id, call.number_index), CallBack()).calls.append(call)
    return sorted(by_number.values(), key=lambda each: (not each.often, each.oldest.started_at))[
        :MOST
    ]


def of_the_same(call: Call) -> QuerySet[Call]:
    """The missed calls that wait with this one: of its number, where it is known."""
    return waiting().filter(project=call.project_id, number_index=call.number_index)


def settle(call: Call, how: str, now: datetime, by: Staff | None = None) -> int:
    """Nobody has to call this number back any more; how many calls that were."""
    return of_the_same(call).update(settled=how, settled_at=now, settled_by=by)


def reached(call: Call) -> None:
    """Somebody spoke with this number: what it called in vain before needs no answer."""
    if not call.number_index or call.answered_at is None:
        return
    before = of_the_same(call).filter(started_at__lte=call.answered_at)
    before.update(settled=Call.Settled.REACHED, settled_at=call.answered_at)


def missed(call: Call, now: datetime) -> None:
    """Tell the front desk on duty, once for all calls of a number that wait; or nobody has to."""
    spoken = Call.objects.filter(
        ~Q(number_index=""),
        project=call.project_id,
        number_index=call.number_index,
        answered_at__gte=call.started_at,
    )
    later = spoken.order_by("answered_at").first()
    if later is not None:
        Call.objects.filter(pk=call.pk).update(
            settled=Call.Settled.REACHED, settled_at=later.answered_at
        )
        return
    first = of_the_same(call).order_by("started_at", "pk").first() or call
    people = on_duty.resolve(Position.FRONT_DESK, project_id=call.project_id, at=now).persons
    telling.tell(
        people,
        kind=KIND,
        matter=f"{KIND}:{first.pk}",
        urgency=Urgency.SOON,
        project=call.project,
        address=reverse("desk:missed-calls"),
        now=now,
    )
