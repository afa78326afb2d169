"""The ledger of an incident: its own chain, which steps on complaints write to as well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from shouwen.complaints.models import Incident
from shouwen.records import ledger
from shouwen.records.models import Chain, Entry

SUBJECT = "incident"


def chain_of(incident_id: int) -> Chain:
    """The chain of the incident, locked until the transaction ends."""
    chain = ledger.lock(SUBJECT, incident_id)
    if chain is None:
        raise LookupError(f"incident {incident_id} has no ledger")
    return chain


def write(
    incident: Incident,
    chain: Chain,
    kind: str,
    *,
    actor_id: int | None,
    now: datetime | None = None,
    facts: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Write one entry; the row follows the head of the ledger."""
    now = now or timezone.now()
    entry = ledger.append(
        chain=chain,
        kind=kind,
        actor_id=actor_id,
        occurred_at=now,
        facts={name: value for name, value in (facts or {}).items() if value is not None},
        texts={name: value for name, value in (texts or {}).items() if value},
        now=now,
    )
    follow(incident.pk, entry)
    return entry


def follow(incident_id: int, entry: Entry) -> None:
    """Let the row say up to which entry it is told."""
    Incident.objects.filter(pk=incident_id).update(version=entry.number)
