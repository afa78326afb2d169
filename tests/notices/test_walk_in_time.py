"""In real time, with real workers: every hop at its time, in order, once, whoever is killed.

`SHOUWEN_KILLS=50 pytest tests/notices/test_walk_in_time.py` kills fifty times instead of five.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.clocks.models import HeartBeat
from shouwen.notices import acknowledging, following, policies
from shouwen.notices.models import Escalation, Hop, Notice
from shouwen.records.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("SHOUWEN_KILLS", "5"))
#: The policy in seconds.
AFTER = (0.0, 1.2, 2.4, 3.6)
POSITIONS = ("front_desk", "centre_head", "site_manager", "company_leader")
LATE = timedelta(seconds=1)
#: Where a worker starts anew on the same machine meanwhile, it takes the others' time.
LATE_WHILE_STARTING = timedelta(seconds=10)

Worker = subprocess.Popen[bytes]


@pytest.fixture
def start() -> Iterator[Callable[[str], Worker]]:
    started: list[Worker] = []

    def begin(name: str) -> Worker:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.notices.worker_process", name],
            cwd=ROOT,
            env=os.environ
            | {
                "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
                "PYTHONPATH": os.pathsep.join(["src", os.environ.get("PYTHONPATH", "")]),
            },
        )
        started.append(worker)
        return worker

    yield begin
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    following.begin()
    steps = [
        {"position": position, "whole": False, "after": after}
        for position, after in zip(POSITIONS, AFTER, strict=True)
    ]
    policies.keep(centre.project, "emergency", steps, 3600)
    return centre


def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience, "waited in vain"
        time.sleep(0.05)


def awake(name: str) -> bool:
    return HeartBeat.objects.filter(name=name, stopped_at=None).exists()


def emergency(centre: Centre) -> tuple[int, datetime]:  # noqa: F811
    """A complaint at a desk where nobody answers; when it was recorded."""
    centre.now = timezone.now()
    complaint = centre.receive(severity="emergency", category=None)
    return complaint.pk, timezone.now()


def hops(complaint: int) -> list[Hop]:
    return list(Hop.objects.filter(escalation__complaint=complaint).order_by("ordinal"))


def check(complaint: int, recorded: datetime, late: timedelta = LATE) -> None:
    """Whole, in order, in time, and in everybody's list once."""
    made = hops(complaint)[: len(POSITIONS)]
    assert [hop.position for hop in made] == list(POSITIONS)
    assert [hop.ordinal for hop in made] == list(range(len(POSITIONS)))
    for hop, after in zip(made, AFTER, strict=True):
        wanted = recorded + timedelta(seconds=after)
        assert abs(hop.made_at - wanted) <= late, (hop.position, hop.made_at - wanted)
    for hop in made:
        for person in hop.persons:
            notices = Notice.objects.filter(
                person=person, complaint=complaint, kind="alert", matter__endswith=":0"
            )
            assert [notice.times for notice in notices] == [1]


def test_an_emergency_at_an_unattended_desk_reaches_the_company_leader_in_time_and_stops_when_answered(
    desk: Centre, start: Callable[[str], Worker]
) -> None:
    start("one")
    until(lambda: awake("one"))
    complaint, recorded = emergency(desk)
    until(lambda: len(hops(complaint)) >= len(POSITIONS))
    leader = desk.staff["company_leader"]
    notice = Notice.objects.get(person=leader, kind="alert", complaint=complaint)
    acknowledging.acknowledge(notice, leader)
    reached = len(hops(complaint))
    check(complaint, recorded)
    time.sleep(2.5)
    assert len(hops(complaint)) == reached
    assert not Entry.objects.filter(kind__in=["alerted", "taken_in_charge"]).exists()
    desk.now = timezone.now()
    desk.complaint.refresh_from_db()  # type: ignore[union-attr]
    desk.now -= timedelta(minutes=1)  # `take` lets a minute pass
    desk.take("company_leader", "take_charge")
    until(lambda: not Escalation.objects.exclude(state="over").exists())


def test_no_hop_is_lost_or_doubled_when_a_worker_is_killed_at_a_random_moment(
    desk: Centre, start: Callable[[str], Worker]
) -> None:
    names = (f"worker-{number}" for number in itertools.count())
    running = []
    for _worker in range(2):
        name = next(names)
        running.append(start(name))
        until(lambda name=name: awake(name))  # type: ignore[misc]
    for _kill in range(KILLS):
        complaint, recorded = emergency(desk)
        time.sleep(random.uniform(0, AFTER[-1]))
        victim = running.pop(random.randrange(len(running)))
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        name = next(names)
        running.append(start(name))
        until(lambda complaint=complaint: len(hops(complaint)) >= len(POSITIONS))  # type: ignore[misc]
        until(lambda name=name: awake(name))  # type: ignore[misc]
        check(complaint, recorded, LATE_WHILE_STARTING)
        leader = desk.staff["company_leader"]
        notice = Notice.objects.filter(person=leader, complaint=complaint, kind="alert")[0]
        acknowledging.acknowledge(notice, leader)
