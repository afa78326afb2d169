"""Complaints' ledgers for tests: written by hand in a few words, or drawn at random."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shouwen.regulation.durations import WorkingCalendar
from shouwen.regulation.engine import Clock, Entry, clocks
from shouwen.regulation.model import load_shipped

SHANGHAI = ZoneInfo("Asia/Shanghai")
REGULATION = load_shipped("2004-08-15")
CALENDAR = WorkingCalendar.from_holidays(2025, 2026)
MANY = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def at(text: str) -> datetime:
    """A time in Shanghai: "03-02 09:00" is of 2026."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def entry(kind: str, occurred: str, recorded: str | None = None, **data: Any) -> Entry:
    """An entry that happened, and was written, at times as `at` reads them."""
    return Entry(kind, at(occurred), at(recorded or occurred), data)


def dispatched(occurred: str, due: str, department: str = "engineering") -> Entry:
    return entry("dispatched", occurred, department=department, due_at=at(due))


def found(*entries: Entry, now: str = "12-01 00:00") -> list[Clock]:
    return clocks(REGULATION, entries, CALENDAR, at(now), SHANGHAI)


def of(rule: str, *entries: Entry, now: str = "12-01 00:00") -> list[Clock]:
    """The clocks of one rule."""
    return [clock for clock in found(*entries, now=now) if clock.rule == rule]


def told(clock: Clock) -> tuple[str, str | None, str]:
    """A clock as people say it: from when, to when, and how it went (times of Shanghai)."""

    def local(time: datetime | None) -> str | None:
        return time.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if time else None

    return local(clock.started_at) or "", local(clock.stopped_at), clock.state


# --- Histories at random ----------------------------------------------------------------------
# Any kind may follow any other, often at once, written late or on time: what holds of these
# holds of every lawful ledger.

SEVERITIES = st.sampled_from(["routine", "complex", "major", "emergency"])
DEPARTMENTS = st.sampled_from(["cleaning", "engineering"])
GAPS = st.sampled_from([0, 0, 1, 3, 4, 20, 121, 700, 1500, 4000, 9000])
LAGS = st.sampled_from([0, 0, 0, 1, 30, 150, 3000])
LIMITS = st.sampled_from([-60, 60, 240, 1440, 2880])
MENTIONED = [
    *["dispatched", "completed"] * 4,
    *["declined", "recalled", "extended", "assessed", "visited", "explained"] * 2,
    *["relayed", "accepted", "delay_reported", "verified", "verification_failed"],
    *["jointly_verified", "first_contact_informed", "mediated", "alerted", "taken_in_charge"],
    *["escalated_to_company", "escalated_to_board", "report_filed", "customer_informed"],
    *["arrived", "controlled", "noted", "urged", "closed", "reopened", "withdrawn", "merged"],
]
ASSESSED = st.fixed_dictionaries(
    {}, optional={"severity": SEVERITIES, "needs_developer": st.booleans()}
)


@st.composite
def histories(draw: st.DrawFn, kinds: list[str] | None = None, most: int = 24) -> list[Entry]:
    """A ledger of up to `most` entries that begins with received."""
    moment = datetime(2026, 2, 10, 1, 0, tzinfo=UTC)
    found = [Entry("received", moment, moment, draw(received_data()))]
    for kind in draw(st.lists(st.sampled_from(kinds or MENTIONED), max_size=most)):
        moment += timedelta(minutes=draw(GAPS))
        occurred = moment - timedelta(minutes=draw(LAGS))
        found.append(Entry(kind, occurred, moment, draw(data_of(kind, moment))))
    return found


def received_data() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "severity": SEVERITIES,
            "needs_developer": st.booleans(),
            "front_desk": st.booleans(),
        },
    )


def data_of(kind: str, moment: datetime) -> st.SearchStrategy[dict[str, Any]]:
    later = LIMITS.map(lambda minutes: moment + timedelta(minutes=minutes))
    if kind in {"assessed", "reopened"}:
        return ASSESSED
    if kind in {"dispatched", "extended"}:
        return st.fixed_dictionaries({"department": DEPARTMENTS, "due_at": later})
    if kind in {"recalled", "accepted", "declined", "delay_reported", "completed"}:
        return st.fixed_dictionaries({"department": DEPARTMENTS})
    if kind == "report_filed":
        return st.fixed_dictionaries({"level": st.sampled_from(["company", "board"])})
    if kind == "explained":
        return st.fixed_dictionaries({}, optional={"accepted": st.booleans()})
    if kind == "customer_informed":
        return st.fixed_dictionaries({}, optional={"next_update_at": later})
    return st.just({})


def end_of(history: list[Entry]) -> datetime:
    return history[-1].recorded_at + timedelta(days=2)
