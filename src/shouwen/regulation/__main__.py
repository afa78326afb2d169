"""`python -m shouwen.regulation`: documents on standard input, their clocks on standard output.

Reads one JSON document, or a list of them, and prints one answer, or a list. A document that
cannot be answered refuses them all: exit status 2 and one line on standard error (design §5).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any, BinaryIO, NoReturn, TextIO

from shouwen.regulation.checks import Document, DocumentError, read
from shouwen.regulation.clock import Clock
from shouwen.regulation.durations import WorkingCalendar
from shouwen.regulation.engine import clocks

# Years for which the holidays fixed by law can be worked out.
FIRST_YEAR, LAST_YEAR = 1950, 2099


def main(stdin: BinaryIO | None = None, stdout: TextIO | None = None) -> int:
    """Answer what stands on standard input; the exit status."""
    try:
        asked = json.loads((stdin or sys.stdin.buffer).read(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return _refuse("not JSON")
    several = isinstance(asked, list)
    documents: list[Document] = []
    for position, document in enumerate(asked if several else [asked]):
        try:
            documents.append(read(document))
        except DocumentError as error:
            return _refuse(f"document {position}: {error}" if several else str(error))
    calendar = _calendar(documents)
    answers = [answer(document, calendar) for document in documents]
    # In one piece: written to a stream, json takes ten times as long.
    print(
        json.dumps(answers if several else answers[0], separators=(",", ":")),
        file=stdout or sys.stdout,
    )
    return 0


def answer(document: Document, calendar: WorkingCalendar) -> dict[str, Any]:
    """The clocks of one document, its times written in its time zone."""
    zone = document.timezone

    def written(time: datetime | None) -> str | None:
        return time.astimezone(zone).isoformat() if time else None

    def row(clock: Clock) -> dict[str, Any]:
        return {
            "rule": clock.rule,
            "article": clock.article,
            "key": clock.key,
            "holder": clock.holder,
            "started_at": written(clock.started_at),
            "due_at": written(clock.due_at),
            "stopped_at": written(clock.stopped_at),
            "state": clock.state,
        }

    found = clocks(document.regulation, document.entries, calendar, document.now, zone)
    return {"clocks": [row(clock) for clock in found]}


def _calendar(documents: Iterable[Document]) -> WorkingCalendar:
    """A calendar that reaches from the first entry of all to a year after the last."""
    years = {e.recorded_at.year for d in documents for e in (d.entries[0], d.entries[-1])}
    years |= {e.occurred_at.year for d in documents for e in d.entries}
    years = {min(max(year, FIRST_YEAR), LAST_YEAR) for year in years} or {LAST_YEAR}
    return WorkingCalendar.from_holidays(min(years), max(years) + 1)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
