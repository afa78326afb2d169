"""An installation to measure: built once for its size, run as `shouwen run` runs it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg

from shouwen.operations.home import Home, default_home
from shouwen.operations.postgres import DATABASE, ROLE

ROOT = Path(__file__).resolve().parent.parent
#: Up to this size what is measured is a copy, so that the next run finds what this one found.
COPIED_UP_TO = 200_000
LONGEST_START = 300


class CannotMeasure(RuntimeError):
    """The installation does not come up; the message says why."""


def usual_folder() -> Path:
    """Where installations are kept: build/bench, as root beside the checkout's own home."""
    home = default_home()
    return home / "build" / "bench" if home == ROOT else home / "bench"


def program() -> Path:
    """The installed `shouwen` that an installation is run by."""
    told = subprocess.run(
        [sys.executable, ROOT / "scripts" / "bootstrap.py", "where"],
        capture_output=True,
        text=True,
        check=True,
    )
    return Path(told.stdout.strip()) / "bin" / "shouwen"


@dataclass
class Installation:
    """One installation on a free port of this machine, as it is run for earnest: not as a demo."""

    path: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Home:
        return Home(self.path)

    def connect(self) -> psycopg.Connection:
        """A connection to its database, outside any transaction."""
        return psycopg.connect(
            host=str(self.home.sockets),
            port=5432,
            dbname=DATABASE,
            user=ROLE,
            autocommit=True,
        )

    def environment(self, **more: str) -> dict[str, str]:
        """What its commands are told."""
        left_out = ("DATABASE_URL", "SHOUWEN_POOL", "SHOUWEN_PUBLIC_ADDRESS", "PYTHONPATH")
        own = {name: value for name, value in os.environ.items() if name not in left_out}
        own.pop("DJANGO_SETTINGS_MODULE", None)
        return own | {
            "SHOUWEN_HOME": str(self.path),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "SHOUWEN_DEMO": "0",
            **more,
        }

    def command(self, *arguments: str, **environment: str) -> None:
        """Run one of its commands to the end; its lines are shown."""
        done = subprocess.run(
            [program(), *arguments], env=self.environment(**environment), stdin=subprocess.DEVNULL
        )
        if done.returncode != 0:
            raise CannotMeasure(f"shouwen {' '.join(arguments)}: {done.returncode}")

    def start(self) -> float:
        """Start it and wait for the first page; gives the seconds that took."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [program(), "run"],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        while time.perf_counter() - began < LONGEST_START:
            if self.process.poll() is not None:
                raise CannotMeasure(f"shouwen run ended with {self.process.returncode}")
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/").close()
                return time.perf_counter() - began
            except OSError:
                time.sleep(0.01)
        raise CannotMeasure("no page came")

    def stop(self) -> None:
        """Stop it in order."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(120)
            self.process = None

    def memory(self) -> dict[str, int]:
        """Bytes that its processes take, shared pages by their share, by what they do."""
        assert self.process is not None
        found = {"supervisor": 0, "web": 0, "worker": 0, "PostgreSQL": 0}
        for each in psutil.Process(self.process.pid).children(recursive=True):
            try:
                words, size = " ".join(each.cmdline()), each.memory_full_info().pss
            except psutil.Error:
                continue
            kind = "web" if "granian" in words else "worker" if "worker" in words else "PostgreSQL"
            found[kind] += size
        found["supervisor"] = psutil.Process(self.process.pid).memory_full_info().pss
        return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def built(folder: Path, size: int) -> tuple[Path, float]:
    """The home that holds that many complaints, and how many were added a second (0: it was there).

    It is built where it is not there yet, and brought to this version where it is.
    """
    home = folder / str(size) / "kept"
    mark = home.parent / "built"
    home.parent.mkdir(parents=True, exist_ok=True)
    installation = Installation(home, free_port())
    installation.command("migrate", SHOUWEN_DEMO="1")
    if mark.is_file():
        return home, 0.0
    began = time.perf_counter()
    installation.command("demo", "--extend", str(size), SHOUWEN_DEMO="1")
    mark.touch()
    return home, size / (time.perf_counter() - began)


@contextmanager
def standing(home: Path, size: int) -> Iterator[Installation]:
    """An installation on that home, not started: up to some size a copy, which is gone afterwards."""
    copied = size <= COPIED_UP_TO
    path = home.with_name("measured") if copied else home
    if copied:
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", home, path], check=True)
    installation = Installation(path, free_port())
    try:
        yield installation
    finally:
        installation.stop()
        if copied:
            shutil.rmtree(path, ignore_errors=True)
