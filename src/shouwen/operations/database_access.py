"""The database for one command: the one that runs, or one started for as long as it takes."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from shouwen.operations.home import Home
from shouwen.operations.postgres import Server, binaries_for
from shouwen.operations.service_user import service_account
from shouwen.operations.wording import CannotGoOn, _


def embedded_server(home: Home) -> Server:
    """The embedded server of ``home``, not started."""
    account = service_account()
    return Server(home.data, home.sockets, account, binaries_for(account), home.log)


def instance_lock(home: Home) -> Path:
    """Held exclusively by the supervisor of ``home`` for as long as it lives."""
    return home.var / "run" / "instance.lock"


def commands_lock(home: Home) -> Path:
    """Held shared by every command that uses the database without a supervisor."""
    return home.var / "run" / "commands.lock"


@contextmanager
def locked(path: Path, how: int) -> Iterator[bool]:
    """Hold an advisory lock; answers false where ``LOCK_NB`` finds it taken.

    The kernel lets go of it however the holder ends.
    """
    with path.open("a") as file:
        try:
            fcntl.flock(file, how)
        except BlockingIOError:
            yield False
            return
        yield True


def accepts(server: Server) -> bool:
    """Whether the server takes connections now."""
    try:
        psycopg.connect(server.dsn(), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def database_for_command(home: Home) -> Iterator[None]:
    """Make sure of a database while the block runs.

    Whoever had to start it stops it, once the last command that came to use it is done.
    """
    if "DATABASE_URL" in os.environ:
        yield
        return
    server = embedded_server(home)
    try:
        with locked(commands_lock(home), fcntl.LOCK_SH):
            _start_unless_supervised(home, server)
            yield
    finally:
        if server.process is not None:
            with locked(commands_lock(home), fcntl.LOCK_EX):
                server.stop()


def _start_unless_supervised(home: Home, server: Server) -> None:
    patience = time.monotonic() + 60
    while not accepts(server):
        with locked(instance_lock(home), fcntl.LOCK_EX | fcntl.LOCK_NB) as unsupervised:
            if unsupervised and not accepts(server):
                server.start()
                return
        if time.monotonic() > patience:
            raise CannotGoOn(_("数据库还没有就绪；请看 {log}").format(log=home.log))
        time.sleep(0.2)
