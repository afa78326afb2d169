"""A start that cannot come up says why in one line, loses nothing and leaves nothing running."""

import shutil
import socket
from pathlib import Path

from tests.start.installation import Ended, Held, Installation, Person


def refused_in_one_line(ended: Ended, installation: Installation, *words: str) -> None:
    assert ended.status == 1
    assert len(ended.lines) == 1, ended.lines
    assert all(word in ended.lines[0] for word in words), ended.lines[0]
    installation.leaves_nothing()


def comes_up_with(installation: Installation, held: Held) -> None:
    installation.start()
    assert installation.keeps(held)


def test_a_port_in_use(installation: Installation, held: Held) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        installation.port = other.getsockname()[1]
        ended = installation.start_in_vain()
        refused_in_one_line(ended, installation, str(installation.port), "PORT=")
    comes_up_with(installation, held)


def test_a_second_one_on_the_same_home(running: Installation, held: Held) -> None:
    second = Installation(running.person, running.path, running.python)
    ended = second.start_in_vain()
    assert (ended.status, len(ended.lines)) == (1, 1)
    assert "SHOUWEN_HOME" in ended.lines[0]
    assert running.keeps(held)  # the first goes on


def test_a_home_that_cannot_be_written(
    installation: Installation, person: Person, land: Path
) -> None:
    closed = land / "closed"
    closed.mkdir()
    # Root's system user may not pass a folder of mode 0700; a user may not write root's.
    closed.chmod(0o700 if person.uid == 0 else 0o555)
    try:
        elsewhere = Installation(person, closed / "home", installation.python)
        ended = elsewhere.start_in_vain()
        refused_in_one_line(ended, elsewhere, str(closed), "SHOUWEN_HOME")
        assert not (closed / "home" / "var").exists()
    finally:
        closed.chmod(0o755)
        shutil.rmtree(closed)
