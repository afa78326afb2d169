"""The ledger: append-only entries about any subject, each bound to the one before it.

A writer opens or locks the subject's chain, appends, and commits, all in one transaction.
"""

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from shouwen.records import canonical
from shouwen.records.facts import read
from shouwen.records.fields import Personal, encrypt
from shouwen.records.models import Chain, Entry, ErasableFact
from shouwen.records.verification import Break, verify

__all__ = [
    "Break",
    "Draft",
    "append",
    "append_many",
    "entries",
    "lock",
    "of_subject",
    "open_chain",
    "read",
    "verify",
]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry about to be written; see :func:`append` for the meaning of its parts."""

    kind: str
    occurred_at: datetime.datetime
    actor_id: int | None
    acting_for_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


def open_chain(subject_type: str, subject_id: int, project_id: int) -> Chain:
    """Begin the ledger of a subject. Its chain is locked until the transaction ends.

    Raises django.db.IntegrityError where the subject has one already.
    """
    return Chain.objects.create(
        subject_type=subject_type, subject_id=subject_id, project_id=project_id
    )


def lock(subject_type: str, subject_id: int, *, skip_locked: bool = False) -> Chain | None:
    """Lock the chain of a subject until the transaction ends; None where there is none.

    With `skip_locked` also None where somebody else holds it. Must be inside a transaction.
    """
    return (
        # "No key": whoever merely points at the chain need not wait.
        Chain.objects.select_for_update(skip_locked=skip_locked, no_key=True)
        .filter(subject_type=subject_type, subject_id=subject_id)
        .first()
    )


def append(
    *,
    chain: Chain,
    kind: str,
    actor_id: int | None,
    acting_for_id: int | None = None,
    occurred_at: datetime.datetime,
    facts: Mapping[str, Any],
    texts: Mapping[str, str] | None = None,
    personal: Mapping[str, str] | None = None,
    now: datetime.datetime | None = None,
) -> Entry:
    """Write one entry and move the head of the chain.

    `chain` is locked or newly opened in this transaction; `actor_id` is who acted (None:
    the system), `acting_for_id` whom they stood in for; `occurred_at` is when it happened.
    It is recorded at `now`, but never before the entry that precedes it. `facts` lie in
    clear for ever; `texts` (clear) and `personal` (encrypted) can be erased.

    Raises ValueError for a time without offset, something that happened after it was
    recorded, facts without canonical form, or a name that is used twice.
    """
    draft = Draft(
        kind=kind,
        occurred_at=occurred_at,
        actor_id=actor_id,
        acting_for_id=acting_for_id,
        facts=facts,
        texts=texts or {},
        personal=personal or {},
    )
    return append_many(chain=chain, drafts=[draft], now=now)[0]


def append_many(
    *, chain: Chain, drafts: Sequence[Draft], now: datetime.datetime | None = None
) -> list[Entry]:
    """Write the entries of one step in order, in three statements; see :func:`append`."""
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is written inside a transaction")
    recorded_at = now or timezone.now()
    _check_aware(recorded_at, "now")
    if chain.head_recorded_at is not None:
        recorded_at = max(recorded_at, chain.head_recorded_at)

    number, previous = chain.head_number, bytes(chain.head_hash)
    written: list[Entry] = []
    facts: list[ErasableFact] = []
    for draft in drafts:
        entry, beside = _write(draft, chain, number + 1, previous, recorded_at)
        number, previous = entry.number, bytes(entry.hash)
        written.append(entry)
        facts.extend(beside)
    if not written:
        return []

    Entry.objects.bulk_create(written)
    if facts:
        for fact in facts:
            fact.entry_id = fact.entry.pk
        ErasableFact.objects.bulk_create(facts)
    moved = Chain.objects.filter(pk=chain.pk, head_number=chain.head_number).update(
        head_number=number, head_hash=previous, head_recorded_at=recorded_at
    )
    if not moved:
        raise RuntimeError(f"the chain of {chain} was not locked and has moved on")
    chain.head_number, chain.head_hash, chain.head_recorded_at = number, previous, recorded_at
    return written


def _write(
    draft: Draft, chain: Chain, number: int, previous: bytes, recorded_at: datetime.datetime
) -> tuple[Entry, list[ErasableFact]]:
    if not _NAME.fullmatch(draft.kind):
        raise ValueError(f"{draft.kind!r} is no kind of entry")
    _check_aware(draft.occurred_at, "occurred_at")
    if draft.occurred_at > recorded_at:
        raise ValueError(f"{draft.kind}: nothing is recorded before it has occurred")
    entry = Entry(
        chain=chain,
        subject_type=chain.subject_type,
        subject_id=chain.subject_id,
        project_id=chain.project_id,
        number=number,
        kind=draft.kind,
        occurred_at=draft.occurred_at,
        recorded_at=recorded_at,
        actor_id=draft.actor_id,
        acting_for_id=draft.acting_for_id,
        facts=canonical.facts(draft.facts),
        previous_hash=previous,
    )
    beside = _facts_beside(draft, entry)
    entry.digests = {
        fact.name: canonical.digest(bytes(fact.salt), fact.name, entry.said[fact.name] or "")
        for fact in beside
    }
    entry.hash = entry.expected_hash()
    return entry, beside


def _facts_beside(draft: Draft, entry: Entry) -> list[ErasableFact]:
    twice = draft.texts.keys() & draft.personal.keys()
    if twice:
        raise ValueError(f"{draft.kind}: said twice: {', '.join(sorted(twice))}")
    entry.said = {}
    beside = []
    for said, is_personal in ((draft.texts, False), (draft.personal, True)):
        for name, value in canonical.facts(said).items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no name of a fact")
            if not isinstance(value, str):
                raise ValueError(f"{draft.kind}.{name}: what can be erased is text")
            entry.said[name] = Personal(value) if is_personal else value
            beside.append(
                ErasableFact(
                    entry=entry,
                    name=name,
                    salt=canonical.new_salt(),
                    text=None if is_personal else value,
                    ciphertext=encrypt(value) if is_personal else None,
                )
            )
    return beside


def _check_aware(value: datetime.datetime, what: str) -> None:
    if value.utcoffset() is None:
        raise ValueError(f"{what}: a time without an offset")


def of_subject(subject_type: str, subject_id: int) -> QuerySet[Entry]:
    """The entries of a subject in ledger order, as a queryset."""
    return Entry.objects.filter(subject_type=subject_type, subject_id=subject_id).order_by("number")


def entries(subject_type: str, subject_id: int, *, with_said: bool = False) -> list[Entry]:
    """The entries of a subject in ledger order; `with_said` fills :attr:`Entry.said`."""
    found = list(of_subject(subject_type, subject_id))
    if with_said:
        attach_said(found)
    return found


def attach_said(found: Iterable[Entry]) -> None:
    """Fill :attr:`Entry.said` of these entries, in one query."""
    found = list(found)
    said = read(found)
    for entry in found:
        entry.said = said[entry.pk]
