"""Several workers, real processes: each breach stands in the ledger once, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db import connection
from django.utils import timezone
from tests.clocks.matters import HOUR, kinds, receive

from shouwen.clocks import tasks
from shouwen.clocks.models import ClockRow, HeartBeat
from shouwen.clocks.rebuild import rebuild
from shouwen.records import attachments, ledger
from shouwen.records.models import Entry, Seal

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parent.parent.parent
Worker = subprocess.Popen[str]
Start = Callable[..., Worker]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[Worker] = []

    def command(name: str, *how: str) -> list[str]:
        return [sys.executable, "-m", "tests.clocks.worker_process", name, *how]

    def begin(name: str, *how: str, through: str = "") -> Worker:
        wanted = command(name, *how)
        worker = subprocess.Popen(
            [sys.executable, "-c", through, *wanted] if through else wanted,
            cwd=ROOT,
            env=os.environ
            | {
                "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
                "PYTHONPATH": os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")]),
            },
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()
        worker.wait()


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience, "waited in vain"
        time.sleep(0.05)


def awake(name: str) -> Callable[[], bool]:
    return lambda: HeartBeat.objects.filter(name=name, stopped_at=None).exists()


def overdue_matters(count: int) -> list[int]:
    now = timezone.now()
    return [receive(now - 25 * HOUR, recorded=now) for _number in range(count)]


def announced(matters: list[int]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for matter in matters:
        for facts in kinds(matter, "breached"):
            found[matter, facts["rule"]] = found.get((matter, facts["rule"]), 0) + 1
    return found


def test_a_worker_killed_in_mid_firing_leaves_each_breach_in_the_ledger_once(start: Start) -> None:
    dying = start("dying", "hang")
    until(awake("dying"))
    matters = overdue_matters(20)
    assert dying.stdout is not None
    assert dying.stdout.readline() == "firing\n"
    # It holds locks, has written, and has committed nothing.
    assert not Entry.objects.filter(kind="breached").exists()
    start("living")
    start("also-living")
    until(lambda: awake("living")() and awake("also-living")())
    dying.send_signal(signal.SIGKILL)
    once = {(matter, rule): 1 for matter in matters for rule in ("R1.relay", "H.contact")}
    until(lambda: announced(matters) == once)
    assert not ClockRow.objects.filter(next_fire_at__lte=timezone.now()).exists()
    time.sleep(1.2)
    assert announced(matters) == once
    assert ledger.verify() == []
    assert list(rebuild()) == []


def test_a_worker_does_not_outlive_what_started_it(start: Start) -> None:
    parent = start(
        "orphan", through="import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    )
    until(awake("orphan"))
    (child,) = psutil.Process(parent.pid).children()
    parent.send_signal(signal.SIGKILL)
    # Where nobody collects orphans, what has ended stays as a zombie.
    until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 4)


def test_a_worker_goes_on_after_losing_its_connections_and_stops_when_told(start: Start) -> None:
    """With its clocks and with its queue: the daily seal is a job."""
    worker = start("steady")
    until(awake("steady"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename = current_user"
            " AND pid <> pg_backend_pid()"
        )
    since = timezone.now() + timedelta(seconds=2)
    until(lambda: HeartBeat.objects.get(name="steady").beat_at > since)
    (matter,) = overdue_matters(1)
    until(lambda: len(announced([matter])) == 2)
    tasks.seal_the_day.defer(timestamp=0)
    until(Seal.objects.exists)
    left_over = attachments.folder() / "00" / "left-over"
    left_over.parent.mkdir(parents=True, exist_ok=True)
    left_over.touch()
    os.utime(left_over, (0, 0))
    tasks.sweep_attachments.defer(timestamp=0)
    until(lambda: not left_over.exists())
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert HeartBeat.objects.get(name="steady").stopped_at is not None
