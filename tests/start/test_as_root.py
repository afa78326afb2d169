"""Bad starts and kills where root typed the command: the work is done by the system user."""

import os

import pytest
from tests.start.bad_starts import *  # noqa: F403
from tests.start.installation import Installation, Person
from tests.start.kills import *  # noqa: F403

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root")


@pytest.fixture(scope="module")
def person() -> Person:
    return Person("root", 0, 0)


def test_nothing_that_serves_runs_as_root(running: Installation) -> None:
    assert running.processes()
    assert {process.username() for process in running.processes()} == {"shouwen"}


def test_the_home_is_closed_to_others(installation: Installation) -> None:
    assert installation.home.var.stat().st_mode & 0o007 == 0
    assert installation.home.data.stat().st_mode & 0o077 == 0
    assert installation.home.sockets.stat().st_mode & 0o077 == 0
