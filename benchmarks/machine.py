"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import time
from datetime import datetime
from pathlib import Path

import psutil
import psycopg

#: More than so much to do before the measuring begins, and the figures say more of that.
BUSY = 0.5


def described(connection: psycopg.Connection) -> dict[str, str]:
    """The machine, the programs and the moment, each in a few words."""
    return {
        "date": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}",
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 1024**3:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "PostgreSQL": f"{_shown(connection, 'server_version')}, fsync {_shown(connection, 'fsync')},"
        f" synchronous_commit {_shown(connection, 'synchronous_commit')},"
        f" shared_buffers {_shown(connection, 'shared_buffers')}",
        "Python": f"{platform.python_version()}, ten million additions in {_additions():.2f} s",
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
    }


def _additions() -> float:
    """Seconds: how fast one core runs Python now, by which figures of two machines compare."""
    began, total = time.perf_counter(), 0
    for number in range(10_000_000):
        total += number
    return time.perf_counter() - began


def _shown(connection: psycopg.Connection, setting: str) -> str:
    row = connection.execute("SELECT current_setting(%s)", [setting]).fetchone()
    return str(row[0]) if row else "?"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((each.partition(":")[2].strip() for each in lines if "model name" in each), "?")
