"""What the customer was promised, and whether it was kept: told from a ledger and its clocks.

Three things count as a promise: the time of the next reply [R4], a new date of completion that the
customer was told [R4], and an appointment at their home [A6]. Verdicts are the clocks' wherever a
clock ran for the promise; the rest is told from the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from shouwen.clocks.models import ClockRow
from shouwen.records.models import Entry

#: The rule of the whole: it says that a complaint takes long, not who must act next.
WHOLE = "H.total"
REPLY = "H.update"
HANDLE = "R2.handle"

#: Clocks after which the customer hears from us, the one with a time they were told first.
_REPLIES = (REPLY, "H.tell", "H.contact", HANDLE)

_DELAYS = frozenset({"delay_reported", "extended"})
#: With these the customer hears of a new date [R4].
_TELLING = frozenset({"customer_informed", "visited"})
#: A department's part goes on anew, or has ended: an earlier delay explains nothing any more.
_TURNS = frozenset(
    {"dispatched", "declined", "recalled", "completed", "verification_failed", "reopened"}
)
_ENDS = frozenset({"closed", "withdrawn", "merged"})
#: Entries that say nothing about how far the matter is.
QUIET = frozenset(
    {"warned", "breached", "attached", "amended", "noted", "erased", "handed_over", "assigned"}
    | {"customer_added", "customer_answered", "customer_asked", "customer_confirmed"}
    | {"customer_heard", "customer_rated"}
    | {"confirmation_asked", "approval_asked", "manager_asked", "lead_asked", "supervisor_called"}
)


class Kind(TextChoices):
    """What was promised."""

    REPLY = "reply", _("再次答复")
    FINISH = "finish", _("办理完成")
    APPOINTMENT = "appointment", _("上门")


class Outcome(TextChoices):
    """What became of a promise."""

    OPEN = "open", _("待兑现")
    KEPT = "kept", _("已兑现")
    BROKEN = "broken", _("未兑现")
    MOVED = "moved", _("已改期")
    ABSENT = "absent", _("客户不在")
    SETTLED = "settled", _("已不需要")


@dataclass(frozen=True)
class Promise:
    """Something that the customer could expect by `due_at`, and what became of it.

    `entry` is where it was told, `source` where the date was set; `late` says that it is open
    though its time has passed.
    """

    kind: Kind
    entry: Entry
    source: Entry
    due_at: datetime
    outcome: Outcome
    late: bool = False

    @property
    def complaint_id(self) -> int:
        """The complaint that it was made about."""
        return self.entry.subject_id

    @property
    def department(self) -> str:
        """The code of the department that has to keep it; "" for the customer centre's own."""
        return str(self.source.facts.get("department") or "")


_VERDICTS = {
    ClockRow.State.RUNNING: Outcome.OPEN,
    ClockRow.State.MET: Outcome.KEPT,
    ClockRow.State.BREACHED: Outcome.BROKEN,
    ClockRow.State.VOID: Outcome.SETTLED,
}


def of(entries: Sequence[Entry], clocks: Sequence[ClockRow], now: datetime) -> list[Promise]:
    """The promises of one complaint, the latest due first.

    `entries` is its whole ledger in order, `clocks` all its clocks.
    """
    found = [
        *_replies(entries, clocks, now),
        *_finishes(entries, clocks, now),
        *_appointments(entries, now),
    ]
    return sorted(found, key=lambda each: (each.due_at, each.entry.number), reverse=True)


def _promise(
    kind: Kind, entry: Entry, source: Entry, due_at: datetime, outcome: Outcome, now: datetime
) -> Promise:
    late = outcome == Outcome.OPEN and due_at < now
    return Promise(kind, entry, source, due_at, outcome, late)


def _replies(
    entries: Sequence[Entry], clocks: Sequence[ClockRow], now: datetime
) -> Iterator[Promise]:
    started = {row.started_by: row for row in clocks if row.rule == REPLY}
    for entry in entries:
        said = entry.facts.get("next_update_at")
        if entry.kind != "customer_informed" or not said:
            continue
        due_at, row = datetime.fromisoformat(said), started.get(entry.number)
        if row is not None:
            outcome = _VERDICTS[ClockRow.State(row.state)]
        else:
            # Said after the end: no clock runs, and nothing is left to be told once it has passed.
            outcome = Outcome.OPEN if due_at > now else Outcome.SETTLED
        yield _promise(Kind.REPLY, entry, entry, due_at, outcome, now)


def _finishes(
    entries: Sequence[Entry], clocks: Sequence[ClockRow], now: datetime
) -> Iterator[Promise]:
    """New dates of completion, from when the customer was told."""
    told = list(_dates_told(entries))
    for place, (entry, source, due_at) in enumerate(told):
        department = source.facts["department"]
        later = next(
            (
                each
                for each, other, _due in told[place + 1 :]
                if other.facts["department"] == department
            ),
            None,
        )
        row = next(
            (
                row
                for row in clocks
                if row.rule == HANDLE and row.key == department and row.due_at == due_at
            ),
            None,
        )
        if row is not None:
            outcome = _VERDICTS[ClockRow.State(row.state)]
        else:
            outcome = _finished(entries, source, due_at, later)
        yield _promise(Kind.FINISH, entry, source, due_at, outcome, now)


def _dates_told(entries: Sequence[Entry]) -> Iterator[tuple[Entry, Entry, datetime]]:
    """Each new date that the customer heard of: where it was told, where it was set, the date."""
    waiting: dict[str, tuple[Entry, datetime]] = {}
    for entry in entries:
        if entry.kind in _DELAYS:
            said = entry.facts.get("due_at") or entry.facts["new_due_at"]
            waiting[entry.facts["department"]] = (entry, datetime.fromisoformat(said))
        elif entry.kind in _TELLING:
            for source, due_at in waiting.values():
                yield entry, source, due_at
            waiting.clear()


def _finished(
    entries: Sequence[Entry], source: Entry, due_at: datetime, later: Entry | None
) -> Outcome:
    """A date that no clock ran for: the department's completion says whether it was kept."""
    for entry in entries:
        if entry.number <= source.number:
            continue
        theirs = entry.facts.get("department") == source.facts["department"]
        if entry.kind == "completed" and theirs:
            return Outcome.KEPT if entry.occurred_at <= due_at else Outcome.BROKEN
        over = entry.kind in _ENDS or (entry.kind in ("declined", "recalled") and theirs)
        if over or entry is later:
            if entry.occurred_at > due_at:
                return Outcome.BROKEN
            return Outcome.MOVED if entry is later else Outcome.SETTLED
    return Outcome.OPEN


_RESULTS = {
    "kept": Outcome.KEPT,
    "missed_by_us": Outcome.BROKEN,
    "missed_by_customer": Outcome.ABSENT,
}


def _appointments(entries: Sequence[Entry], now: datetime) -> Iterator[Promise]:
    for place, entry in enumerate(entries):
        if entry.kind != "appointed" or _result(entry) is not None:
            continue
        due_at = datetime.fromisoformat(entry.facts["at"])
        outcome = _appointment(entry, entries[place + 1 :])
        yield _promise(Kind.APPOINTMENT, entry, entry, due_at, outcome, now)


def _result(entry: Entry) -> Outcome | None:
    return _RESULTS.get(entry.facts.get("outcome", "made"))


def _appointment(made: Entry, since: Sequence[Entry]) -> Outcome:
    for entry in since:
        if entry.kind in _ENDS:
            return Outcome.SETTLED
        if entry.facts.get("department") != made.facts["department"]:
            continue
        if entry.kind == "appointed":
            return _result(entry) or Outcome.MOVED
        if entry.kind in ("completed", "declined", "recalled"):
            return Outcome.SETTLED
    return Outcome.OPEN


def next_reply(running: Sequence[ClockRow]) -> ClockRow | None:
    """The unstopped clock by which the customer hears from us next; None where none runs.

    A time that they were told counts before a limit of ours.
    """
    replies = [row for row in running if row.rule in _REPLIES]
    return min(replies, key=lambda row: (_REPLIES.index(row.rule), row.due_at), default=None)


def pressing(running: Sequence[ClockRow]) -> ClockRow | None:
    """The unstopped clock that says who must act next; the whole's only where no other runs."""
    return min(running, key=lambda row: (row.rule == WHOLE, row.due_at, row.pk), default=None)


def reason(entries: Sequence[Entry]) -> Entry:
    """Why a complaint is open still: the last delay since its work last turned, else the last step.

    `entries` is its whole ledger in order, with what was said.
    """
    last: Entry | None = None
    for entry in reversed(entries):
        if entry.kind in _DELAYS and entry.said.get("reason"):
            return entry
        if last is None and entry.kind not in QUIET:
            last = entry
        if entry.kind in _TURNS:
            break
    return last or entries[0]
