"""The raw messages on disk: written durable before their row, read, and removed."""

from __future__ import annotations

import datetime
import uuid
from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from shouwen.channels.mail.kept import IncomingMail, folder
from shouwen.channels.mail.parsing import Letter, parse
from shouwen.records import enciphered

#: After so long a file without a row is what a killed worker left.
_ABANDONED = datetime.timedelta(hours=6)


def write(mail: IncomingMail, raw: bytes) -> None:
    """Keep the raw message, encrypted and durable; its row may follow."""
    mail.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with enciphered.created(mail.path) as file:
        file.write(raw)


def read(mail: IncomingMail) -> bytes:
    """The raw message. Raises FileNotFoundError once it is erased, enciphered.Altered."""
    with enciphered.opened(mail.path) as file:
        return file.read()


def letter(mail: IncomingMail) -> Letter | None:
    """The message read anew; None where it is not there any more."""
    try:
        return parse(read(mail))
    except (FileNotFoundError, enciphered.Altered):
        return None


def files() -> list[Path]:
    """Every raw message on disk."""
    return sorted(folder().glob("??/*.eml"))


def remove(found: QuerySet[IncomingMail]) -> int:
    """Remove the raw messages of these, inside a transaction; how many there were."""
    rows = list(found.select_for_update().filter(erased_at=None))
    for row in rows:
        transaction.on_commit(partial(row.path.unlink, missing_ok=True))
    IncomingMail.objects.filter(pk__in=[row.pk for row in rows]).update(erased_at=timezone.now())
    return len(rows)


def sweep(now: datetime.datetime | None = None) -> int:
    """Remove files that no row knows (any more): of a message that was not committed, or is erased."""
    before = ((now or timezone.now()) - _ABANDONED).timestamp()
    removed = 0
    for inner in folder().glob("??"):
        old = [path for path in inner.iterdir() if path.stat().st_mtime < before]
        known = {
            str(pk)
            for pk in IncomingMail.objects.filter(
                pk__in=[path.stem for path in old if _is_id(path.stem)], erased_at=None
            ).values_list("pk", flat=True)
        }
        for path in old:
            if path.stem not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _is_id(stem: str) -> bool:
    try:
        uuid.UUID(stem)
    except ValueError:
        return False
    return True
