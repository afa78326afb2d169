"""Child processes that never outlive us: started, ended, and found again if they did."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil

from shouwen.operations.service_user import Account

# From <linux/prctl.h>.
PR_SET_PDEATHSIG = 1
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

# How to end a process: signals in turn, each with the seconds it is given.
Ending = Sequence[tuple[signal.Signals, float]]
POLITELY: Ending = [(signal.SIGTERM, 10), (signal.SIGKILL, 5)]


def spawn(
    command: Sequence[str | Path],
    *,
    account: Account,
    at_our_death: signal.Signals,
    environment: dict[str, str] | None = None,
    **streams: Any,
) -> subprocess.Popen[bytes]:
    """Start ``command`` from ``/`` as ``account``, in a process group of its own.

    The kernel sends it ``at_our_death`` when this process dies, in whatever way (Linux).
    """
    parent = os.getpid()

    def bind_to_parent() -> None:
        if _libc is None:
            return
        _libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
        _libc.prctl(PR_SET_PDEATHSIG, int(at_our_death), 0, 0, 0)
        if os.getppid() != parent:  # died in between: the signal would never come
            os.kill(os.getpid(), at_our_death)

    return subprocess.Popen(
        command,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=bind_to_parent,
        **account.popen_arguments(),
        **streams,
    )


def end(process: subprocess.Popen[bytes], ending: Ending = POLITELY) -> None:
    """End a child and whatever is left of its process group; return when all are gone."""
    try:
        below = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        below = []
    for number, patience in ending:
        if process.poll() is not None:
            break
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # A killed process takes a moment to go, and these are not our own children to wait for.
    psutil.wait_procs(below, timeout=5)


def end_processes(processes: Iterable[psutil.Process], ending: Ending = POLITELY) -> None:
    """End processes that are not our children, and wait until they are gone."""
    left = list(processes)
    for number, patience in ending:
        for process in left:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                continue
        left = psutil.wait_procs(left, timeout=patience)[1]
        if not left:
            return


def working_in(folder: Path) -> list[psutil.Process]:
    """Processes whose working directory is ``folder`` (PostgreSQL's all work in their data)."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder.resolve()):
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def marked(mark: str) -> list[psutil.Process]:
    """Processes started with the environment entry ``mark`` ("NAME=value"), ourselves excepted."""
    name, _, value = mark.partition("=")
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(name) == value:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found
