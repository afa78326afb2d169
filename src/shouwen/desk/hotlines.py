"""An outside hotline's order on the complaint's page: its number and limit there, and our reply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from shouwen.channels.models import HotlineReply
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.state import State
from shouwen.complaints.steps.hotline import Resolution, Response, Satisfaction
from shouwen.notices.sending import failures
from shouwen.records.models import Entry

_OURS = ("R2.handle", "H.total")


@dataclass(frozen=True)
class HotlineCard:
    """What the page shows of an order; `ours` is our own limit beside the hotline's."""

    number: str
    source: str
    due_at: datetime
    asked: str
    ours: datetime | None
    answered_at: datetime | None
    late: bool
    result: str
    reply: str
    sent: str
    tone: str
    failed: HotlineReply | None


def card(
    complaint: Complaint,
    state: State,
    entries: Sequence[Entry],
    clocks: Sequence[ClockRow],
    now: datetime,
) -> HotlineCard | None:
    """The card of the complaint's last order; None where it has none. `entries` with what was said."""
    order = state.hotline
    if order is None:
        return None
    by_number = {entry.number: entry for entry in entries}
    answer = by_number.get(order.answered_by) if order.answered_by else None
    due_at = datetime.fromisoformat(order.due_at)
    sending = None
    if answer is not None:
        sending = HotlineReply.objects.filter(complaint=complaint, entry=answer.number).first()
    said, tone = _sent(sending) if answer is not None else ("", "quiet")
    failed = sending if sending and sending.state == HotlineReply.State.FAILED else None
    return HotlineCard(
        number=order.number,
        source=order.source,
        due_at=due_at,
        asked=by_number[order.registered_by].said.get("asked") or "",
        ours=_ours(clocks),
        answered_at=answer.occurred_at if answer else None,
        late=(answer.occurred_at if answer else now) > due_at,
        result=_result(answer) if answer else "",
        reply=(answer.said.get("reply") or "") if answer else "",
        sent=said,
        tone=tone,
        failed=failed,
    )


def _ours(clocks: Sequence[ClockRow]) -> datetime | None:
    found = [row for row in clocks if row.rule in _OURS]
    running = [row for row in found if row.state == ClockRow.State.RUNNING]
    return min((row.due_at for row in running or found), default=None)


def _result(answer: Entry) -> str:
    facts = answer.facts
    parts = (
        Response(facts["response"]).label,
        Resolution(facts["resolution"]).label,
        Satisfaction(facts["satisfaction"]).label,
    )
    return " · ".join(map(str, parts))


def _sent(reply: HotlineReply | None) -> tuple[str, str]:
    if reply is None:
        return _("请在热线自己的系统里填报以上内容"), "quiet"
    if reply.state == HotlineReply.State.SENT:
        return _("已送达热线"), "kept"
    why = failures.reason(reply.problem).what if reply.problem else ""
    if reply.state == HotlineReply.State.FAILED:
        return _("没有送到热线：{why}").format(why=why), "late"
    if why:
        return _("还没有送到：{why}，系统会再试").format(why=why), "warn"
    return _("正在送往热线"), "quiet"
