"""What every test stands on: real PostgreSQL, and a real browser that tolerates no violation."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connections
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from hypothesis import HealthCheck, settings

from shouwen.operations.home import Home
from shouwen.operations.postgres import Server, binaries_for
from shouwen.operations.service_user import service_account

pytest_plugins = ["tests.browser"]

# No property depends on how busy the machine is.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

SERVER = pytest.StashKey[Server]()
ATTEMPTS = 10


def pytest_configure(config: pytest.Config) -> None:
    """What the servers of all workers need is made once, before there are any."""
    if not hasattr(config, "workerinput") and "DATABASE_URL" not in os.environ:
        binaries_for(service_account())


def pytest_unconfigure(config: pytest.Config) -> None:
    if SERVER in config.stash:
        config.stash[SERVER].stop()


# Rooms whose few tests wait for processes and browsers: begun first, they do not come last alone.
# First of all, while the others of this run still wait for processes: here seconds are counted.
KEEPS_TIME = "test_walk_in_time.py"
LONG = ("start", "journeys", "clocks", "desk")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long rooms; within a room the order stays."""
    tests = Path(__file__).parent

    def turn(item: pytest.Item) -> int:
        room = item.path.relative_to(tests).parts[0]
        if item.path.name == KEEPS_TIME:
            return -1
        return LONG.index(room) if room in LONG else len(LONG)

    items.sort(key=turn)


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> None:
    """The server that all tests of this process share."""
    if "DATABASE_URL" in os.environ or SERVER in request.config.stash:
        return
    account = service_account()
    home = Home(Path(os.environ["SHOUWEN_HOME"]))
    server = Server(
        home.data,
        home.sockets,
        account,
        binaries_for(account),
        home.log,
        say=lambda line: None,
        # Nothing here outlives a crash; installations of their own show that (tests/start).
        overrides={"shared_buffers": "128MB", "fsync": "off", "full_page_writes": "off"},
    )
    server.start()
    request.config.stash[SERVER] = server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    postgresql: None, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Start the server before pytest-django makes this worker's database in it."""


@pytest.fixture(scope="session", autouse=True)
def _emptying_append_only_tables() -> Iterator[None]:
    """Between transactional tests every table is emptied, the append-only ones too.

    The product refuses TRUNCATE on them by trigger; the owner of a table may suspend its triggers.
    """
    truncate = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT t.tgrelid::regclass::text FROM pg_trigger t"
                " JOIN pg_class c ON c.oid = t.tgrelid"
                " WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
            )
            guarded = [row[0] for row in cursor.fetchall()]
        orders = [f"ALTER TABLE {table} {{}} TRIGGER USER" for table in guarded]
        every = [
            *(order.format("DISABLE") for order in orders),
            *sql_list,
            *(order.format("ENABLE") for order in orders),
        ]
        for left in reversed(range(ATTEMPTS)):
            try:
                return truncate(self, every)
            except OperationalError:
                # A page's last questions were under way: a transaction and this one met crosswise.
                if not left:
                    raise
                time.sleep(0.5)

    patch = pytest.MonkeyPatch()
    patch.setattr(DatabaseOperations, "execute_sql_flush", flush)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _in_chinese() -> Iterator[None]:
    """Whatever language a test chose, the next one begins in the product's own."""
    with translation.override("zh-hans"):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Iterator[None]:
    """Where nothing may be missing (CI), a test that skips itself has failed."""
    report: Any = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("SHOUWEN_NO_SKIPS"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be: {report.longrepr}"
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    connections.close_all()
