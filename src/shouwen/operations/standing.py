"""Whether the database and static files already stand where this version wants them.

Asking Django takes a second or two; this takes milliseconds, so that an ordinary start is quick.
"""

import hashlib
from pathlib import Path

import psycopg

from shouwen.operations.home import Home, is_demo

PACKAGE = Path(__file__).resolve().parent.parent
INPUTS = ("*/migrations/*.py", "static/**/*", "*/static/**/*", "regulations/*", "demo/**/*.py")


def current(home: Home, dsn: str) -> str:
    """What bringing up depends on: our files, the libraries installed, and the database's past.

    Empty where the database has none.
    """
    libraries = Path(psycopg.__file__).parents[1]  # its time changes with whatever is installed
    total = hashlib.sha256(f"{libraries.stat().st_mtime_ns} {is_demo()} {home.path}".encode())
    for path in sorted(path for pattern in INPUTS for path in PACKAGE.glob(pattern)):
        facts = path.stat()
        if path.is_file():
            total.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            past = connection.execute(
                "SELECT count(*), max(applied), current_database() FROM django_migrations"
            ).fetchone()
    except psycopg.errors.UndefinedTable:
        return ""
    total.update(repr(past).encode())
    return total.hexdigest()


def stands(home: Home, dsn: str) -> bool:
    """Whether nothing has changed since ``note`` was called."""
    noted = _note(home)
    return noted.exists() and noted.read_text() == (current(home, dsn) or None)


def note(home: Home, dsn: str) -> None:
    """Remember that all is brought up."""
    _note(home).write_text(current(home, dsn))


def _note(home: Home) -> Path:
    return home.var / "run" / "standing"
