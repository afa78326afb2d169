"""A job whose worker was killed goes back to the queue; one that is being worked on does not."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from shouwen.clocks.tasks import take_up_again


def at_work(beat: str) -> int:
    """A job at which a worker is that last gave a sign of life so long ago."""
    job = app.configure_task("something").defer()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat)"
            " VALUES (now() - %s::interval) RETURNING id",
            [beat],
        )
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s",
            [cursor.fetchone()[0], job],
        )
    return job


@pytest.fixture
def no_loop() -> Iterator[None]:
    """A browser of an earlier test leaves its event loop running in this thread; out of the way."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_loop")
def test_only_what_a_killed_worker_was_at_goes_back_to_the_queue() -> None:
    killed, alive = at_work("31 seconds"), at_work("5 seconds")
    async_to_sync(take_up_again.func)(SimpleNamespace(app=app), timestamp=0)
    found = {job.pk: (job.status, job.attempts) for job in ProcrastinateJob.objects.all()}
    assert found == {killed: ("todo", 1), alive: ("doing", 0)}
