"""The web server process."""

import os
import sys
from typing import NoReturn

from shouwen.operations.wording import CannotGoOn, _


def address() -> tuple[str, int]:
    """Where the pages are served: ``HOST`` (this machine only, unless set) and ``PORT``."""
    port = os.environ.get("PORT") or "8000"
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CannotGoOn(_("PORT={port} 不是端口号；请用 1024 到 65535").format(port=port))
    return os.environ.get("HOST") or "127.0.0.1", int(port)


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
