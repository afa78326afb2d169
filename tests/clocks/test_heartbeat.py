"""The timekeeper watches itself, and is woken for what cannot wait."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from django.db import transaction
from django.utils import timezone
from tests.clocks.matters import HOUR, MONDAY, kinds, receive

from shouwen.clocks import heartbeat, running, waking
from shouwen.clocks.models import HeartBeat, Outage

SECOND = timedelta(seconds=1)


@pytest.mark.django_db
def test_health_says_who_beats_and_what_is_behind() -> None:
    assert heartbeat.health(MONDAY).state == "stale"
    heartbeat.begin("one", MONDAY)
    heartbeat.begin("two", MONDAY)
    assert heartbeat.health(MONDAY).state == "alive"
    assert heartbeat.health(MONDAY).timekeepers == 2

    receive(MONDAY - 13 * HOUR)  # half its time has passed an hour ago
    late = heartbeat.health(MONDAY)
    assert (late.state, late.behind) == ("late", HOUR)

    stale = heartbeat.health(MONDAY + 11 * SECOND)
    assert (stale.state, stale.timekeepers, stale.last_beat_at) == ("stale", 0, MONDAY)


@pytest.mark.django_db
def test_an_outage_is_what_lies_between_the_last_beat_of_all_and_the_next() -> None:
    assert heartbeat.begin("first ever", MONDAY) is None
    heartbeat.begin("other", MONDAY + 30 * SECOND)
    heartbeat.beat("other", MONDAY + 60 * SECOND, MONDAY + 61 * SECOND)
    assert heartbeat.begin("late, but not alone", MONDAY + 65 * SECOND) is None
    outage = heartbeat.begin("after all were gone", MONDAY + HOUR)
    assert outage is not None
    assert (outage.since, outage.until) == (MONDAY + 65 * SECOND, MONDAY + HOUR)
    assert heartbeat.begin("at once after", MONDAY + HOUR) is None
    assert heartbeat.outage_at(MONDAY + 0.5 * HOUR) == outage
    assert heartbeat.outage_at(MONDAY + 2 * HOUR) is None


@pytest.mark.django_db
def test_a_timekeeper_gone_for_a_day_is_forgotten() -> None:
    heartbeat.begin("old", MONDAY)
    heartbeat.begin("new", MONDAY + 25 * HOUR)
    assert list(HeartBeat.objects.values_list("name", flat=True)) == ["new"]
    assert Outage.objects.count() == 1


@pytest.fixture
def notifications() -> Iterator[psycopg.Connection]:
    with running._listening() as listener:
        yield listener


def heard(listener: psycopg.Connection) -> int:
    return len(list(listener.notifies(timeout=0.2)))


@pytest.mark.django_db(transaction=True)
def test_only_what_is_due_before_the_next_look_wakes(notifications: psycopg.Connection) -> None:
    now = timezone.now()
    heartbeat.begin("one", now)
    heartbeat.beat("one", now, now + SECOND)
    receive(now)
    assert heard(notifications) == 0, "an ordinary step sends nothing"
    assert not waking.wake(now + 2 * SECOND, now=now)
    with transaction.atomic():
        assert waking.wake(now, now=now)
        assert heard(notifications) == 0
    assert heard(notifications) == 1, "only once the step is committed"


@pytest.mark.django_db(transaction=True)
def test_what_is_due_at_once_is_fired_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    # The timekeeper sleeps for a minute; only being woken can make it look.
    monkeypatch.setattr(running, "LONGEST_SLEEP", timedelta(minutes=1))
    monkeypatch.setattr(waking, "LONGEST_SLEEP", timedelta(minutes=1))
    stop = threading.Event()
    keeper = threading.Thread(target=running.run, args=(stop, "sleeper"))
    keeper.start()
    try:
        while not HeartBeat.objects.filter(next_look_at__gt=timezone.now() + 30 * SECOND).exists():
            stop.wait(0.02)
        now = timezone.now()
        matter = receive(now - 25 * HOUR, recorded=now)
        wait_until = timezone.now() + SECOND
        while not kinds(matter, "breached") and timezone.now() < wait_until:
            stop.wait(0.02)
        assert kinds(matter, "breached")
    finally:
        stop.set()
        keeper.join(5)
    assert not keeper.is_alive()
    assert HeartBeat.objects.get().stopped_at is not None
