"""Whether customers heard when they were told they would (H.update): kept, broken and still open."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db.models import Count, Q

from shouwen.clocks.models import ClockRow
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.promises import REPLY
from shouwen.notices.customers.kept import CustomerMessage


@dataclass(frozen=True)
class Replies:
    """The replies that customers of a project were promised, by what became of them."""

    kept: int
    broken: int
    open: int

    @property
    def promised(self) -> int:
        return self.kept + self.broken + self.open

    @property
    def rate(self) -> int | None:
        """Of those decided, how many of a hundred were kept; None where none is decided."""
        decided = self.kept + self.broken
        return round(100 * self.kept / decided) if decided else None


def replies(project_id: int, since: datetime.datetime) -> Replies:
    """Those promised since then, in one query; what became unnecessary is not among them."""
    states = ClockRow.State
    found = ClockRow.objects.filter(
        subject_type=SUBJECT, project_id=project_id, rule=REPLY, started_at__gte=since
    ).aggregate(
        **{
            name: Count("pk", filter=Q(state=state))
            for name, state in (
                ("kept", states.MET),
                ("broken", states.BREACHED),
                ("open", states.RUNNING),
            )
        }
    )
    return Replies(**found)


def by_itself(project_id: int, since: datetime.datetime) -> dict[str, int]:
    """How many messages the system made since then, by what became of them; in one query."""
    found = CustomerMessage.objects.filter(
        complaint__project=project_id, send_at__gte=since
    ).values_list("state")
    return dict(found.annotate(n=Count("pk")).order_by("state"))
