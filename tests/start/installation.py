"""One installation as its keeper sees it: a home, a port, the command that starts it."""

import os
import pwd
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from shouwen.operations.home import Home
from shouwen.operations.postgres import DATABASE, ROLE

CHECKOUT = Path(__file__).resolve().parents[2]
READY = "首问已启动"
LONGEST_START = 300  # seconds, on a machine that does much else


@dataclass(frozen=True)
class Person:
    """Who types the command. ``uid`` 0 is root; None is whoever runs the tests."""

    name: str
    uid: int | None
    gid: int | None

    def popen_arguments(self) -> dict[str, object]:
        if self.uid in (None, 0):
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> Path:
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
        if self.uid:
            os.chown(folder, self.uid, self.gid or 0)
        return folder


@dataclass
class Ended:
    """How a start that did not come up ended."""

    status: int
    lines: list[str]


@dataclass(frozen=True)
class Held:
    """The complaints and ledger entries of a home, by number and by hash."""

    complaints: frozenset[str]
    entries: frozenset[str]


@dataclass
class Installation:
    """A home of ``person``, started with the environment at ``python``."""

    person: Person
    path: Path
    python: Path
    port: int = 0
    demo: bool = True
    process: subprocess.Popen[str] | None = None
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()

    @property
    def home(self) -> Home:
        return Home(self.path)

    def environment(self) -> dict[str, str]:
        """What the person's shell would say."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SHOUWEN_", "DJANGO_")) and name != "DATABASE_URL"
        }
        given = {"SHOUWEN_HOME": str(self.path), "PORT": str(self.port), "LC_ALL": "C.UTF-8"}
        if not self.demo:
            given["SHOUWEN_DEMO"] = "0"
        return inherited | given | ({} if self.person.uid == 0 else {"HOME": str(self.path)})

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`shouwen …`, waited for."""
        return subprocess.run(
            [*self._shouwen(), *arguments],
            cwd="/",
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.person.popen_arguments(),  # type: ignore[call-overload]
        )

    def _shouwen(self) -> list[str]:
        return [str(self.python), "-P", "-m", "shouwen.config.cli"]

    def launch(self) -> subprocess.Popen[str]:
        """`shouwen run`, its lines gathered as they come."""
        self.lines = []
        self.process = subprocess.Popen(
            [*self._shouwen(), "run"],
            cwd="/",
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self.person.popen_arguments(),  # type: ignore[call-overload]
        )
        threading.Thread(target=self._gather, args=[self.process], daemon=True).start()
        return self.process

    def _gather(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.lines.append(line.rstrip("\n"))

    def start(self) -> float:
        """Start and wait for the line with the address; answers the seconds it took."""
        began = time.monotonic()
        process = self.launch()
        self.wait_for(lambda: self.says(READY) or process.poll() is not None)
        assert self.says(READY), self.lines
        return time.monotonic() - began

    def start_in_vain(self) -> Ended:
        """Start where it cannot come up; answers its exit status and what it said."""
        process = self.launch()
        status = process.wait(LONGEST_START)
        self.wait_for(lambda: bool(self.lines))
        assert not self.says(READY)
        return Ended(status, [line for line in self.lines if line])

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop it as systemd would, if it runs; nothing may be left of it."""
        if self.is_running:
            assert self.process is not None
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(60) == 0
        self.leaves_nothing()

    def says(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    @staticmethod
    def wait_for(condition: object, seconds: float = LONGEST_START) -> None:
        until = time.monotonic() + seconds
        while not condition():  # type: ignore[operator]
            assert time.monotonic() < until, "waited in vain"
            time.sleep(0.05)

    def leaves_nothing(self) -> None:
        """No process of this home is left; the kernel gets a moment to clear away what ended."""
        until = time.monotonic() + 5
        while (left := self.processes()) and time.monotonic() < until:
            time.sleep(0.05)
        assert left == []

    def processes(self, words: str = "") -> list[psutil.Process]:
        """Living processes of this home whose command line contains ``words``."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() == psutil.STATUS_ZOMBIE:
                    continue
                command = " ".join(process.cmdline())
                ours = (
                    str(self.home.data) in command
                    or process.cwd() == str(self.home.data)
                    or process.environ().get("SHOUWEN_HOME") == str(self.path)
                )
                if ours and words in command:
                    found.append(process)
            except (psutil.Error, OSError):
                continue
        return found

    def supervisor(self) -> psutil.Process:
        assert self.process is not None
        return psutil.Process(self.process.pid)

    def part(self, words: str) -> psutil.Process | None:
        """The supervisor's child with ``words`` in its command line, if it runs."""
        for process in self.processes(words):
            if process.ppid() == self.supervisor().pid:
                return process
        return None

    def held(self) -> Held:
        """What the running database holds."""
        with psycopg.connect(
            host=str(self.home.sockets), port=5432, dbname=DATABASE, user=ROLE, connect_timeout=10
        ) as connection:
            numbers = connection.execute("SELECT number FROM complaints_complaint").fetchall()
            hashes = connection.execute("SELECT hash FROM records_entry").fetchall()
        return Held(frozenset(row[0] for row in numbers), frozenset(row[0] for row in hashes))

    def keeps(self, held: Held) -> bool:
        """Whether the running database has the same complaints, and every entry that stood.

        Entries may have come since: clocks go on running.
        """
        now = self.held()
        return now.complaints == held.complaints and now.entries >= held.entries

    def answers(self) -> bool:
        """Whether the database takes questions."""
        try:
            self.held()
        except psycopg.Error:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def modes_above(*places: Path) -> dict[Path, str]:
    """Mode and owner of every folder that the product did not make, from each place upwards."""
    folders = {parent for place in places for parent in [place, *place.resolve().parents]}
    found = {}
    for folder in sorted(folders):
        facts = folder.stat()
        found[folder] = f"{stat.filemode(facts.st_mode)} {facts.st_uid}:{facts.st_gid}"
    return found


def user_made_for_tests(name: str) -> Person:
    """A new ordinary user of this machine."""
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    entry = pwd.getpwnam(name)
    return Person(name, entry.pw_uid, entry.pw_gid)


def environment_python() -> Path:
    """The interpreter that `make run` would use, everything installed that it needs."""

    def bootstrap(goal: str) -> str:
        python = subprocess.run(
            ["sh", CHECKOUT / "scripts" / "find-python"], capture_output=True, text=True
        ).stdout.strip()
        done = subprocess.run(
            [python or sys.executable, CHECKOUT / "scripts" / "bootstrap.py", goal],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    bootstrap("build")
    return Path(bootstrap("where")) / "bin" / "python"
