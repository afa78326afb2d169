"""Who hears of an entry of the ledger: `hearing.toml` read, and asked about one entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from shouwen.clocks import regulations
from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.notices.answering import Roster, head_of
from shouwen.notices.urgency import Urgency
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position
from shouwen.records.models import Entry


class Tell(BaseModel):
    """One line of the file: an entry of that kind is told to these, in these words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    entry: str
    who: tuple[str, ...]
    kind: str
    said: dict[str, Any] = {}
    unless_said: dict[str, Any] = {}
    rule: str = ""
    step: str = ""
    urgency: Literal["emergency", "soon", "later"] = "soon"
    grave: Literal["emergency", "soon", "later"] = "soon"

    def concerns(self, facts: Mapping[str, Any]) -> bool:
        """Whether it is about an entry that says this."""
        said = all(facts.get(name) == value for name, value in self.said.items())
        unless = any(facts.get(name) == value for name, value in self.unless_said.items())
        return said and not unless

    def urgency_for(self, complaint: Complaint) -> Urgency:
        return Urgency(self.grave if complaint.severity in ("emergency", "major") else self.urgency)


@cache
def lines() -> dict[str, tuple[Tell, ...]]:
    """The lines of the file by kind of entry."""
    text = (Path(__file__).parent / "hearing.toml").read_text(encoding="utf-8")
    found: dict[str, list[Tell]] = {}
    for line in tomllib.loads(text)["tell"]:
        tell = Tell.model_validate(line)
        found.setdefault(tell.entry, []).append(tell)
    return {kind: tuple(tells) for kind, tells in found.items()}


def hearers(
    words: Iterable[str],
    entry: Entry,
    complaint: Complaint,
    roster: Roster,
    staff: Mapping[int, Staff],
) -> Iterator[Staff]:
    """The people whom the words mean for this entry, each maybe several times."""
    for word in words:
        yield from _hearers(word, entry, complaint, roster, staff)


def _hearers(
    word: str, entry: Entry, complaint: Complaint, roster: Roster, staff: Mapping[int, Staff]
) -> Iterator[Staff]:
    facts = entry.facts
    named = {
        "first_contact": complaint.first_contact_id,
        "manager": facts.get("manager") or complaint.manager_id,
        "member": facts.get("member"),
        "to": facts.get("to"),
    }
    if word in named:
        pk = named[word]
        if pk in staff:
            yield staff[pk]
        return
    barred = complaint.about_id
    if word == "mentioned":
        yield from (staff[pk] for pk in facts.get("mentioned", ()) if pk in staff)
        for position in facts.get("mentioned_positions", ()):
            yield from roster.who(position, complaint.project_id, "", barred).persons
        for code in facts.get("mentioned_departments", ()):
            yield from roster.who(DEPARTMENT, complaint.project_id, code, barred).persons
    elif word == "departments":
        # The site manager is called by the escalation that the alert begins [R6].
        for code in facts.get("departments", ()):
            yield from roster.who(DEPARTMENT, complaint.project_id, code, barred).persons
    elif word == "at_work":
        for code in complaint.departments:
            yield from roster.who(DEPARTMENT, complaint.project_id, code, barred).persons
    elif word == "approver":
        word = facts.get("holder", Position.DEPARTMENT_HEAD)
        code = facts.get("department", "") if word == Position.DEPARTMENT_HEAD else ""
        yield from roster.who(word, complaint.project_id, code, barred).persons
    elif word in (DEPARTMENT, Position.DEPARTMENT_HEAD):
        code = facts.get("department") or next(iter(complaint.departments), "")
        if code:
            yield from roster.who(word, complaint.project_id, code, barred).persons
    else:
        yield from roster.who(word, complaint.project_id, "", barred).persons


def hearers_of_clock(
    row: ClockRow, kind: str, roster: Roster, staff: Mapping[int, Staff]
) -> Iterator[Staff]:
    """Who hears of a warning or a breach of this clock: as its own rule says (`hears`)."""
    rule = regulations.all_versions()[row.regulation_id].rules_by_id.get(row.rule)
    if rule is None:
        return
    for word in rule.hears.breach if kind == "breached" else rule.hears.warning:
        if word == "holder" and row.person_id is not None:
            if row.person_id in staff:
                yield staff[row.person_id]
            continue
        position: str | None = row.holder if word == "holder" else head_of(row.holder)
        if position is None:
            continue
        code = row.department if position in (DEPARTMENT, Position.DEPARTMENT_HEAD) else ""
        if position == DEPARTMENT and not code:
            continue
        yield from roster.who(position, row.project_id, code, row.barred_id).persons
