"""How late a due clock fires, and what a look at the clocks costs, with many running.

    python -m benchmarks.timekeeper [--running 1000000] [--due 3000] [--seconds 60] [--burst 2000]

Makes a database of its own (on DATABASE_URL's server, else an embedded one), fills it with running
clocks, lets `due` of them fall due over `seconds`, then `burst` at one instant, while one timekeeper
runs; measures from the due time to the commit of the ledger's entry.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.figures import CLOCKS, Figure, milliseconds, percentiles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

#: Clocks that are due when a look at them is timed.
AT_A_LOOK = 1_000

_CHAINS = """
INSERT INTO records_chain (subject_type, subject_id, project_id, head_number, head_hash,
    head_recorded_at)
SELECT 'benchmark', id, id %% 10 + 1, 1, decode(repeat('00', 32), 'hex'), %(now)s
FROM generate_series(1, %(subjects)s) AS id
"""
# Three clocks a subject; they fire in the days to come.
_ROWS = """
INSERT INTO clocks_clockrow (subject_type, subject_id, project_id, rule, article, key, started_by,
    ordinal, holder, department, started_at, due_at, due_known_at, state, regulation_id,
    calendar_id, fired, next_fire_at)
SELECT 'benchmark', id, id %% 10 + 1, rule, '', '', 1, 0, 'front_desk', '', %(now)s,
    %(now)s + interval '9 days', %(now)s, 'running', %(regulation)s, %(calendar)s, '{}',
    %(now)s + interval '1 hour' + random() * interval '8 days'
FROM generate_series(1, %(subjects)s) AS id, unnest(ARRAY['H.contact', 'H.total', 'R1.relay']) rule
"""
# All warnings are behind them; only the breach is to be announced.
_DUE = """
UPDATE clocks_clockrow SET started_at = %(at)s - interval '1 day', due_at = due.at,
    due_known_at = due.at - interval '1 microsecond', next_fire_at = due.at
FROM (SELECT id AS subject, %(at)s + random() * %(over)s AS at
      FROM generate_series(%(first)s, %(last)s) AS id) AS due
WHERE subject_type = 'benchmark' AND subject_id = due.subject AND rule = 'R1.relay'
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--running", type=int, default=1_000_000)
    parser.add_argument("--due", type=int, default=3_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--burst", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.running < 3 * (AT_A_LOOK + options.due + options.burst):
        parser.error("fewer clocks run than are to fall due")

    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    with ExitStack() as stack:
        _server(stack)
        made = setup_databases(verbosity=0, interactive=False)
        stack.callback(teardown_databases, made, verbosity=0)
        stack.callback(connection.close)
        figures = []
        for figure in _measure(options):
            figures.append(figure.to_json())
            if not options.json:
                print(f"{figure.name}: {figure.said}")
        if options.json:
            json.dump(figures, sys.stdout)


def _server(stack: ExitStack) -> None:
    if "DATABASE_URL" in os.environ:
        return
    from shouwen.operations.home import Home
    from shouwen.operations.postgres import Server, binaries_for
    from shouwen.operations.service_user import service_account

    account = service_account()
    home = Home(Path(os.environ["SHOUWEN_TEST_HOME"]))
    server = Server(
        home.data, home.sockets, account, binaries_for(account), home.log, say=lambda line: None
    )
    server.start()
    stack.callback(server.stop)


def _measure(options: argparse.Namespace) -> Iterator[Figure]:
    from django.db import connection, transaction
    from django.utils import timezone

    from shouwen.clocks import calendars, regulations, running, subjects, timekeeper
    from shouwen.records.models import Entry

    late: list[float] = []

    def appended(subject_id: int, entries: Sequence[Entry]) -> None:
        due = [datetime.fromisoformat(entry.facts["due_at"]) for entry in entries]
        transaction.on_commit(
            lambda: late.extend((timezone.now() - at).total_seconds() for at in due)
        )

    subjects.register(
        subjects.Subjects(
            subject_type="benchmark",
            timezone_of=lambda subject_id: ZoneInfo("Asia/Shanghai"),
            persons=lambda subject_id: lambda clock: None,
            find=lambda number: None,
            number=str,
            appended=appended,
        )
    )
    now = timezone.now()
    fill: dict[str, Any] = {
        "now": now,
        "subjects": options.running // 3,
        "regulation": regulations.version(now.date())[0],
        "calendar": calendars.all_known().at(now)[0],
    }
    first = 0

    def let_fall_due(many: int, at: datetime, over: timedelta = timedelta()) -> None:
        nonlocal first
        with connection.cursor() as cursor:
            which = {"first": first + 1, "last": first + many}
            cursor.execute(_DUE, which | {"at": at, "over": over})
        first += many

    with connection.cursor() as cursor:
        for statement in (_CHAINS, _ROWS):
            cursor.execute(statement, fill)
        cursor.execute("VACUUM ANALYZE clocks_clockrow, records_chain")
    section = f"{CLOCKS}, {options.running:,} running"
    began = time.perf_counter()
    for _look in range(200):
        timekeeper.tick()
    look = (time.perf_counter() - began) / 200
    yield Figure(section, "a look with nothing due", f"{milliseconds(look)} ms", {"seconds": look})

    let_fall_due(AT_A_LOOK, timezone.now() - timedelta(seconds=1))
    began, written = time.perf_counter(), 0
    while some := timekeeper.tick():
        written += some
    seconds = time.perf_counter() - began
    yield Figure(
        section,
        f"looks until {written:,} due clocks are fired",
        f"{milliseconds(seconds)} ms, {written / seconds:.0f}/s",
        {"seconds": seconds, "rate": written / seconds},
    )

    stop = threading.Event()
    keeper = threading.Thread(target=running.run, args=(stop, "benchmark"))
    keeper.start()
    try:
        for what, many, over, target in (
            (
                f"{options.due:,} due over {options.seconds} s",
                options.due,
                options.seconds,
                "p99 ≤ 1 s",
            ),
            (f"{options.burst:,} due at once", options.burst, 0, ""),
        ):
            late.clear()
            at = timezone.now() + timedelta(seconds=3)
            let_fall_due(many, at, timedelta(seconds=over))
            while len(late) < many:
                time.sleep(0.1)
            found = percentiles(late)
            said = " / ".join(f"{value:.3f}" for value in found.values())
            numbers = {**found, "most": max(late)}
            yield Figure(section, f"late by, {what}", f"{said} s", numbers, target=target)
    finally:
        stop.set()
        keeper.join()


if __name__ == "__main__":
    main()
