"""The queue's worker beside the timekeeper: periodic jobs, and what other rooms defer."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress

from django.db import connections
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from shouwen.clocks import calendars

logger = logging.getLogger(__name__)

#: Seconds that a job may take to end when the worker stops; then it is given back to the queue.
GRACE = 1.0
#: Seconds before a lost database is tried again.
BACK_OFF = 1.0
#: Jobs worked on at a time.
CONCURRENCY = 4


def run(stop: threading.Event, name: str) -> None:
    """Work off the queue until `stop` is set. Goes on when the database comes back."""
    learned = False
    while not stop.is_set():
        try:
            if not learned:
                # An update of the software may have brought other holidays.
                calendars.follow_library()
                learned = True
            asyncio.run(_work(stop, name))
        except Exception as error:
            # Whatever ends the queue's worker, the timekeeper in the same process goes on.
            logger.warning("The queue's worker stopped (%s) and starts again", type(error).__name__)
            stop.wait(BACK_OFF)
        finally:
            connections.close_all()


async def _work(stop: threading.Event, name: str) -> None:
    # An app of its own: the shared one must keep Django's connection, so that what is deferred in
    # a step's transaction is queued with it.
    assert isinstance(app.connector, DjangoConnector)
    worker_app: App = app.with_connector(app.connector.get_worker_connector())
    async with worker_app.open_async():
        work = asyncio.create_task(
            worker_app.run_worker_async(
                name=name,
                concurrency=CONCURRENCY,
                install_signal_handlers=False,
                shutdown_graceful_timeout=GRACE,
                delete_jobs="successful",
            )
        )
        while not stop.is_set() and not work.done():
            await asyncio.sleep(0.1)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
