"""The ledger: append-only entries about any subject, each bound to the one before it.

A writer opens or locks the subject's chain, appends, and commits, all in one transaction.
"""

import datetime
import json
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
from shouwen.records.models import Chain, Entry
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
    """Begin the ledger of a subject: it comes into being with the first entry appended to it.

    That append raises django.db.IntegrityError where the subject has a ledger already.
    """
    return Chain(subject_type=subject_type, subject_id=subject_id, project_id=project_id)


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
    """Write the entries of one step in order, in one statement; see :func:`append`."""
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is written inside a transaction")
    recorded_at = now or timezone.now()
    _check_aware(recorded_at, "now")
    if chain.head_recorded_at is not None:
        recorded_at = max(recorded_at, chain.head_recorded_at)

    number, previous = chain.head_number, bytes(chain.head_hash)
    written: list[Entry] = []
    beside: list[dict[str, Any]] = []
    for draft in drafts:
        entry, facts = _entry(draft, chain, number + 1, previous, recorded_at)
        number, previous = entry.number, bytes(entry.hash)
        written.append(entry)
        beside.extend(facts)
    if written:
        _write(chain, written, beside)
        chain.head_number, chain.head_hash = number, previous
        chain.head_recorded_at = recorded_at
    return written


def _entry(
    draft: Draft, chain: Chain, number: int, previous: bytes, recorded_at: datetime.datetime
) -> tuple[Entry, list[dict[str, Any]]]:
    """The entry, and the rows of the facts beside it."""
    if not _NAME.fullmatch(draft.kind):
        raise ValueError(f"{draft.kind!r} is no kind of entry")
    _check_aware(draft.occurred_at, "occurred_at")
    if draft.occurred_at > recorded_at:
        raise ValueError(f"{draft.kind}: nothing is recorded before it has occurred")
    entry = Entry(
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
        digests={},
        previous_hash=previous,
    )
    beside = _facts_beside(draft, entry)
    entry.hash = entry.expected_hash()
    return entry, beside


def _facts_beside(draft: Draft, entry: Entry) -> list[dict[str, Any]]:
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
            salt = canonical.new_salt()
            entry.digests[name] = canonical.digest(salt, name, value)
            entry.said[name] = Personal(value) if is_personal else value
            beside.append(
                {
                    "number": entry.number,
                    "name": name,
                    "salt": salt.hex(),
                    "text": None if is_personal else value,
                    "ciphertext": encrypt(value) if is_personal else None,
                }
            )
    return beside


# One statement moves the head (or makes it) and writes entries and facts: at hundreds of
# steps a second the ways to the database and back cost more than the writing. Where the
# head has moved on meanwhile, nothing at all is written.
_WRITE = """
WITH chain AS ({chain} RETURNING id),
entry AS (
    INSERT INTO records_entry (
        chain_id, subject_type, subject_id, project_id, number, kind, occurred_at,
        recorded_at, actor_id, acting_for_id, facts, digests, previous_hash, hash)
    SELECT chain.id, %(subject_type)s, %(subject_id)s, %(project_id)s, number, kind, occurred_at,
        %(recorded_at)s, actor_id, acting_for_id, facts, digests,
        decode(previous_hash, 'hex'), decode(hash, 'hex')
    FROM chain, jsonb_to_recordset(%(entries)s) AS given (
        number int, kind text, occurred_at timestamptz, actor_id bigint, acting_for_id bigint,
        facts jsonb, digests jsonb, previous_hash text, hash text)
    RETURNING id, number, transaction),
fact AS (
    INSERT INTO records_erasablefact (entry_id, name, salt, text, ciphertext)
    SELECT entry.id, name, decode(salt, 'hex'), text, ciphertext
    FROM entry JOIN jsonb_to_recordset(%(facts)s) AS given (
        number int, name text, salt text, text text, ciphertext text) USING (number))
SELECT chain.id, entry.id, entry.transaction::text FROM chain, entry ORDER BY entry.number
"""
_BEGIN_CHAIN = """
    INSERT INTO records_chain (
        subject_type, subject_id, project_id, head_number, head_hash, head_recorded_at)
    VALUES (%(subject_type)s, %(subject_id)s, %(project_id)s,
        %(head_number)s, %(head_hash)s, %(recorded_at)s)"""
_MOVE_CHAIN = """
    UPDATE records_chain
    SET head_number = %(head_number)s, head_hash = %(head_hash)s,
        head_recorded_at = %(recorded_at)s
    WHERE id = %(chain)s AND head_number = %(before)s"""


def _write(chain: Chain, written: Sequence[Entry], beside: Sequence[dict[str, Any]]) -> None:
    last = written[-1]
    parameters = {
        "chain": chain.pk,
        "before": chain.head_number,
        "subject_type": chain.subject_type,
        "subject_id": chain.subject_id,
        "project_id": chain.project_id,
        "head_number": last.number,
        "head_hash": last.hash,
        "recorded_at": last.recorded_at,
        "entries": json.dumps([_as_given(entry) for entry in written]),
        "facts": json.dumps(beside),
    }
    with connection.cursor() as cursor:
        opening = _MOVE_CHAIN if chain.pk else _BEGIN_CHAIN
        cursor.execute(_WRITE.format(chain=opening), parameters)
        rows = cursor.fetchall()
    if not rows:
        raise RuntimeError(f"the chain of {chain} was not locked and has moved on")
    for entry, (chain_id, entry_id, number) in zip(written, rows, strict=True):
        chain.pk = chain_id
        entry.pk, entry.chain, entry.transaction = entry_id, chain, int(number)
        entry._state.adding, entry._state.db = False, connection.alias
    chain._state.adding, chain._state.db = False, connection.alias


def _as_given(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "kind": entry.kind,
        "occurred_at": entry.occurred_at.isoformat(),
        "actor_id": entry.actor_id,
        "acting_for_id": entry.acting_for_id,
        "facts": entry.facts,
        "digests": entry.digests,
        "previous_hash": bytes(entry.previous_hash).hex(),
        "hash": bytes(entry.hash).hex(),
    }


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
