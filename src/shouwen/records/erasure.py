"""Erasing what was said about a subject while the ledger stays whole [PIPL art. 47]."""

import datetime
from collections import Counter
from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from shouwen.records import ledger, personal
from shouwen.records.models import Entry


def erase(
    subject_type: str,
    subject_id: int,
    names: Collection[str] | None = None,
    *,
    actor_id: int | None,
    reason: str,
    now: datetime.datetime | None = None,
) -> Entry:
    """Erase the texts and personal facts of these names (None: all) wherever they are held.

    Entries stay and still verify: the chain holds salted digests only. An entry of kind
    `erased` says who did it, why, and how many values each room gave up. Raises LookupError
    where the subject has no ledger, ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("an erasure needs a reason")
    now = now or timezone.now()
    with transaction.atomic():
        chain = ledger.lock(subject_type, subject_id)
        if chain is None:
            raise LookupError(f"{subject_type} {subject_id} has no ledger")
        erased: Counter[str] = Counter()
        for held in personal.HELD:
            erased[held.room] += held.erase(subject_type, subject_id, names)
        return ledger.append(
            chain=chain,
            kind="erased",
            actor_id=actor_id,
            occurred_at=now,
            facts={"names": None if names is None else sorted(names), "erased": +erased},
            texts={"reason": reason},
            now=now,
        )
