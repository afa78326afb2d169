"""Beginning many ledgers at once: what an import of history needs to be quick."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from shouwen.records.ledger import Draft, _as_given, _check_aware, _entry
from shouwen.records.models import Chain


@dataclass(frozen=True)
class Opening:
    """A ledger that begins: whose it is, and its first entry."""

    subject_id: int
    project_id: int
    draft: Draft


# One statement and three parameters, however many ledgers: to bind every value of hundreds
# of rows takes longer than to write them.
_OPEN = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(entries)s) AS given (
        subject_id bigint, project_id bigint, number int, kind text, occurred_at timestamptz,
        actor_id bigint, acting_for_id bigint, facts jsonb, digests jsonb,
        previous_hash text, hash text)),
chain AS (
    INSERT INTO records_chain (
        subject_type, subject_id, project_id, head_number, head_hash, head_recorded_at)
    SELECT %(subject_type)s, subject_id, project_id, number, decode(hash, 'hex'), %(recorded_at)s
    FROM given
    RETURNING id, subject_id),
entry AS (
    INSERT INTO records_entry (
        chain_id, subject_type, subject_id, project_id, number, kind, occurred_at,
        recorded_at, actor_id, acting_for_id, facts, digests, previous_hash, hash)
    SELECT chain.id, %(subject_type)s, subject_id, project_id, number, kind, occurred_at,
        %(recorded_at)s, actor_id, acting_for_id, facts, digests,
        decode(previous_hash, 'hex'), decode(hash, 'hex')
    FROM chain JOIN given USING (subject_id)
    RETURNING id, subject_id)
INSERT INTO records_erasablefact (entry_id, name, salt, text, ciphertext)
SELECT entry.id, name, decode(salt, 'hex'), text, ciphertext
FROM entry JOIN jsonb_to_recordset(%(facts)s) AS fact (
    subject_id bigint, name text, salt text, text text, ciphertext text) USING (subject_id)
"""


def open_many(subject_type: str, openings: Sequence[Opening], *, now: datetime) -> None:
    """Begin a ledger for each subject with one entry, recorded at `now`; inside a transaction.

    The same chains, hashes and refusals as :func:`shouwen.records.ledger.append`, in one
    statement for all of them. Raises django.db.IntegrityError where a subject has a ledger.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the ledger is written inside a transaction")
    _check_aware(now, "now")
    entries: list[dict[str, Any]] = []
    beside: list[dict[str, Any]] = []
    for opening in openings:
        whose = {"subject_id": opening.subject_id, "project_id": opening.project_id}
        chain = Chain(subject_type=subject_type, **whose)
        entry, facts = _entry(opening.draft, chain, 1, bytes(chain.head_hash), now)
        entries.append(whose | _as_given(entry))
        beside.extend({"subject_id": opening.subject_id} | fact for fact in facts)
    with connection.cursor() as cursor:
        cursor.execute(
            _OPEN,
            {
                "subject_type": subject_type,
                "recorded_at": now,
                "entries": json.dumps(entries),
                "facts": json.dumps(beside),
            },
        )
