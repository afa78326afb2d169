"""How one clock came to its due time and its verdict: for the page, and as evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from django.utils import timezone as django_timezone
from django.utils.translation import gettext as _

from shouwen.clocks import firing, folding, subjects, wording
from shouwen.clocks.models import ClockRow
from shouwen.records import ledger
from shouwen.records.models import Entry
from shouwen.regulation import explain as arithmetic
from shouwen.regulation.engine import Clock
from shouwen.regulation.explain import Stretch
from shouwen.regulation.vocabulary import Rule

_HOLIDAY = "holiday:"


@dataclass(frozen=True)
class Explanation:
    """A clock, stretch by stretch, with everything it was judged by.

    The counted stretches add up to the limit: in seconds, or in working days where the rule counts
    those. `entry` of a stretch is a number in the ledger. `counted_from` is what the clock counts
    from: the starting entry's "occurred_at" or "recorded_at", or "condition". `fired` are the
    ledger's entries that warned of it or announced it overdue.
    """

    row: ClockRow
    number: str
    rule: Rule
    clause: str
    timezone: tzinfo
    counted_from: str
    stretches: Sequence[Stretch]
    started_by: Entry
    moved_by: Sequence[Entry]
    ended_by: Entry | None
    fired: Sequence[Entry]

    @property
    def unit(self) -> str:
        """What the stretches are counted in: "seconds" or "working_days"."""
        within = self.rule.within
        return "seconds" if within is None or within.seconds is not None else "working_days"

    @property
    def counted(self) -> float:
        """What the counted stretches add up to."""
        return sum(stretch.amount for stretch in self.stretches if stretch.counted)

    @property
    def limit(self) -> float | None:
        """The limit of the rule, in `unit`; None where an entry agreed the time."""
        within = self.rule.within
        if within is None:
            return None
        return within.amount if within.seconds is None else within.seconds

    def late_by(self, now: datetime | None = None) -> float:
        """Seconds between due time and stop (or `now`, while unstopped); 0 where in time or void."""
        until = self.row.stopped_at
        if self.row.state == ClockRow.State.RUNNING:
            until = now or django_timezone.now()
        return max((until - self.row.due_at).total_seconds(), 0) if until else 0


def explain(row: ClockRow) -> Explanation:
    """How that clock was reckoned, by the versions its row names.

    Raises LookupError where the ledger does not amount to such a clock (see `clocks rebuild`).
    """
    entries = ledger.entries(row.subject_type, row.subject_id)
    subject = folding.subject_of(row.subject_type, row.subject_id, entries)
    judged = folding.judge(subject, entries, now=django_timezone.now())
    identity = firing.identity(row)
    clock = _clock(judged, identity) if judged else None
    if judged is None or clock is None:
        raise LookupError(f"the ledger of {row.subject_type} {row.subject_id} has no such clock")
    stretches = arithmetic.explain(
        judged.regulation,
        # As its row says: the clock may not have followed a calendar learned this minute yet.
        replace(clock, due_at=row.due_at),
        [entry for _number, entry in judged.taken],
        judged.known.by_id(row.calendar_id),
        subject.timezone,
    )
    by_number = {entry.number: entry for entry in entries}
    rule = judged.regulation.rule(row.rule)
    return Explanation(
        row=row,
        number=subjects.of(row.subject_type).number(row.subject_id),
        rule=rule,
        clause=judged.regulation.clause(rule.article) if rule.article else "",
        timezone=subject.timezone,
        counted_from=clock.counted_from,
        stretches=[_numbered(each, judged) for each in stretches],
        started_by=by_number[row.started_by],
        moved_by=[by_number[judged.taken[position][0]] for position in clock.moved_by],
        ended_by=by_number[row.ended_by] if row.ended_by else None,
        fired=[
            entry
            for entry in entries
            if entry.kind in firing.KINDS and firing.about(entry) == identity
        ],
    )


def _numbered(stretch: Stretch, judged: folding.Judgement) -> Stretch:
    return (
        stretch if stretch.entry is None else replace(stretch, entry=judged.number(stretch.entry))
    )


def _clock(judged: folding.Judgement, identity: firing.Identity) -> Clock | None:
    for clock, place in judged.clocks:
        started_by = judged.number(clock.started_by)
        if identity == (clock.rule, clock.key or "", started_by, place):
            return clock
    return None


def holiday(stretch: Stretch) -> str | None:
    """The name of the holiday that a stretch passes over; None where it is none."""
    return stretch.why.removeprefix(_HOLIDAY) if stretch.why.startswith(_HOLIDAY) else None


def why(stretch: Stretch) -> str:
    """Why a stretch counts or does not, in the reader's language."""
    name = holiday(stretch)
    if name is not None:
        return _("放假（%(holiday)s），不计") % {"holiday": wording.holiday(name)}
    return {
        "continuous": _("连续计时"),
        "start_day": _("起算当日不计"),
        "working_day": _("工作日"),
        "make_up_working_day": _("调休上班日"),
        "weekend": _("周末不计"),
        "agreed_limit": _("派单约定的期限"),
        "moved_by_extension": _("同意延期后的期限"),
    }[stretch.why]


def as_json(explanation: Explanation, now: datetime | None = None) -> dict[str, Any]:
    """The explanation as JSON values, with times in the time zone whose days count."""
    row, zone = explanation.row, explanation.timezone

    def at(moment: datetime | None) -> str | None:
        return moment.astimezone(zone).isoformat() if moment else None

    def entry(about: Entry | None) -> dict[str, Any] | None:
        if about is None:
            return None
        return {
            "number": about.number,
            "kind": about.kind,
            "occurred_at": at(about.occurred_at),
            "recorded_at": at(about.recorded_at),
        }

    return {
        "number": explanation.number,
        "rule": row.rule,
        "article": row.article or None,
        "title": explanation.rule.title,
        "key": row.key or None,
        "holder": row.holder,
        "state": row.state,
        "started_at": at(row.started_at),
        "counted_from": explanation.counted_from,
        "due_at": at(row.due_at),
        "stopped_at": at(row.stopped_at),
        "late_by": int(explanation.late_by(now)),
        "started_by": entry(explanation.started_by),
        "moved_by": [entry(each) for each in explanation.moved_by],
        "ended_by": entry(explanation.ended_by),
        "fired": [
            {"kind": each.kind, "at": at(each.occurred_at), **each.facts}
            for each in explanation.fired
        ],
        "limit": str(explanation.rule.within) if explanation.rule.within else None,
        "unit": explanation.unit,
        "counted": explanation.counted,
        "stretches": [
            {
                "start": at(each.start),
                "end": at(each.end),
                "counted": each.counted,
                "amount": each.amount,
                "why": each.why.partition(":")[0],
                "holiday": holiday(each),
                "entry": each.entry,
            }
            for each in explanation.stretches
        ],
        "regulation": {
            "identifier": row.regulation.identifier,
            "in_force_from": row.regulation.in_force_from.isoformat(),
            "sha256": row.regulation.sha256,
        },
        "calendar": {
            "source": row.calendar.source,
            "known_since": row.calendar.known_since.isoformat(),
            "sha256": row.calendar.sha256,
        },
    }
