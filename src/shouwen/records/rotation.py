"""Bringing every encrypted value under the newest field key, in batches that can be broken off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from shouwen.records import enciphered, keyring
from shouwen.records.fields import EncryptedTextField
from shouwen.records.keeping import REENCIPHERING
from shouwen.records.models import ErasableFact

BATCH = 500
UNREADABLE = "unreadable"
"""Stands for the key's name where no key in use reads a value."""


FILES: dict[str, Callable[[], Iterable[Path]]] = {}
"""Where each room keeps files that lie encrypted, by the name of the folder under ``var``."""


class StillNeeded(Exception):
    """The key cannot be retired; the argument is how many values lie under it."""


@dataclass(frozen=True)
class Kept:
    """A table with its columns of encrypted values."""

    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class Progress:
    """How far a table or folder is: rows looked at, and values brought under the newest key."""

    table: str
    rows: int
    changed: int


def kept() -> list[Kept]:
    """Every table with encrypted values, asked of the models themselves."""
    found = [
        Kept(model, columns)
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        and (
            columns := tuple(
                str(field.column)
                for field in model._meta.local_concrete_fields
                if isinstance(field, EncryptedTextField)
            )
        )
    ]
    return [*found, Kept(ErasableFact, ("ciphertext",))]


def counts() -> dict[str, dict[str, int]]:
    """By table, and by folder of files: how many values lie under which key (by its name)."""
    ciphers = [(keyring.name(key), Fernet(key)) for key in keyring.in_use()]
    told: dict[str, dict[str, int]] = {}
    for each in kept():
        under: Counter[str] = Counter()
        for rows in _batches(each, lock=False):
            under.update(_under(token, ciphers) for row in rows for token in row[1:] if token)
        told[each.table] = dict(under)
    for folder, paths in FILES.items():
        keys = Counter(_file_under(path) for path in paths())
        del keys[None]
        told[f"var/{folder}"] = {str(key): number for key, number in keys.items()}
    return told


def files_in_clear() -> int:
    """How many files that belong encrypted still lie as an earlier version stored them."""
    found = 0
    for paths in FILES.values():
        for path in paths():
            with suppress(FileNotFoundError):
                found += not enciphered.is_enciphered(path)
    return found


def _file_under(path: Path) -> str | None:
    """The name of the file's key; None for a file that is gone, or that lies in clear."""
    with suppress(FileNotFoundError):
        if enciphered.is_enciphered(path):
            key = enciphered.under(path)
            return UNREADABLE if key is None else keyring.name(key)
    return None


def rotate() -> Iterator[Progress]:
    """Bring what lies under older keys under the newest; each batch is a transaction.

    Broken off, it goes on when called again: what was done is known by its key. The digests of
    the ledger are of the plain text, so its entries verify before, during and after.
    """
    keys = keyring.in_use()
    newest, together = Fernet(keys[0]), MultiFernet([Fernet(key) for key in keys])
    for each in kept():
        seen = changed = 0
        batches = _batches(each, lock=True)
        while True:
            with transaction.atomic():
                rows = next(batches, None)
                if rows is None:
                    break
                changed += _bring(each, rows, newest, together)
            seen += len(rows)
            yield Progress(each.table, seen, changed)
    yield from _rotate_files()


def _rotate_files() -> Iterator[Progress]:
    """Only their headers are written anew, each by itself."""
    for folder, paths in FILES.items():
        seen = changed = 0
        for path in paths():
            with suppress(FileNotFoundError):
                changed += enciphered.is_enciphered(path) and enciphered.rewrap(path)
            seen += 1
            if seen % BATCH == 0:
                yield Progress(f"var/{folder}", seen, changed)
        if seen % BATCH:
            yield Progress(f"var/{folder}", seen, changed)


def retire(name: str) -> None:
    """Take the old key of this name out of use.

    Raises LookupError where there is none, ValueError for the newest key, StillNeeded while a
    value lies under it. Writers that may have begun under it are waited for first.
    """
    found = [key for key in keyring.in_use() if keyring.name(key) == name]
    if not found:
        raise LookupError(name)
    if found[0] == keyring.in_use()[0]:
        raise ValueError(name)
    with transaction.atomic(), connection.cursor() as cursor:
        for each in kept():
            cursor.execute(
                sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(each.table))
            )
    if needed := sum(under.get(name, 0) for under in counts().values()):
        raise StillNeeded(needed)
    keyring.remove(found[0])


def _batches(each: Kept, *, lock: bool) -> Iterator[Sequence[Any]]:
    pk = sql.Identifier(str(each.model._meta.pk.column))
    ask = sql.SQL("SELECT {pk}, {columns} FROM {table} {after} ORDER BY {pk} LIMIT {most} {lock}")
    last: Any = None
    while True:
        query = ask.format(
            pk=pk,
            columns=sql.SQL(", ").join(map(sql.Identifier, each.columns)),
            table=sql.Identifier(each.table),
            after=sql.SQL("" if last is None else "WHERE {pk} > %s").format(pk=pk),
            most=sql.Literal(BATCH),
            lock=sql.SQL("FOR NO KEY UPDATE" if lock else ""),
        )
        with connection.cursor() as cursor:
            cursor.execute(query, None if last is None else [last])
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield rows


def _bring(each: Kept, rows: Sequence[Any], newest: Fernet, together: MultiFernet) -> int:
    changed = 0
    with connection.cursor() as cursor:
        if each.model is ErasableFact:
            cursor.execute("SELECT set_config(%s, 'on', true)", [f"shouwen.{REENCIPHERING}"])
        for pk, *tokens in rows:
            new = {
                column: together.rotate(token).decode()
                for column, token in zip(each.columns, tokens, strict=True)
                if token and not _reads(newest, token)
            }
            if not new:
                continue
            cursor.execute(
                sql.SQL("UPDATE {table} SET {new} WHERE {pk} = %s").format(
                    table=sql.Identifier(each.table),
                    new=sql.SQL(", ").join(
                        sql.SQL("{} = %s").format(sql.Identifier(column)) for column in new
                    ),
                    pk=sql.Identifier(str(each.model._meta.pk.column)),
                ),
                [*new.values(), pk],
            )
            changed += len(new)
        if each.model is ErasableFact:
            cursor.execute("SELECT set_config(%s, 'off', true)", [f"shouwen.{REENCIPHERING}"])
    return changed


def _under(token: str, ciphers: Sequence[tuple[str, Fernet]]) -> str:
    return next((name for name, cipher in ciphers if _reads(cipher, token)), UNREADABLE)


def _reads(cipher: Fernet, token: str) -> bool:
    try:
        cipher.decrypt(token.encode())
    except InvalidToken:
        return False
    return True
