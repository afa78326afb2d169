"""What a document must be before the engine is asked: design §5, "Data" and "Errors"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shouwen.regulation.entries import KINDS, Entry
from shouwen.regulation.model import load_shipped
from shouwen.regulation.vocabulary import Regulation

SEVERITIES = frozenset({"routine", "complex", "major", "emergency"})
LEVELS = frozenset({"company", "board"})
# Working days are counted beyond the last time named, and time zones shift the first.
FIRST_YEAR, LAST_YEAR = 2, 9998

_ASSESSMENT = {"severity": "severity", "needs_developer": "flag"}
_DEPARTMENT = {"department": "text"}
_AGREED = {"department": "text", "due_at": "time"}
# The fields of each kind's data that may stand there, with what they must be.
OPTIONAL: Mapping[str, Mapping[str, str]] = {
    "received": {**_ASSESSMENT, "front_desk": "flag"},
    "assessed": _ASSESSMENT,
    "reopened": _ASSESSMENT,
    "explained": {"accepted": "flag"},
    "customer_informed": {"next_update_at": "time"},
}
# Those that must.
REQUIRED: Mapping[str, Mapping[str, str]] = {
    "dispatched": _AGREED,
    "extended": _AGREED,
    "recalled": _DEPARTMENT,
    "accepted": _DEPARTMENT,
    "declined": _DEPARTMENT,
    "delay_reported": _DEPARTMENT,
    "completed": _DEPARTMENT,
    "report_filed": {"level": "level"},
}


class DocumentError(ValueError):
    """A document that cannot be answered; the message names the entry (from 0) and the field.

    Never its content: what a document says may be about a person.
    """

    def __init__(self, field: str, why: str, entry: int | None = None) -> None:
        self.field, self.why, self.entry = field, why, entry
        place = field if entry is None else f"entry {entry}: {field}"
        super().__init__(f"{place}: {why}")


@dataclass(frozen=True)
class Document:
    """A question to the engine that can be answered. Times of the entries and `now` in UTC."""

    regulation: Regulation
    timezone: ZoneInfo
    now: datetime
    entries: tuple[Entry, ...]


def read(document: Any) -> Document:
    """The document of a JSON value; DocumentError where it cannot be answered."""
    if not isinstance(document, dict):
        raise DocumentError("document", "must be an object")
    for name in ("regulation", "timezone", "now", "entries"):
        if document.get(name) is None:
            raise DocumentError(name, "is missing")
    regulation, timezone, entries = (
        document["regulation"],
        document["timezone"],
        document["entries"],
    )
    if not isinstance(regulation, str):
        raise DocumentError("regulation", "must be text")
    try:
        known = load_shipped(regulation)
    except KeyError:
        raise DocumentError("regulation", "is unknown") from None
    if not isinstance(timezone, str):
        raise DocumentError("timezone", "must be text")
    try:
        zone = ZoneInfo(timezone)
    except (LookupError, ValueError, OSError):
        raise DocumentError("timezone", "is unknown") from None
    now = _time(document["now"], "now")
    if not isinstance(entries, list):
        raise DocumentError("entries", "must be a list")
    if not entries:
        raise DocumentError("entries", "has none: the first must be received")
    read_entries: list[Entry] = []
    for at, value in enumerate(entries):
        entry = _entry(value, at)
        if (entry.kind == "received") != (at == 0):
            why = "a second received" if at else "the first entry must be received"
            raise DocumentError("kind", why, at)
        if read_entries and entry.recorded_at < read_entries[-1].recorded_at:
            raise DocumentError("recorded_at", "lies before that of the entry before it", at)
        read_entries.append(entry)
    return Document(known, zone, now, tuple(read_entries))


def _entry(value: Any, at: int) -> Entry:
    if not isinstance(value, dict):
        raise DocumentError("entry", "must be an object", at)
    kind = value.get("kind")
    if kind is None:
        raise DocumentError("kind", "is missing", at)
    if not isinstance(kind, str):
        raise DocumentError("kind", "must be text", at)
    if kind not in KINDS:
        raise DocumentError("kind", "is unknown", at)
    times = {}
    for name in ("occurred_at", "recorded_at"):
        if value.get(name) is None:
            raise DocumentError(name, "is missing", at)
        times[name] = _time(value[name], name, at)
    if times["occurred_at"] > times["recorded_at"]:
        raise DocumentError("occurred_at", "is later than recorded_at", at)
    data = value.get("data")
    if data is None:
        data = {}
    if not isinstance(data, dict):
        raise DocumentError("data", "must be an object", at)
    return Entry(kind=kind, data=_data(kind, data, at), **times)


def _data(kind: str, data: dict[str, Any], at: int) -> dict[str, Any]:
    known = {}
    required, optional = REQUIRED.get(kind, {}), OPTIONAL.get(kind, {})
    for name in required:
        if data.get(name) is None:
            raise DocumentError(name, "is missing", at)
    for name, form in (*required.items(), *optional.items()):
        if data.get(name) is not None:
            known[name] = _field(data[name], form, name, at)
    return known


def _field(value: Any, form: str, name: str, at: int) -> Any:
    if form == "time":
        return _time(value, name, at)
    if form == "flag":
        if not isinstance(value, bool):
            raise DocumentError(name, "must be true or false", at)
        return value
    if not isinstance(value, str):
        raise DocumentError(name, "must be text", at)
    if form == "severity" and value not in SEVERITIES:
        raise DocumentError(name, "is unknown", at)
    if form == "level" and value not in LEVELS:
        raise DocumentError(name, "is unknown", at)
    return value


def _time(value: Any, name: str, at: int | None = None) -> datetime:
    if not isinstance(value, str):
        raise DocumentError(name, "must be a time in ISO 8601", at)
    try:
        time = datetime.fromisoformat(value) if "T" in value else None
    except ValueError:
        time = None
    if time is None:
        raise DocumentError(name, "must be a time in ISO 8601", at)
    if time.tzinfo is None:
        raise DocumentError(name, "must say its offset from UTC", at)
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise DocumentError(name, "is out of range", at)
    return time.astimezone(UTC)
