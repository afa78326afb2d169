"""The access log: who signed in, saw or took away personal data, or changed a setting [PIPL art. 51]."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from shouwen.records.models import Access

#: What is written down, and under which word; each room adds its own when it is loaded.
ACTIONS: dict[str, Any] = {}


def register(action: str, label: Any) -> None:
    """Make an action known with its label (may be lazy). Raises ValueError where it is known."""
    if action in ACTIONS:
        raise ValueError(f"The action {action!r} is known already.")
    ACTIONS[action] = label


def note(
    action: str,
    *,
    actor_id: int | None,
    subject_type: str = "",
    subject_id: int | None = None,
    project_id: int | None = None,
    source: str | None = None,
    at: datetime.datetime | None = None,
    **facts: Any,
) -> Access:
    """Write down that somebody did this, now unless `at` says otherwise.

    `source` is the network address it came from. `facts` are kinds, codes and counts, never what
    was seen or typed: no name, no telephone, no words. Raises LookupError for an unknown action.
    """
    if action not in ACTIONS:
        raise LookupError(action)
    return Access.objects.create(
        at=at or timezone.now(),
        actor_id=actor_id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        project_id=project_id,
        source=source,
        facts=_plain(facts),
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
