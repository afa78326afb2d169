"""Small lawful ledgers for the tests of this room, made by appending."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from shouwen.records import ledger
from shouwen.records.models import Chain, Entry, ErasableFact, Seal, SealLeaf

NOW = datetime.datetime(2026, 11, 23, 1, 0, tzinfo=datetime.UTC)


def written(subject_id: int, kinds: str = "received relayed", **said: Any) -> list[Entry]:
    """A new complaint's ledger; `said` goes with its first entry."""
    with transaction.atomic():
        chain = ledger.open_chain("complaint", subject_id, project_id=1)
        first, *more = kinds.split()
        entries = [
            ledger.append(
                chain=chain, kind=first, actor_id=7, occurred_at=NOW, facts={}, now=NOW, **said
            )
        ]
        entries += [
            ledger.append(chain=chain, kind=kind, actor_id=7, occurred_at=NOW, facts={}, now=NOW)
            for kind in more
        ]
        return entries


def continued(subject_id: int, kind: str = "noted") -> Entry:
    """One more entry."""
    with transaction.atomic():
        chain = ledger.lock("complaint", subject_id)
        assert chain is not None
        return ledger.append(chain=chain, kind=kind, actor_id=7, occurred_at=NOW, facts={}, now=NOW)


@contextmanager
def unguarded(*tables: type[models.Model]) -> Iterator[None]:
    """Somebody who owns the tables suspends their triggers, and puts them back afterwards."""
    names = [t._meta.db_table for t in tables or (Entry, ErasableFact, Chain, Seal, SealLeaf)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in names:
            cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")


def removed(subject_id: int, from_number: int = 1) -> None:
    """Entries from this number on are deleted behind the ledger's back."""
    doomed = Entry.objects.filter(subject_id=subject_id, number__gte=from_number)
    with unguarded():
        ErasableFact.objects.filter(entry__in=doomed).delete()
        doomed.delete()
