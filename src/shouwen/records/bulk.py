"""Beginning many ledgers at once: what an import of history needs to be quick."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from shouwen.records.ledger import Draft, _check_aware, _entry
from shouwen.records.models import Chain, Entry, ErasableFact


@dataclass(frozen=True)
class Opening:
    """A ledger that begins: whose it is, and its first entry."""

    subject_id: int
    project_id: int
    draft: Draft


def open_many(subject_type: str, openings: Sequence[Opening], *, now: datetime) -> list[Entry]:
    """Begin a ledger for each subject with one entry, recorded at `now`; inside a transaction.

    The same chains, hashes and refusals as :func:`shouwen.records.ledger.append`, in three
    statements for all of them. Raises django.db.IntegrityError where a subject has a ledger.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is written inside a transaction")
    _check_aware(now, "now")
    chains: list[Chain] = []
    entries: list[Entry] = []
    beside: list[list[dict[str, Any]]] = []
    for opening in openings:
        chain = Chain(
            subject_type=subject_type,
            subject_id=opening.subject_id,
            project_id=opening.project_id,
        )
        entry, facts = _entry(opening.draft, chain, 1, bytes(chain.head_hash), now)
        chain.head_number, chain.head_hash, chain.head_recorded_at = 1, entry.hash, now
        chains.append(chain)
        entries.append(entry)
        beside.append(facts)
    Chain.objects.bulk_create(chains)
    for chain, entry in zip(chains, entries, strict=True):
        entry.chain = chain
    Entry.objects.bulk_create(entries)
    ErasableFact.objects.bulk_create(
        ErasableFact(
            entry=entry,
            name=fact["name"],
            salt=bytes.fromhex(fact["salt"]),
            text=fact["text"],
            ciphertext=fact["ciphertext"],
        )
        for entry, facts in zip(entries, beside, strict=True)
        for fact in facts
    )
    return entries
