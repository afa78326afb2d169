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
    *(f"tests.start.{name}" for name in ("bad_starts", "commands", "kills"))
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
def prepared(person: Person, land: Path, python: Path) -> Iterator[tuple[Installation, Held]]:
    """A home with the demo company, started once and stopped; and what it holds."""
    installation = Installation(person, person.own(land / "home"), python)
    installation.start()
    held = installation.held()
    assert held.complaints
    assert installation.stop() == 0
    yield installation, held
    for process in installation.processes():
        process.kill()


@pytest.fixture
def installation(prepared: tuple[Installation, Held]) -> Iterator[Installation]:
    """The prepared home, at rest before and after; no folder's mode may change meanwhile."""
    installation, _held = prepared
    places = [installation.path, CHECKOUT, Path.home(), installation.python.parent]
    before = modes_above(*places)
    yield installation
    for process in installation.processes():
        process.kill()
    assert modes_above(*places) == before


@pytest.fixture
def running(installation: Installation) -> Iterator[Installation]:
    """The prepared home, running; nothing may be left of it after it was stopped."""
    installation.start()
    yield installation
    assert installation.stop() == 0
    assert installation.processes() == []


@pytest.fixture
def held(prepared: tuple[Installation, Held]) -> Held:
    """What every good start must find again."""
    return prepared[1]
