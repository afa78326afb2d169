"""What a ledger's entry is to the engine, and the kinds of entries the contract knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

KINDS = frozenset(
    [
        "received",
        "relayed",
        "assessed",
        "confirmed",
        "dispatched",
        "recalled",
        "accepted",
        "declined",
        "assigned",
        "appointed",
        "arrived",
        "controlled",
        "investigated",
        "proposed",
        "delay_reported",
        "extended",
        "completed",
        "verified",
        "verification_failed",
        "jointly_verified",
        "visited",
        "visit_attempted",
        "first_contact_informed",
        "explained",
        "mediated",
        "alerted",
        "taken_in_charge",
        "escalated_to_company",
        "escalated_to_board",
        "decided",
        "report_filed",
        "customer_informed",
        "urged",
        "transferred",
        "referred",
        "split",
        "closed",
        "reopened",
        "merged",
        "withdrawn",
        "noted",
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a complaint's ledger.

    `occurred_at` is when it happened, `recorded_at` when it was written (both aware); `data` are
    its facts, a None being a missing one. ValueError for a naive time.
    """

    kind: str
    occurred_at: datetime
    recorded_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.occurred_at.tzinfo is None or self.recorded_at.tzinfo is None:
            raise ValueError("the times of an entry must say their offset from UTC")

    def instant(self, name: str) -> datetime | None:
        """A time among the facts, in UTC: given as a datetime or in ISO 8601; None if missing.

        ValueError where it is neither, or naive.
        """
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, datetime):
            value = datetime.fromisoformat(value)
        if value.tzinfo is None:
            raise ValueError(f"{name} must say its offset from UTC")
        return value.astimezone(UTC)
