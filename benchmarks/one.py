"""One size measured from its start to its stop, in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import files, intake, machine, pages, profiling
from benchmarks.figures import Figure, megabytes
from benchmarks.installation import Installation, built, standing

SECTION = "The installation"
AFTERWARDS = "After everything else"
#: What was due while nothing ran is fired first; so many seconds are enough for that.
PATIENCE = 900.0

Say = Callable[[str], None]


def measure(
    folder: Path, size: int, seconds: float, say: Say
) -> tuple[dict[str, str], list[Figure]]:
    """The machine, and all figures of an installation of that size."""
    say(f"{size:,}: building, where it is not there yet")
    home, rate = built(folder, size)
    figures = []
    if rate:
        name = "extending the demo, complaints a second"
        figures.append(Figure(SECTION, name, f"{rate:.0f}/s", {"rate": rate}))
    with standing(home, size) as installation:
        for figure in _measured(installation, seconds, say):
            figures.append(figure)
            say(f"{size:,}: {figure.name}: {figure.said or figure.floor}")
        with installation.connect() as connection:
            described = machine.described(connection)
    return described, figures


def profile(folder: Path, size: int, path: str) -> str:
    """Where the time of a path goes at that size."""
    home, _rate = built(folder, size)
    with standing(home, size) as installation:
        installation.start()
        _set_up(installation)
        return profiling.report(path)


def _measured(installation: Installation, seconds: float, say: Say) -> Iterator[Figure]:
    installation.start()
    installation.stop()
    start = installation.start()
    name = "start to the first page, all there already"
    yield Figure(SECTION, name, f"{start:.1f} s", {"seconds": start})
    _set_up(installation)
    yield from _caught_up()
    yield from pages.measure(installation)
    yield from intake.measure(installation, seconds)
    yield from files.measure(installation)
    for what, size in installation.memory().items():
        yield Figure(AFTERWARDS, f"memory, {what}", megabytes(size), {"bytes": size})
    with installation.connect() as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        yield Figure(AFTERWARDS, "database on the disk", megabytes(row[0]), {"bytes": row[0]})


def _set_up(installation: Installation) -> None:
    """Make this process one of the installation's own, for what is asked of it directly."""
    os.environ.update(installation.environment())
    os.environ["DJANGO_SETTINGS_MODULE"] = "shouwen.config.settings"
    import django

    django.setup()


def _caught_up() -> Iterator[Figure]:
    """Wait for the worker to fire what fell due since the installation was built."""
    from django.utils import timezone

    from shouwen.clocks import heartbeat
    from shouwen.clocks.models import ClockRow

    due = ClockRow.objects.filter(next_fire_at__lte=timezone.now())
    began, many = time.perf_counter(), due.count()
    while time.perf_counter() - began < PATIENCE:
        earliest = heartbeat.earliest_due()
        if earliest is None or earliest > timezone.now():
            break
        time.sleep(0.2)
    seconds = time.perf_counter() - began
    if many > 100:
        name = "worker catching up with clocks that fell due meanwhile"
        yield Figure(SECTION, name, f"{many / seconds:.0f}/s", {"rate": many / seconds})
