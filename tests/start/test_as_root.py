"""Bad starts and kills where root typed the command: the work is done by the system user."""

import os
from pathlib import Path

import pytest
from tests.start.bad_starts import *  # noqa: F403
from tests.start.broken_homes import *  # noqa: F403
from tests.start.commands import *  # noqa: F403
from tests.start.installation import Installation, Person
from tests.start.kills import *  # noqa: F403

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root")


@pytest.fixture(scope="module")
def person() -> Person:
    return Person("root", 0, 0)


@pytest.fixture(scope="module")
def demo() -> bool:
    return True


def test_nothing_that_serves_runs_as_root(running: Installation) -> None:
    assert running.processes()
    assert {process.username() for process in running.processes()} == {"shouwen"}


def test_the_home_is_closed_to_others(installation: Installation) -> None:
    assert installation.home.var.stat().st_mode & 0o007 == 0
    assert installation.home.data.stat().st_mode & 0o077 == 0
    assert installation.home.sockets.stat().st_mode & 0o077 == 0


def test_root_may_name_a_file_that_only_root_may_read(
    installation: Installation, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    file = tmp_path / "history.csv"
    file.write_text("held by root")
    file.chmod(0o600)
    code = f"import os; print(os.getuid(), open({str(file)!r}).read())"
    done = installation.command("manage", "shell", "-c", code)
    uid = installation.home.var.stat().st_uid
    assert f"{uid} held by root" in done.stdout, done.stderr
