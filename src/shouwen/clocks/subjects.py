"""What this room must know of the subjects whose clocks it keeps, told by their own rooms.

A room that has subjects with a ledger registers a `Subjects` from its `AppConfig.ready`, so that
timekeeper, rebuild and explanation work without importing it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from django.db.models import Q

from shouwen.records.models import Chain, Entry
from shouwen.regulation.engine import Clock

#: The person who alone holds a clock (first contact, manager in charge), None: whoever has the post.
Persons = Callable[[Clock], int | None]
#: Who never holds a clock of a subject (被投诉人), by the subject's id.
Barred = Callable[[int], int | None]


#: Who claimed a clock that a position holds, by the number of the entry that started it.
Claims = Callable[[Clock, int], int | None]


def _nobody(subject_id: int) -> int | None:
    return None


def unclaimed(clock: Clock, started_by: int) -> int | None:
    """Nobody has claimed anything."""
    return None


def _no_claims(subject_id: int) -> Claims:
    return unclaimed


def _nothing_to_do(subject_id: int, entries: Sequence[Entry]) -> None:
    return None


def _nothing_due(subject_id: int, next_due: datetime | None) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """How the subjects of one type answer.

    `timezone_of` gives the time zone whose days count; `persons` a function from a clock to the
    person who alone holds it; `department_of` the code of the department whose head holds a clock
    with the holder `department_head`; `barred` the member of staff who never holds a clock of the
    subject (被投诉人); `claims` a function from a clock, and the number of the entry that started it, to
    whoever of its position has claimed it; `find` a subject by the number people use, `number` the reverse;
    `appended` is called, inside the transaction, after this room has written entries of its own,
    `reckoned` after it has reckoned the clocks anew of its own accord (another calendar, a house
    rule that a breach starts), with the earliest due time that is left.
    `differences` names what the room's own projections of a subject say otherwise than its ledger,
    `rebuild` writes them anew; both are called with the subject's chain locked.
    """

    subject_type: str
    timezone_of: Callable[[int], tzinfo]
    persons: Callable[[int], Persons]
    find: Callable[[str], int | None]
    number: Callable[[int], str]
    department_of: Callable[[int, Clock], str | None] = lambda subject_id, clock: None
    barred: Barred = _nobody
    claims: Callable[[int], Claims] = _no_claims
    appended: Callable[[int, Sequence[Entry]], None] = _nothing_to_do
    reckoned: Callable[[int, datetime | None], None] = _nothing_due
    differences: Callable[[int], Sequence[str]] = lambda subject_id: ()
    rebuild: Callable[[int], None] = lambda subject_id: None


_REGISTERED: dict[str, Subjects] = {}


def register(subjects: Subjects) -> None:
    """Make a type of subject known; registering it again replaces what was said before."""
    _REGISTERED[subjects.subject_type] = subjects


def of(subject_type: str) -> Subjects:
    """The registered type; KeyError names one that no room has registered."""
    return _REGISTERED[subject_type]


def types() -> list[str]:
    """The registered types, sorted."""
    return sorted(_REGISTERED)


def find(number: str) -> tuple[str, int] | None:
    """The subject that people know by `number`, whatever its type; None where there is none."""
    for subject_type in types():
        subject_id = _REGISTERED[subject_type].find(number)
        if subject_id is not None:
            return subject_type, subject_id
    return None


def among(chains: Iterable[Chain]) -> Q:
    """The condition on rows with `subject_type` and `subject_id` that they are these chains'."""
    ids: dict[str, list[int]] = {}
    for chain in chains:
        ids.setdefault(chain.subject_type, []).append(chain.subject_id)
    wanted = Q(pk__in=[])
    for subject_type, of_type in ids.items():
        wanted |= Q(subject_type=subject_type, subject_id__in=of_type)
    return wanted
