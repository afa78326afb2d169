"""How long each kind of data is kept, what is over it today, and removing that [PIPL art. 19, 47].

Each room registers its kinds when Django starts. A kind whose `default_days` is None is kept until
the company says for how long: nothing that cannot be had back goes before somebody has decided it.
"""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shouwen.records import audit
from shouwen.records.keeping import EXPIRING, YOUNG_DAYS
from shouwen.records.models import Access, Retention

logger = logging.getLogger(__name__)

#: Longer than anything is asked for; what is to stay for ever has no period.
MOST_DAYS = 36_500
_BATCH = 5_000

Count = Callable[[datetime.datetime], int]


@dataclass(frozen=True)
class Kind:
    """A kind of data: `due` counts what is older than a moment, `apply` removes it and counts.

    Both must agree: after `apply`, `due` is nought. `least_days` is what law or operation asks for;
    `suggested_days` stands beside the field where nothing is set.
    """

    name: str
    label: Any
    hint: Any
    default_days: int | None
    due: Count
    apply: Count
    least_days: int = 1
    suggested_days: int | None = None


#: In the order in which the rooms are loaded.
KINDS: dict[str, Kind] = {}

audit.register("retention_changed", _("修改保存期限"))
audit.register("retention_applied", _("按保存期限删除"))


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError where it is known."""
    if kind.name in KINDS:
        raise ValueError(f"The kind {kind.name!r} is known already.")
    KINDS[kind.name] = kind


# -- the periods


def periods() -> dict[str, int | None]:
    """For how many days each kind is kept; None: until somebody says otherwise. One query."""
    said = dict(Retention.objects.values_list("kind", "days"))
    return {name: said.get(name, kind.default_days) for name, kind in KINDS.items()}


def cutoff(name: str, now: datetime.datetime) -> datetime.datetime | None:
    """What is older than this moment is over the period of its kind; None: it is kept."""
    days = periods()[name]
    return None if days is None else now - datetime.timedelta(days=days)


def change(name: str, days: int | None, *, actor_id: int | None) -> bool:
    """Keep a kind for so many days, or for ever; False where that was so already.

    Written down in the access log. Raises LookupError for an unknown kind, ValueError for days
    outside its least and `MOST_DAYS`.
    """
    kind = KINDS[name]
    if days is not None and not kind.least_days <= days <= MOST_DAYS:
        raise ValueError("a period outside what is allowed")
    with transaction.atomic():
        if periods()[name] == days:
            return False
        Retention.objects.update_or_create(kind=name, defaults={"days": days})
        audit.note(
            "retention_changed", actor_id=actor_id, kind=name, days=days or 0, fields=["days"]
        )
    return True


# -- what is over it


@dataclass(frozen=True)
class Over:
    """What of a kind is older than its period: `number` of them; no cutoff where it is kept."""

    kind: Kind
    days: int | None
    cutoff: datetime.datetime | None
    number: int


def preview(
    now: datetime.datetime | None = None, said: Mapping[str, int | None] | None = None
) -> list[Over]:
    """What would go today, kind by kind, by the periods in force or by those of `said`."""
    return [
        Over(kind, days, before, kind.due(before) if before else 0)
        for kind, days, before in _asked(now, said)
    ]


def apply(now: datetime.datetime | None = None) -> list[Over]:
    """Remove what is older than its period, kind by kind, and note how many there were.

    A kind that fails is logged by the name of its error and tried again the next day; the others go
    on. Raises the last error when all have had their turn.
    """
    done: list[Over] = []
    failed: Exception | None = None
    for kind, days, before in _asked(now):
        number = 0
        try:
            number = kind.apply(before) if before else 0
        except Exception as error:
            logger.error("Retention of %s failed (%s)", kind.name, type(error).__name__)
            failed = error
        if number:
            audit.note("retention_applied", actor_id=None, kind=kind.name, removed=number)
        done.append(Over(kind, days, before, number))
    if failed is not None:
        raise failed
    return done


def _asked(
    now: datetime.datetime | None, said: Mapping[str, int | None] | None = None
) -> list[tuple[Kind, int | None, datetime.datetime | None]]:
    now, said = now or timezone.now(), periods() if said is None else said
    return [
        (kind, days, now - datetime.timedelta(days=days) if days is not None else None)
        for name, kind in KINDS.items()
        for days in [said[name]]
    ]


# -- the access log


def register_access_log() -> None:
    """The notes of the access log but those by which something is proven (`audit.LASTING`)."""
    register(
        Kind(
            "access_log",
            _("审计记录"),
            _("谁登录过、查看或导出了什么；交接班签字始终保留"),
            3 * 365,
            due=lambda cutoff: _old_notes(cutoff).count(),
            apply=_forget_notes,
            least_days=YOUNG_DAYS + 3,
        )
    )


def _old_notes(cutoff: datetime.datetime) -> Any:
    return Access.objects.filter(at__lt=cutoff).exclude(action__in=audit.LASTING)


def _forget_notes(cutoff: datetime.datetime) -> int:
    removed = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config(%s, 'on', true)", [f"shouwen.{EXPIRING}"])
            oldest = _old_notes(cutoff).order_by("at").values("pk")[:_BATCH]
            count, _by_model = Access.objects.filter(pk__in=oldest).delete()
            cursor.execute("SELECT set_config(%s, 'off', true)", [f"shouwen.{EXPIRING}"])
        removed += count
        if count < _BATCH:
            return removed
