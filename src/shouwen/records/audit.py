"""The access log: who signed in, saw or took away personal data, or changed a setting [PIPL art. 51]."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.records.models import Access

SIGNING_IN, SEEING, CHANGING = "signing_in", "seeing", "changing"

#: The network address of the request that is being answered, for notes that name none.
SOURCE: ContextVar[str | None] = ContextVar("audit_source", default=None)

#: What actions are about, in the order in which they are offered.
KINDS: dict[str, Any] = {
    SIGNING_IN: _("登录与账号"),
    SEEING: _("查看与导出"),
    CHANGING: _("修改设置"),
}

#: What is written down, and under which word; each room adds its own when it is loaded.
ACTIONS: dict[str, Any] = {}
#: What each action is about.
KIND_OF: dict[str, str] = {}
#: Actions whose notes stay when the log is shortened: something else is proven by them.
LASTING: set[str] = set()


def register(action: str, label: Any, kind: str = CHANGING, *, lasting: bool = False) -> None:
    """Make an action known with its label (may be lazy) and what it is about.

    `lasting`: its notes outlive the retention period. Raises ValueError where it is known.
    """
    if action in ACTIONS:
        raise ValueError(f"The action {action!r} is known already.")
    ACTIONS[action] = label
    KIND_OF[action] = kind
    if lasting:
        LASTING.add(action)


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

    `source` is the network address it came from (default: that of the request). `facts` are kinds, codes and counts, never what
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
        source=source or SOURCE.get(),
        facts=_plain(facts),
    )


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
