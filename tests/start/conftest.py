"""For each person who may start it: one prepared home, shared by the bad starts."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.start.installation import (
    CHECKOUT,
    Installation,
    Person,
    environment_python,
    modes_above,
    user_made_for_tests,
)

PEOPLE = ["root", "user"] if os.geteuid() == 0 else ["user"]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for each person: what they share is slow to make."""
    for item in items:
        if "person" in getattr(item, "fixturenames", ()):
            who = item.callspec.params["person"]  # type: ignore[attr-defined]
            item.add_marker(pytest.mark.xdist_group(f"start-{who}"))


@pytest.fixture(scope="session")
def python() -> Path:
    return environment_python()


@pytest.fixture(scope="session", params=PEOPLE)
def person(request: pytest.FixtureRequest) -> Iterator[Person]:
    """Root, and a user made for these tests; or whoever runs them, who is no root."""
    if os.geteuid() != 0:
        yield Person("user", None, None)
    elif request.param == "root":
        yield Person("root", 0, 0)
    else:
        name = f"shouwen-test-{os.getpid()}"
        yield user_made_for_tests(name)
        subprocess.run(["userdel", name], check=True)


@pytest.fixture(scope="session")
def land(person: Person) -> Iterator[Path]:
    """A folder of the person's own."""
    folder = Path(tempfile.mkdtemp(prefix="shouwen-start-", dir="/tmp"))
    person.own(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def prepared(person: Person, land: Path, python: Path) -> Iterator[tuple[Installation, tuple]]:
    """A home with the demo company, started once and stopped; and what it holds."""
    installation = Installation(person, person.own(land / "home"), python)
    installation.start()
    held = installation.complaints()
    assert installation.stop() == 0
    yield installation, held
    for process in installation.processes():
        process.kill()


@pytest.fixture
def installation(prepared: tuple[Installation, tuple]) -> Iterator[Installation]:
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
def held(prepared: tuple[Installation, tuple]) -> tuple[int, int]:
    """Complaints and entries that every good start must find."""
    return prepared[1]
