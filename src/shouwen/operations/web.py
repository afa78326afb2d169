"""The web server process."""

import os
import sys
from typing import NoReturn


def address() -> tuple[str, int]:
    """Where the pages are served: ``HOST`` (this machine only, unless set) and ``PORT``."""
    return os.environ.get("HOST") or "127.0.0.1", int(os.environ.get("PORT") or "8000")


def command() -> list[str]:
    """The web server's command line: one process a core, two at most, threads in each."""
    host, port = address()
    cores = os.cpu_count() or 1
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(min(2, cores)),
        "--blocking-threads": str(2 * cores + 1),
        "--workers-kill-timeout": "5",
        "--log-level": "warning",
    }
    given = [part for option in options.items() for part in option]
    target = "shouwen.config.wsgi:application"
    flags = ["--no-ws", "--respawn-failed-workers"]
    return [sys.executable, "-P", "-m", "granian", *given, *flags, target]


def serve() -> NoReturn:
    """Become the web server (a machine of its own, under systemd, say)."""
    os.execv(sys.executable, command())
