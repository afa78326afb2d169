"""``worker``: the timekeeper, the queue's worker and the rooms' own loops in one process."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from shouwen.clocks import jobs, loops, running

#: Seconds after which a worker that was told to stop is gone, whatever it was waiting for. What it
#: had not committed did not happen.
PATIENCE = 2.4


class Command(BaseCommand):
    """Runs until SIGTERM or SIGINT, or until the process that started it is gone."""

    help = _("看管时限，办理排队的工作。可以同时运行多个。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help=_("与其他进程区别的名称（默认：主机名-进程号）"))
        parser.add_argument(
            "--outlive-parent",
            action="store_true",
            help=_("启动它的进程退出后继续运行"),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        name = options["name"] or f"{socket.gethostname()}-{os.getpid()}"
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: stop.set())
        parent = None if options["outlive_parent"] else os.getppid()
        threading.Thread(target=_watch, args=(stop, parent), daemon=True).start()
        queue = threading.Thread(target=jobs.run, args=(stop, name), daemon=True)
        queue.start()
        others = loops.start(stop, name)
        running.run(stop, name)
        for thread in (queue, *others):
            thread.join(PATIENCE)


def _watch(stop: threading.Event, parent: int | None) -> None:
    """Stop when the parent is gone; and be gone soon after being told to stop."""
    while not stop.wait(0.25):
        if parent is not None and os.getppid() != parent:
            stop.set()
    time.sleep(PATIENCE)
    os._exit(0)
