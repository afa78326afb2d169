"""From a row of somebody else's file to a complaint as it was kept there, or the reasons why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, get_args, get_type_hints
from zoneinfo import ZoneInfo

from shouwen.channels import rejects
from shouwen.channels.mapping import CHOICES, ISO, Code, HomeText, Moment, Words
from shouwen.channels.mapping import Mapping as FileMapping
from shouwen.channels.problems import Problem, problem
from shouwen.channels.tables import Row
from shouwen.complaints.history import Kept
from shouwen.complaints.models import Complaint
from shouwen.complaints.steps import STEPS
from shouwen.organization import homes
from shouwen.organization.models import Project
from shouwen.records.fields import blind_index

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_ID_LENGTH = Complaint._meta.get_field("external_id").max_length or 0
_REPLY_LENGTH = 20_000
#: Of the values that a mapping does not know so many are kept, and so much of each.
UNKNOWN_KEPT = 100
LONGEST_VALUE = 80


def _limits() -> dict[str, int]:
    """The longest text of each field, as the step `receive` declares it."""
    hints = get_type_hints(STEPS["receive"].data, include_extras=True)
    found = {"reply": _REPLY_LENGTH}
    for name, hint in hints.items():
        for extra in get_args(hint)[1:]:
            if getattr(extra, "max_length", None):
                found[name] = extra.max_length
    return found


LIMITS = _limits()


@dataclass(frozen=True)
class Read:
    """What a row amounts to: a complaint, open or closed; problems; or neither (left out)."""

    kept: Kept | None = None
    still_open: bool = False
    problems: tuple[Problem, ...] = ()
    skipped: bool = False


class Reader:
    """Reads the rows of one file by its mapping, for one project."""

    def __init__(
        self, mapping: FileMapping, project: Project, *, file: str, categories: Collection[str]
    ) -> None:
        self.mapping = mapping
        self.project = project
        self.file = file
        self._words = {name: set(choices.values) for name, choices in CHOICES.items()}
        self._words["category"] = set(categories)
        self.unknown: dict[str, set[str]] = {}
        self._home = lru_cache(maxsize=4096)(self._look_up_home)

    def read(self, row: Row, now: datetime) -> Read:
        """Read one row as of `now`."""
        if row.problem is not None:
            return Read(problems=(row.problem,))
        cells = row.cells
        if any(str(cells[skip.column]) in skip.values for skip in self.mapping.skip):
            return Read(skipped=True)
        self._problems: list[Problem] = []
        told: dict[str, Any] = {}
        words: dict[str, str] = {}
        for name, source in self.mapping.fields.given.items():
            if isinstance(source, Moment):
                told[name] = self._moment(name, source, cells)
            elif isinstance(source, Words):
                told[name] = self._text(name, source, cells)
            elif isinstance(source, Code):
                told |= self._code(name, source, cells, words)
            else:
                told[name] = self._home_of(source, cells)
        self._check_times(told, now)
        told["external_id"] = self._external_id(told.get("external_id"), cells)
        if not (told.get("subject") or told.get("content")):
            self._add("missing", "content" if self.mapping.fields.content else "subject")
        still_open = self._still_open(told, cells)
        if self._problems:
            return Read(problems=tuple(self._problems))
        origin = {"source": self.mapping.source, "file": self.file, "line": row.line}
        return Read(Kept(**told, words=words, origin=origin), still_open)

    def _add(self, code: str, field: str, **details: Any) -> None:
        self._problems.append(problem(code, field, **details))

    def _unknown(self, name: str, value: str) -> None:
        self._add("unknown_value", name)
        known = self.unknown.setdefault(name, set())
        if len(known) < UNKNOWN_KEPT:
            known.add(value[:LONGEST_VALUE])

    def _text(self, name: str, source: Words, cells: Mapping[str, Any]) -> str:
        if source.constant:
            return source.constant
        found = (_as_text(cells[column]) for column in source.sources)
        text = source.join.join(each for each in found if each)
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            self._add("unstorable", name)
        most = LIMITS.get(name)
        if most is not None and len(text) > most:
            self._add("too_long", name, most=most, length=len(text))
        return text

    def _code(
        self, name: str, source: Code, cells: Mapping[str, Any], words: dict[str, str]
    ) -> dict[str, str]:
        if source.constant:
            return {name: source.constant}
        value = _as_text(cells[str(source.column)])
        code = source.values.get(value)
        if code is None and not source.values and value in self._words[name]:
            code = value
        if code is None and value:
            code = source.otherwise
            if code is None:
                self._unknown(name, value)
        if value and value != code:
            # The code is our reading of it; what was written there is kept beside.
            words[f"{name}_words"] = value
        return {name: code} if code else {}

    def _home_of(self, source: HomeText, cells: Mapping[str, Any]) -> int | None:
        text = source.join.join(filter(None, (_as_text(cells[c]) for c in source.sources)))
        if not text:
            return None
        found = self._home(text)
        if found is None:
            self._add("no_such_home", "home")
        return found

    def _look_up_home(self, text: str) -> int | None:
        found = homes.find(self.project, text)
        return found.pk if found else None

    def _moment(self, name: str, source: Moment, cells: Mapping[str, Any]) -> datetime | None:
        value = cells[source.column]
        if value == "":
            if name == "received_at":
                self._add("missing", name)
            return None
        zone = ZoneInfo(source.timezone or self.project.timezone)
        local = _parsed(value, source.formats)
        if local is None:
            self._add("bad_time", name)
            return None
        try:
            moment = local if local.tzinfo else local.replace(tzinfo=zone)
            if _skipped_by_the_clock(moment):
                self._add("no_such_time", name)
                return None
            moment.astimezone(UTC)
        except (OverflowError, ValueError):
            self._add("bad_time", name)
            return None
        return moment

    def _check_times(self, told: dict[str, Any], now: datetime) -> None:
        received, closed = _fixed(told.get("received_at")), _fixed(told.get("closed_at"))
        if received and closed and closed < received:
            # In the hour that the clocks went through twice, the later reading is meant.
            closed = _fixed(told["closed_at"].replace(fold=1))
        told |= {"received_at": received, "closed_at": closed}
        for name, moment in (("received_at", received), ("closed_at", closed)):
            if moment is not None and moment > now:
                self._add("in_future", name)
        if received and received < EARLIEST:
            self._add("too_early", "received_at")
        if received and closed and closed < received:
            self._add("closed_before_received", "closed_at")

    def _external_id(self, given: str | None, cells: Mapping[str, Any]) -> str:
        if self.mapping.fields.external_id is None:
            # Keyed, so that nobody finds out by trying whose row it was.
            # A row that comes back mended counts without what we had written beside it.
            names = sorted(cells.keys() - rejects.added_columns())
            row = "\0".join(f"{name}={_as_text(cells[name])}" for name in names)
            given = blind_index(row, "imported-row")[:40]
        elif not given:
            self._add("missing", "external_id")
        whole = f"{self.mapping.source}:{given}"
        if len(whole) > _ID_LENGTH:
            most = _ID_LENGTH - len(self.mapping.source) - 1
            self._add("too_long", "external_id", most=most, length=len(given or ""))
        return whole

    def _still_open(self, told: dict[str, Any], cells: Mapping[str, Any]) -> bool:
        standing = self.mapping.status
        if standing is None:
            return False
        value = _as_text(cells[standing.column])
        if value not in standing.open:
            if standing.closed and value not in standing.closed:
                self._unknown("status", value)
            return False
        if told.get("closed_at") is None:
            return True
        if not standing.closing_time_wins:
            self._add("open_but_closed", "status")
        return False


def _as_text(cell: Any) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat(" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell)


def _parsed(value: Any, formats: list[str]) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    for each in formats:
        try:
            text = str(value)
            return datetime.fromisoformat(text) if each == ISO else datetime.strptime(text, each)
        except ValueError:
            continue
    return None


def _fixed(moment: datetime | None) -> datetime | None:
    # With an offset instead of a zone: two times of one zone are compared by their clock faces.
    return datetime.fromisoformat(moment.isoformat()) if moment else None


def _skipped_by_the_clock(moment: datetime) -> bool:
    there_and_back = moment.astimezone(UTC).astimezone(moment.tzinfo)
    return there_and_back.replace(tzinfo=None) != moment.replace(tzinfo=None)
