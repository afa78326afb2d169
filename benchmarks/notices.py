"""Ten thousand clocks fall due in one second: when all are fired, told and sent.

    python -m benchmarks.notices [--due 10000] [--projects 10] [--gather 10]

Makes a database of its own (on DATABASE_URL's server, else an embedded one) with complaints of ten
projects, each with a front desk and a head of the centre who have e-mail, and lets one clock of each
complaint fall due at random within one second, while one worker runs: timekeeper, notices and queue.
Letters go to a real SMTP server on loopback. `gather` is the while in seconds that follows a message
before the rest goes together (ten minutes in use).
"""

from __future__ import annotations

import argparse
import datetime
import os
import socket
import threading
import time
from contextlib import ExitStack
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

_COMPLAINTS = """
INSERT INTO complaints_complaint (number, project_id, status, channel, received_at, recorded_at,
    subject, content, wish, place, happened, severity, needs_developer, with_board,
    justified_confirmed, front_desk, confidential, name, telephone, telephone_index,
    telephone_last4_index, relation, reach_when, departments, urged, round, visit_attempts,
    completeness, imported, held, external_id, version)
SELECT 'BENCH-' || id, (%(projects)s::bigint[])[id %% %(count)s + 1], 'relayed', 'phone', %(now)s,
    %(now)s, '楼道灯不亮', '', '', '', '', 'routine', false, false, false, true, false, '', '', '',
    '', '', '', '{}', 0, 1, 0, 0, false, false, '', 1
FROM generate_series(1, %(due)s) AS id
"""
_CHAINS = """
INSERT INTO records_chain (subject_type, subject_id, project_id, head_number, head_hash,
    head_recorded_at)
SELECT 'complaint', id, project_id, 1, decode(repeat('00', 32), 'hex'), %(now)s
FROM complaints_complaint
"""
_CLOCKS = """
INSERT INTO clocks_clockrow (subject_type, subject_id, project_id, rule, article, key, started_by,
    ordinal, holder, department, started_at, due_at, due_known_at, state, regulation_id,
    calendar_id, fired, next_fire_at)
SELECT 'complaint', id, project_id, 'R2.dispatch', 'R2', '', 1, 0, 'front_desk', '',
    %(at)s - interval '12 hours', due, due - interval '1 microsecond', 'running', %(regulation)s,
    %(calendar)s, '{}', due
FROM (SELECT id, project_id, %(at)s + random() * interval '1 second' AS due
      FROM complaints_complaint) AS complaint
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--projects", type=int, default=10)
    parser.add_argument("--gather", type=int, default=10)
    options = parser.parse_args()

    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    from benchmarks.timekeeper import _server

    with ExitStack() as stack:
        _server(stack)
        made = setup_databases(verbosity=0, interactive=False)
        stack.callback(teardown_databases, made, verbosity=0)
        stack.callback(connection.close)
        stack.callback(_end_others, connection)
        for name, value in _measure(options, stack).items():
            print(f"{name}: {value}")


def _end_others(connection: Any) -> None:
    """What the worker's threads still hold would keep the database from being taken down."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _letters(stack: ExitStack) -> list[float]:
    from aiosmtpd.controller import Controller
    from django.conf import settings

    arrived: list[float] = []

    class Box:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            arrived.append(time.time())
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(Box(), hostname="127.0.0.1", port=port)
    server.start()
    stack.callback(server.stop)
    settings.SHOUWEN_SMTP_URL = f"smtp://127.0.0.1:{port}/?from=shouwen@example.cn&tls=no"
    return arrived


def _people(projects: int) -> list[int]:
    from shouwen.notices.models import OwnRules
    from shouwen.organization.models import Company, Project, Staff
    from shouwen.organization.positions import Position
    from shouwen.organization.structure import appoint

    company = Company.objects.create(name="物业公司")
    made = []
    for number in range(projects):
        project = Project.objects.create(company=company, code=f"B{number}", name=f"小区 {number}")
        made.append(project.pk)
        for position in (Position.FRONT_DESK, Position.CENTRE_HEAD):
            person = Staff.objects.create(
                username=f"b{number}-{position}",
                name="岗",
                password="!",
                email=f"{position}{number}@example.cn",
            )
            since = datetime.date(2020, 1, 1)
            appoint(person, position, project=project, since=since)
            awake = {"quiet_since": None, "quiet_until": None}
            OwnRules.objects.create(staff=person, rules=awake)
    return made


def _measure(options: argparse.Namespace, stack: ExitStack) -> dict[str, str]:
    from django.db import connection
    from django.db.models import Max
    from django.utils import timezone

    from shouwen.clocks import calendars, jobs, loops, regulations, running
    from shouwen.notices import following, outgoing
    from shouwen.notices.models import Envelope, Notice
    from shouwen.records.models import Entry

    arrived = _letters(stack)
    outgoing.GATHER = datetime.timedelta(seconds=options.gather)
    projects = _people(options.projects)
    following.begin()
    now = timezone.now()
    at = now + datetime.timedelta(seconds=12)
    told = {
        "projects": projects,
        "count": len(projects),
        "due": options.due,
        "now": now,
        "at": at,
        "regulation": regulations.version(now.date())[0],
        "calendar": calendars.all_known().at(now)[0],
    }
    with connection.cursor() as cursor:
        for statement in (_COMPLAINTS, _CHAINS, _CLOCKS):
            cursor.execute(statement, told)
        cursor.execute("ANALYZE")
    stop = threading.Event()
    stack.callback(stop.set)
    threads = [
        threading.Thread(target=running.run, args=(stop, "bench"), daemon=True),
        threading.Thread(target=jobs.run, args=(stop, "bench"), daemon=True),
    ]
    for thread in threads:
        thread.start()
    threads += loops.start(stop, "bench")
    breached = Entry.objects.filter(kind="breached")
    patience = time.monotonic() + 600
    noticed = 0.0
    while time.monotonic() < patience:
        time.sleep(0.25)
        done = breached.count() >= options.due
        unread = Notice.objects.filter(kind="breached").count()
        if done and unread >= 2 * options.due and not noticed:
            noticed = time.time()
        if noticed and time.time() > noticed + options.gather + 4:
            waiting = Envelope.objects.filter(state=Envelope.State.QUEUED).exists()
            if not waiting:
                break
    last_due = (at + datetime.timedelta(seconds=1)).timestamp()
    fired = breached.aggregate(last=Max("recorded_at"))["last"].timestamp()
    made = Notice.objects.aggregate(last=Max("again_at"))["last"].timestamp()
    first = [moment for moment in arrived if moment < last_due + options.gather / 2]
    figures = {
        "clocks due within a second": f"{options.due:,}",
        "fired": f"{breached.count():,}",
        "last one fired after": f"{fired - last_due:.1f} s",
        "notices": f"{Notice.objects.count():,}",
        "last one in somebody's list after": f"{made - last_due:.1f} s",
        "letters": f"{len(arrived)} to {2 * len(projects)} people",
        "first letter after": f"{min(arrived, default=0) - at.timestamp():.1f} s",
        "letters at once": str(len(first)),
        f"last letter after (gathered for {options.gather} s)": f"{max(arrived) - last_due:.1f} s",
    }
    stop.set()
    for thread in threads:
        thread.join(30)
    connection.close()
    return figures


if __name__ == "__main__":
    main()
