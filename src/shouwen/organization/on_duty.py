"""Who answers for a position now, and why [C4][A5][P3].

By the roster where one is kept, else by post; for somebody away their stand-in; where that leaves
nobody, the head of the position, and so on upward. At the very end an administrator: a clock is
never without a person.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.organization import roster
from shouwen.organization.holders import DEPARTMENT, Asked
from shouwen.organization.models import Project, Staff
from shouwen.organization.positions import IN_A_DEPARTMENT, STANDS_IN, Position
from shouwen.organization.roster import Roster

#: Who answers where nobody does in a position; who heads none here is under the board.
HEADS: dict[str, Position] = {
    DEPARTMENT: Position.DEPARTMENT_HEAD,
    Position.EMPLOYEE: Position.SITE_MANAGER,
    Position.STEWARD: Position.CENTRE_HEAD,
    Position.FRONT_DESK: Position.CENTRE_HEAD,
    Position.CENTRE_HEAD: Position.SITE_MANAGER,
    Position.DEPARTMENT_MEMBER: Position.DEPARTMENT_HEAD,
    Position.DEPARTMENT_HEAD: Position.SITE_MANAGER,
    Position.COMPLAINT_TEAM: Position.SITE_MANAGER,
    Position.SITE_MANAGER: Position.COMPANY_LEADER,
    Position.QUALITY: Position.COMPANY_LEADER,
    Position.HUMAN_RESOURCES: Position.COMPANY_LEADER,
    Position.GENERAL_MANAGERS_OFFICE: Position.COMPANY_LEADER,
    Position.COMPANY_LEADER: Position.BOARD_LEADER,
    Position.BOARD_OFFICE: Position.BOARD_LEADER,
    Position.AUDITOR: Position.BOARD_LEADER,
    Position.BOARD_LEADER: Position.ADMINISTRATOR,
}


def head_of(position: str, *, developer_stand_in: str = Position.QUALITY.value) -> Position | None:
    """The position that answers where nobody does in this one; None for the administrators.

    For the developer's customer service it is who stands in for the developer in the project [R7].
    Raises ValueError for a word that is no position.
    """
    if position == Position.DEVELOPER_SERVICE:
        return Position(developer_stand_in)
    if position == Position.ADMINISTRATOR:
        return None
    if position not in HEADS:
        raise ValueError(f"{position!r} is no position.")
    return HEADS[position]


@dataclass(frozen=True)
class Reason:
    """One link of the chain: what was found at a position.

    `code` is `shift` (on duty by the roster), `post` (no roster kept: whoever holds it), `stand_in`
    (named for somebody away), `away`, `barred` (the person complained about), `gap` (a roster is
    kept and nobody on duty), `nobody` (nobody holds the post) or `head` (so it goes to this one).
    """

    code: str
    position: str
    staff: Staff | None = None

    @property
    def text(self) -> str:
        """The link in words, in the language that is on."""
        said = {
            "position": position_name(self.position),
            "name": self.staff.name if self.staff else "",
        }
        return _words()[self.code].format(**said)


@dataclass(frozen=True)
class Resolution:
    """Who answers for a position at a moment, at which position they were found, and why."""

    persons: list[Staff]
    position: str
    reasons: list[Reason]


@dataclass(frozen=True)
class Link:
    """A reason before the person's row is read."""

    code: str
    position: str
    staff_id: int | None = None


@dataclass(frozen=True)
class Found:
    """A resolution by ids, as it is reckoned."""

    persons: tuple[int, ...]
    position: str
    links: tuple[Link, ...]

    @property
    def involved(self) -> set[int]:
        """Whoever the chain names: barring anybody else changes nothing."""
        return {link.staff_id for link in self.links if link.staff_id is not None}


def resolve(
    position: str,
    *,
    project_id: int,
    department_code: str | None = None,
    at: datetime.datetime | None = None,
    barred_id: int | None = None,
) -> Resolution:
    """Who answers for a position of the project at that moment (default: now), and why.

    `position` takes the words of `holders.who`. `barred_id` (被投诉人) never answers. Nobody does
    only where the company has no other administrator either. Six queries. Raises ValueError for a
    word that is no position, and for `department` without a `department_code`.
    """
    _checked(position, department_code or "")
    asked = (Asked(position, project_id, department_code or ""), barred_id)
    return resolve_pairs([asked], at=at)[asked]


def resolve_each(
    asked: Iterable[Asked], at: datetime.datetime | None = None
) -> dict[Asked, Resolution]:
    """`resolve` for many, in six queries. A word that is no position has nobody, and no reason."""
    found = resolve_pairs([(each, None) for each in asked], at=at)
    return {each: resolution for (each, _barred), resolution in found.items()}


def resolve_pairs(
    asked: Iterable[tuple[Asked, int | None]], at: datetime.datetime | None = None
) -> dict[tuple[Asked, int | None], Resolution]:
    """As `resolve_each`, each asked with the person who is barred."""
    pairs, at = set(asked), at or timezone.now()
    facts = facts_for((each for each, _barred in pairs), at)
    found = {pair: reckon(facts, pair[0], at, pair[1]) for pair in pairs}
    return named(found)


def named(found: dict[Any, Found]) -> dict[Any, Resolution]:
    """Resolutions with the rows of their persons, read in one query."""
    ids = {each for one in found.values() for each in {*one.persons, *one.involved}}
    staff = roster.staff_of(ids) if ids else {}
    return {
        key: Resolution(
            [staff[each] for each in one.persons],
            one.position,
            [Reason(link.code, link.position, staff.get(link.staff_id or 0)) for link in one.links],
        )
        for key, one in found.items()
    }


def facts_for(
    asked: Iterable[Asked], since: datetime.datetime, until: datetime.datetime | None = None
) -> Roster:
    """What `reckon` needs to answer these between two moments."""
    asked = list(asked)
    words = {str(each.word) for each in asked if known(each.word)}
    # Whoever they may go up to is needed, too; who stands in for a developer is the project's word.
    for word in list(words):
        for stand_in in STANDS_IN:
            words.update(way_up(word, stand_in.value))
    return roster.read({each.project_id for each in asked}, words, since, until)


def reckon(
    facts: Roster, asked: Asked, at: datetime.datetime, barred_id: int | None = None
) -> Found:
    """Who answers by these facts: no query. A word that is no position has nobody."""
    word: str | None = str(asked.word)
    if not known(asked.word) or (word == DEPARTMENT and not asked.department_code):
        return Found((), asked.word, ())
    links: list[Link] = []
    project = facts.projects.get(asked.project_id)
    while word is not None:
        # The department names whose head it is; further up there is none.
        code = asked.department_code if word == asked.word or word in IN_A_DEPARTMENT else ""
        persons = _at(facts, word, asked.project_id, code, at, barred_id, links)
        if persons:
            return Found(persons, word, tuple(links))
        head = head_of(
            word,
            developer_stand_in=project.developer_stand_in if project else Position.QUALITY.value,
        )
        if head is not None:
            links.append(Link("head", head.value))
        word = head.value if head else None
    return Found((), Position.ADMINISTRATOR.value, tuple(links))


def _at(
    facts: Roster,
    word: str,
    project_id: int,
    code: str,
    at: datetime.datetime,
    barred_id: int | None,
    links: list[Link],
) -> tuple[int, ...]:
    """Who answers at one position; says why, and why not."""
    if facts.keeps(word, project_id, code, at):
        how, none, candidates = "shift", "gap", facts.on_duty(word, project_id, code, at)
    else:
        how, none, candidates = "post", "nobody", facts.holders(word, project_id, code, at)
        if word == Position.ADMINISTRATOR and not set(candidates) - {barred_id}:
            # The last resort: whoever administers anything.
            candidates = sorted({post.staff_id for post in facts.held.get(word, ())})
    if not candidates:
        links.append(Link(none, word))
    persons: list[int] = []
    for candidate in candidates:
        if candidate == barred_id:
            links.append(Link("barred", word, candidate))
            continue
        stand_in = facts.stand_in(candidate, at) if roster.lendable(word) else None
        if stand_in is None:
            links.append(Link(how, word, candidate))
            persons.append(candidate)
            continue
        links.append(Link("away", word, candidate))
        if stand_in == barred_id:
            links.append(Link("barred", word, stand_in))
        elif stand_in not in facts.active or facts.stand_in(stand_in, at) is not None:
            # A stand-in who is away does not pass it on: it goes up.
            links.append(Link("away", word, stand_in))
        else:
            links.append(Link("stand_in", word, stand_in))
            persons.append(stand_in)
    return tuple(dict.fromkeys(persons))


def acting(at: datetime.datetime | None = None) -> dict[int, int]:
    """Who is away at that moment (default: now), and who acts for them, by their ids; one query.

    For what somebody holds as a person. Without those whose stand-in has left or is away as well.
    """
    return roster.acting(at or timezone.now())


@dataclass(frozen=True)
class Gap:
    """A time in which a roster that is kept has nobody on duty, and who answers meanwhile."""

    position: str
    department: str
    since: datetime.datetime
    until: datetime.datetime
    falls_to: Resolution


def gaps(project: Project, since: datetime.datetime, until: datetime.datetime) -> list[Gap]:
    """The gaps in the project's rosters between two moments, soonest first; seven queries."""
    every = [str(each) for each in Position if each not in IN_A_DEPARTMENT]
    facts = facts_for([Asked(word, project.pk) for word in (*every, DEPARTMENT)], since, until)
    found: dict[tuple[Asked, datetime.datetime, datetime.datetime], Found] = {}
    for asked in kept_by(facts, project.pk):
        turns = facts.turns_of(asked.word, asked.project_id, asked.department_code)
        for start, end in _uncovered([(t.starts_at, t.ends_at) for t in turns], since, until):
            found[asked, start, end] = reckon(facts, asked, start)
    resolved = named(found)
    return sorted(
        (
            Gap(asked.word, asked.department_code, start, end, resolved[asked, start, end])
            for asked, start, end in found
        ),
        key=lambda gap: (gap.since, gap.position, gap.department),
    )


def kept_by(facts: Roster, project_id: int) -> list[Asked]:
    """What the project keeps a roster for, by these facts: positions and departments."""
    found = set()
    for position, places in facts.kept.items():
        for (_position, project, code), _first, _last in places:
            if project in (None, project_id):
                inside = position in IN_A_DEPARTMENT and code
                found.add(Asked(DEPARTMENT if inside else position, project_id, code))
    return sorted(found)


def _uncovered(
    spans: list[tuple[datetime.datetime, datetime.datetime]],
    since: datetime.datetime,
    until: datetime.datetime,
) -> Iterator[tuple[datetime.datetime, datetime.datetime]]:
    at = since
    for start, end in sorted(spans):
        if start >= until:
            break
        if start > at:
            yield at, start
        at = max(at, end)
    if at < until:
        yield at, until


def known(word: str) -> bool:
    """Whether a holder word means a position."""
    return word == DEPARTMENT or word in Position.values


def position_name(word: str) -> str:
    """A position in words."""
    return _("承办部门") if word == DEPARTMENT else str(Position(word).label)


def way_up(word: str, developer_stand_in: str) -> Iterator[str]:
    """The position itself and those that answer in its place, in their order."""
    at: str | None = word
    while at is not None:
        yield at
        head = head_of(at, developer_stand_in=developer_stand_in)
        at = head.value if head else None


def _checked(word: str, code: str) -> None:
    if word == DEPARTMENT and not code:
        raise ValueError("The holder word 'department' needs a department code.")
    if not known(word):
        raise ValueError(f"{word!r} is no position.")


def _words() -> dict[str, str]:
    return {
        "shift": _("{name}按值班表在岗（{position}）"),
        "post": _("{position}没有排班，由任职的{name}负责"),
        "stand_in": _("由代理人{name}代为办理"),
        "away": _("{name}不在岗"),
        "barred": _("{name}是被投诉人，须回避"),
        "gap": _("{position}这个时间无人值班"),
        "nobody": _("{position}无人任职"),
        "head": _("上移一级，由{position}负责"),
    }
