"""What staff wrote to a customer is repeated on a page only where nobody is harmed by it."""

from __future__ import annotations

from collections.abc import Sequence

from shouwen.notices.customers import guarding
from shouwen.records.models import Entry


def fit(text: str, entries: Sequence[Entry]) -> bool:
    """Whether words to the customer may stand on their page: no blame, and nothing of a note.

    `entries` are the complaint's ledger with what was said.
    """
    notes = [entry.said.get("text") or "" for entry in entries if entry.kind == "noted"]
    return not guarding.forbidden(text) and not guarding.repeats(text, notes)
