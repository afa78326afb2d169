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


def differences(incident_id: int) -> list[str]:
    """Where the row differs from what its ledger amounts to: the names of the columns."""
    incident = Incident.objects.select_related("category").get(pk=incident_id)
    entries = ledger.entries(SUBJECT, incident_id, with_said=True)
    first = entries[0]
    expected: dict[str, Any] = {
        "number": first.facts["number"],
        "since": datetime.fromisoformat(first.facts["since"]),
        "status": str(Incident.Status.OPEN),
        "ended_at": None,
        "version": entries[-1].number,
    }
    for entry in entries:
        if entry.kind in ("opened", "changed"):
            expected["title"] = entry.said.get("title") or incident.number
            expected["place"] = entry.said.get("place") or ""
        elif entry.kind in ("ended", "resumed"):
            over = entry.kind == "ended"
            expected["status"] = str(Incident.Status.ENDED if over else Incident.Status.OPEN)
            expected["ended_at"] = entry.occurred_at if over else None
    found = [name for name, value in expected.items() if getattr(incident, name) != value]
    if (incident.category.code if incident.category else None) != first.facts.get("category"):
        found.append("category")
    return found
