"""For each person who may start it: one prepared home, shared by the bad starts."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.start.installation import (
    CHECKOUT,
    Held,
    Installation,
    Person,
    environment_python,
    modes_above,
)

pytest.register_assert_rewrite(
    *(f"tests.start.{name}" for name in ("bad_starts", "broken_homes", "commands", "kills"))
)


@pytest.fixture(scope="session")
def python() -> Path:
    return environment_python()


@pytest.fixture(scope="module")
def land(person: Person) -> Iterator[Path]:
    """A folder of the person's own."""
    folder = Path(tempfile.mkdtemp(prefix="shouwen-start-", dir="/tmp"))
    person.own(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def prepared(
    person: Person, land: Path, python: Path, demo: bool
) -> Iterator[tuple[Installation, Held]]:
    """A home, with the demo company or without, and what it held when it first came up.

    From test to test it stays as the last one left it, running or at rest: starts are slow.
    """
    installation = Installation(person, person.own(land / "home"), python, demo=demo)
    try:
        installation.start()
        held = installation.held()
        assert bool(held.complaints) == demo
        yield installation, held
        installation.stop()
    finally:
        for process in installation.processes():
            process.kill()


@pytest.fixture
def installation(prepared: tuple[Installation, Held]) -> Iterator[Installation]:
    """The prepared home, at rest; no folder's mode may change in the test."""
    installation, _held = prepared
    installation.stop()
    yield from _with_modes_kept(installation)


@pytest.fixture
def running(prepared: tuple[Installation, Held]) -> Iterator[Installation]:
    """The prepared home, running."""
    installation, _held = prepared
    if not installation.is_running:
        installation.start()
    yield from _with_modes_kept(installation)


def _with_modes_kept(installation: Installation) -> Iterator[Installation]:
    places = [installation.path, CHECKOUT, Path.home(), installation.python.parent]
    before = modes_above(*places)
    yield installation
    assert modes_above(*places) == before


@pytest.fixture
def held(prepared: tuple[Installation, Held]) -> Held:
    """What every good start must find again."""
    return prepared[1]
