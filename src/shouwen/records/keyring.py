"""The field keys of this home: ``var/keys/fields``, one a line, the newest first, kept 0600."""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet
from django.conf import settings


def path() -> Path:
    """The file of the field keys."""
    return Path(settings.SHOUWEN_FIELD_KEY_FILE)


def in_use() -> tuple[str, ...]:
    """The field keys in use, the newest first; read anew as soon as the file is another.

    So a process that runs on reads and writes with a key that another has made meanwhile.
    """
    if settings.SHOUWEN_FIELD_KEYS is not None:
        return tuple(settings.SHOUWEN_FIELD_KEYS)
    found = path().stat()
    return _read(str(path()), found.st_ino, found.st_mtime_ns)


def name(key: str) -> str:
    """What a key is called where it is spoken of: eight hex digits that tell nothing of it."""
    return hashlib.sha256(b"shouwen field key\0" + key.encode()).hexdigest()[:8]


def add() -> str:
    """Make a new key, the first from now on, and return it. The old ones go on reading."""
    new = Fernet.generate_key().decode()
    _write([new, *in_use()])
    return new


def remove(key: str) -> None:
    """Take a key out of the file. Raises ValueError for the newest, and for one not there."""
    now = list(in_use())
    if key not in now[1:]:
        raise ValueError("only an older key can be taken out")
    now.remove(key)
    _write(now)


@lru_cache(maxsize=4)
def _read(file: str, inode: int, changed_ns: int) -> tuple[str, ...]:
    return tuple(Path(file).read_text().split())


def _write(all_keys: list[str]) -> None:
    """Whole or not at all, durable before it is put in place, for the same owner as before."""
    place = path()
    before = place.stat()
    handle, temporary = tempfile.mkstemp(dir=place.parent)
    with os.fdopen(handle, "w") as file:
        file.write("\n".join(all_keys) + "\n")
        file.flush()
        os.fsync(file.fileno())
        if os.geteuid() == 0:
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
    Path(temporary).replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
