"""Questions about clock rows: whose they are, and which come next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import F, Q, QuerySet

from shouwen.clocks.models import ClockRow
from shouwen.organization import answering, on_duty
from shouwen.organization.holders import Asked
from shouwen.organization.models import Staff
from shouwen.organization.on_duty import Reason, Resolution
from shouwen.organization.positions import Position

#: Who takes up what somebody held as a person who has left.
LEFT_BEHIND = Position.FRONT_DESK.value

#: Rows whose subject's first clocks nobody alone holds.
_OF_A_POST = Q(person_id__isnull=True)
#: Who is complained about only after claiming it holds it no longer: it is their colleagues' again.
_CLAIM_STANDS = Q(barred_id__isnull=True) | ~Q(claimed_by_id=F("barred_id"))


def running() -> QuerySet[ClockRow]:
    """All unstopped clocks, overdue ones among them."""
    return ClockRow.objects.filter(state=ClockRow.State.RUNNING)


def overdue(now: datetime) -> QuerySet[ClockRow]:
    """Unstopped clocks past due at `now`: a state, not a verdict (design §4)."""
    return running().filter(due_at__lt=now)


def of_subject(subject_type: str, subject_id: int) -> QuerySet[ClockRow]:
    """All clocks of a subject by start."""
    rows = ClockRow.objects.filter(subject_type=subject_type, subject_id=subject_id)
    return rows.order_by("started_at", "rule", "key", "started_by", "ordinal")


def held_by(person: Staff, now: datetime | None = None) -> QuerySet[ClockRow]:
    """The unstopped clocks that somebody answers for at `now`, alone or in a position; soonest first.

    Never those of a subject they are barred from (被投诉人), nor what a colleague on duty has claimed.
    """
    return _all_of(desk_of(person, now).shares, person)


def soonest_held_by(person: Staff, limit: int, now: datetime | None = None) -> list[ClockRow]:
    """The first `limit` of `held_by`, read in the order of the index share by share.

    As quick with a million running clocks as with a thousand.
    """
    return soonest_on(desk_of(person, now), limit)


def taken_by_others(desk: Desk, limit: int) -> list[ClockRow]:
    """What lies in the person's positions and a colleague on duty has claimed; the soonest first."""
    return list(_all_of(desk.taken, desk.person)[:limit]) if desk.taken else []


def soonest_on(desk: Desk, limit: int) -> list[ClockRow]:
    """As `soonest_held_by`, of a desk that is known."""
    shares = [
        _not_barred(desk.person).filter(share).order_by("due_at", "id")[:limit]
        for share in desk.shares
    ]
    if len(shares) == 1:
        return list(shares[0])
    found = shares[0].union(*shares[1:], all=True)
    return list(found.order_by("due_at", "id")[:limit])


@dataclass(frozen=True)
class Desk:
    """Whose desk, and what lies on it: parts that do not overlap, and what colleagues have claimed."""

    person: Staff
    shares: list[Q]
    taken: list[Q]


def desk_of(person: Staff, now: datetime | None = None) -> Desk:
    """What somebody answers for at `now` (default: the present), as conditions on clocks."""
    shares, taken, of_barred = _personal(person, now), [], []
    every = answering.shares_of(person, now)
    for share in every:
        rows = Q(holder=share.word, department=share.department)
        if share.project_id is not None:
            rows &= Q(project_id=share.project_id)
        if share.about is not None:
            rows &= Q(barred_id=share.about)
        elif share.not_about - {person.pk}:
            rows &= ~Q(barred_id__in=sorted(share.not_about - {person.pk}))
        if share.others:
            claimed = Q(claimed_by_id__in=sorted(share.others)) & _CLAIM_STANDS
            taken.append(_OF_A_POST & rows & claimed)
            rows &= ~claimed
        if share.about is None:
            shares.append(_OF_A_POST & rows)
        else:
            of_barred.append(rows)
    if of_barred:
        # Few complaints are about a member of staff; together they are one look at their index.
        shares.append(_OF_A_POST & Q(barred_id__isnull=False) & reduce(or_, of_barred))
    return Desk(person, [*shares, *_left_behind(every)], taken)


def who_holds(row: ClockRow, at: datetime | None = None) -> list[Staff]:
    """Who answers for a clock at that moment (default: now), nobody barred among them.

    Who claimed it alone, while they are among those who answer.
    """
    return who_hold([row], at)[row.pk]


def who_hold(rows: Iterable[ClockRow], at: datetime | None = None) -> dict[int, list[Staff]]:
    """`who_holds` of many clocks, by their ids: in eight queries, however many there are."""
    rows = list(rows)
    found = answered(rows, at)
    return {row.pk: claimants(row, found[row.pk].persons) or found[row.pk].persons for row in rows}


def claimants(row: ClockRow, persons: Iterable[Staff]) -> list[Staff]:
    """Who claimed the clock, if they are among those who answer for it: a claim rests off duty."""
    return [each for each in persons if each.pk == row.claimed_by_id and row.person_id is None]


def answered(rows: Iterable[ClockRow], at: datetime | None = None) -> dict[int, Resolution]:
    """Who answers for many clocks, claimed or not, and why; by their ids, in eight queries."""
    rows = list(rows)
    found = _alone([row for row in rows if row.person_id is not None], at)
    asked: dict[int, tuple[Asked, int | None]] = {}
    for row in rows:
        if row.pk not in found:
            word = row.holder if row.person_id is None else LEFT_BEHIND
            code = row.department if row.person_id is None else ""
            asked[row.pk] = (Asked(word, row.project_id, code), row.barred_id)
    resolved = on_duty.resolve_pairs(asked.values(), at) if asked else {}
    return found | {pk: resolved[pair] for pk, pair in asked.items()}


def _alone(rows: list[ClockRow], at: datetime | None) -> dict[int, Resolution]:
    """Those of clocks that one person holds: they or their stand-in; left out where neither may."""
    if not rows:
        return {}
    acting = on_duty.acting(at)
    persons = {row.person_id for row in rows if row.person_id is not None}
    staff = Staff.objects.in_bulk({*persons, *map(acting.get, persons)} - {None})
    found = {}
    for row in rows:
        own = staff.get(row.person_id or 0)
        stand_in = staff.get(acting.get(row.person_id or 0, 0))
        if own is None or row.barred_id == own.pk:
            continue
        if stand_in is not None and stand_in.pk != row.barred_id:
            away, instead = (
                Reason("away", row.holder, own),
                Reason("stand_in", row.holder, stand_in),
            )
            found[row.pk] = Resolution([stand_in], row.holder, [away, instead])
        elif own.is_active:
            found[row.pk] = Resolution([own], row.holder, [])
    return found


def _not_barred(person: Staff) -> QuerySet[ClockRow]:
    return running().filter(Q(barred_id__isnull=True) | ~Q(barred_id=person.pk))


def _all_of(shares: list[Q], person: Staff) -> QuerySet[ClockRow]:
    return _not_barred(person).filter(reduce(or_, shares)).order_by("due_at", "id")


def _personal(person: Staff, now: datetime | None) -> list[Q]:
    """What is somebody's as a person, or that of whom they stand in for."""
    acting = on_duty.acting(now)
    away = acting.get(person.pk)
    # What the stand-in may not touch stays with whoever is away.
    own = Q(person_id=person.pk) if away is None else Q(person_id=person.pk, barred_id=away)
    lenders = sorted(lender for lender, stand_in in acting.items() if stand_in == person.pk)
    return [own, *(Q(person_id=lender) & ~Q(barred_id=lender) for lender in lenders)]


def _left_behind(shares: Iterable[answering.Share]) -> list[Q]:
    """What was the own clock of somebody who has left or is complained about: the front desk's."""
    where = [
        Q() if share.project_id is None else Q(project_id=share.project_id)
        for share in shares
        if share.word == LEFT_BEHIND and share.about is None
    ]
    if not where:
        return []
    left = Staff.objects.filter(is_active=False).values("pk")
    gone = Q(person_id__in=left) | Q(person_id=F("barred_id"))
    return [Q(person_id__isnull=False) & gone & reduce(or_, where)]
