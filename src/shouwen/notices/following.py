"""The notices follow the ledger: each new entry is asked who must hear of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from django.utils import timezone

from shouwen.clocks.models import ClockRow
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.steps import STEPS
from shouwen.notices import escalating, hearing, telling, watching
from shouwen.notices.answering import Roster
from shouwen.notices.hearing import Tell
from shouwen.notices.notice import Notice
from shouwen.notices.urgency import Urgency
from shouwen.organization.models import Staff
from shouwen.records import followers
from shouwen.records.models import Entry

NAME = "notices"
#: What was recorded longer ago (an import, a worker that stood still) nobody need be told any more:
#: it stands on their desk.
TOO_OLD = datetime.timedelta(hours=12)

#: What is read so long after it was written may have been answered meanwhile.
LATE = datetime.timedelta(minutes=1)

CLOCKS = frozenset({"warned", "breached"})
#: The whole course of a complaint before this installation: nobody is told of it.
SILENT = frozenset({"imported", "erased", "retracted", "attached", "amended"})


def begin() -> None:
    """From the end of the ledger on, where it was not followed before."""
    followers.begin(NAME)


def look() -> int:
    """Take the next entries, in one transaction with what comes of them; how many there were."""
    return followers.advance(NAME, lambda entries: take(entries))


def take(entries: Sequence[Entry], now: datetime.datetime | None = None) -> list[Notice]:
    """Make the notices of these entries, and begin or end the escalations they ask for or answer."""
    now = now or timezone.now()
    recent = [
        entry
        for entry in entries
        if entry.subject_type == SUBJECT and now - entry.recorded_at <= TOO_OLD
    ]
    complaints = Complaint.objects.select_related("project", "category").in_bulk(
        {entry.subject_id for entry in recent}
    )
    recent = [entry for entry in recent if _told_of(complaints.get(entry.subject_id))]
    if not recent:
        return []
    known = [complaints[pk] for pk in sorted({entry.subject_id for entry in recent})]
    rows = list(ClockRow.objects.filter(subject_type=SUBJECT, subject_id__in=[c.pk for c in known]))
    staff = _staff(recent, known, rows)
    roster = Roster(now)
    made = telling.write(list(_drafts(recent, complaints, rows, staff, roster, now)))
    escalating.follow(known, rows, now)
    return made


def _told_of(complaint: Complaint | None) -> bool:
    return complaint is not None and not complaint.imported


def _staff(
    entries: Iterable[Entry], complaints: Iterable[Complaint], rows: Iterable[ClockRow]
) -> dict[int, Staff]:
    wanted: set[int | None] = set()
    for entry in entries:
        wanted.update(entry.facts.get(name) for name in ("member", "to", "manager"))
        wanted.update(entry.facts.get("mentioned", ()))
    for complaint in complaints:
        wanted.update((complaint.first_contact_id, complaint.manager_id))
    wanted.update(row.person_id for row in rows)
    ids = {each for each in wanted if type(each) is int}
    return Staff.objects.filter(is_active=True).in_bulk(ids)


def _drafts(
    entries: Sequence[Entry],
    complaints: dict[int, Complaint],
    rows: Sequence[ClockRow],
    staff: dict[int, Staff],
    roster: Roster,
    now: datetime.datetime,
) -> Iterable[Notice]:
    watched = watching.watchers_of(complaints.values())
    by_complaint: dict[int, list[ClockRow]] = {}
    for row in rows:
        by_complaint.setdefault(row.subject_id, []).append(row)
    for entry in entries:
        complaint = complaints[entry.subject_id]
        clocks = by_complaint.get(complaint.pk, [])
        if entry.kind in CLOCKS:
            yield from _of_clock(entry, complaint, clocks, staff, roster, now)
            continue
        if entry.kind in SILENT:
            continue
        heard: set[int | None] = {entry.actor_id}
        for line in hearing.lines().get(entry.kind, ()):
            if not line.concerns(entry.facts) or _done_since(line, entry, clocks, now):
                continue
            for person in hearing.hearers(line.who, entry, complaint, roster, staff):
                if person.pk not in heard:
                    heard.add(person.pk)
                    yield _of_entry(person, line, entry, complaint, clocks, now)
        first = staff.get(complaint.first_contact_id or 0)
        if first is not None and first.pk not in heard and entry.actor_id is not None:
            heard.add(first.pk)
            yield _followed(first, entry, complaint, now)
        if entry.actor_id is not None:
            for person in watched.get(complaint.pk, ()):
                if person.pk not in heard:
                    heard.add(person.pk)
                    yield _watched(person, entry, complaint, now)


def _done_since(
    line: Tell, entry: Entry, clocks: Sequence[ClockRow], now: datetime.datetime
) -> bool:
    """Whether what the line asks for was done while nobody followed the ledger."""
    if not line.step or not line.rule or now - entry.recorded_at < LATE:
        return False
    return not any(row.rule == line.rule and row.state == ClockRow.State.RUNNING for row in clocks)


def _of_clock(
    entry: Entry,
    complaint: Complaint,
    clocks: Sequence[ClockRow],
    staff: dict[int, Staff],
    roster: Roster,
    now: datetime.datetime,
) -> Iterable[Notice]:
    """A warning or a breach: one notice a complaint and person, however many clocks fire at once."""
    row = next(
        (
            row
            for row in clocks
            if (row.rule, row.key, row.started_by, row.ordinal)
            == tuple(entry.facts[name] for name in ("rule", "key", "started_by", "ordinal"))
        ),
        None,
    )
    if row is None or (entry.kind == "warned" and row.state != ClockRow.State.RUNNING):
        return
    for person in hearing.hearers_of_clock(row, entry.kind, roster, staff):
        yield telling.draft(
            person,
            kind=entry.kind,
            matter=f"clocks:{complaint.pk}",
            complaint=complaint,
            urgency=Urgency.SOON,
            rule=row.rule,
            article=row.article,
            step=_step_of(row.rule),
            due_at=row.due_at,
            entry_number=entry.number,
            now=now,
        )


def _of_entry(
    person: Staff,
    line: Tell,
    entry: Entry,
    complaint: Complaint,
    clocks: Sequence[ClockRow],
    now: datetime.datetime,
) -> Notice:
    running = [
        row for row in clocks if row.rule == line.rule and row.state == ClockRow.State.RUNNING
    ]
    code = entry.facts.get("department")
    of_department = [row for row in running if code and row.key == code] or running
    due_at = min((row.due_at for row in of_department), default=None)
    article = line.rule.partition(".")[0]
    return telling.draft(
        person,
        kind=line.kind,
        matter=f"{line.kind}:{complaint.pk}:{entry.number}",
        complaint=complaint,
        urgency=line.urgency_for(complaint),
        rule=line.rule,
        article="" if article == "H" else article,
        step=line.step,
        due_at=due_at,
        entry_number=entry.number,
        now=now,
    )


def _followed(first: Staff, entry: Entry, complaint: Complaint, now: datetime.datetime) -> Notice:
    """[R8] The first contact sees every step; what needs nobody's hand waits for their digest."""
    return telling.draft(
        first,
        kind="followed",
        matter=f"followed:{complaint.pk}",
        complaint=complaint,
        urgency=Urgency.LATER,
        rule="R8.inform",
        article="R8",
        entry_number=entry.number,
        facts={"entry": entry.kind},
        now=now,
    )


def _watched(person: Staff, entry: Entry, complaint: Complaint, now: datetime.datetime) -> Notice:
    """Whoever watches a complaint hears of each step when there is time to read."""
    return telling.draft(
        person,
        kind="watched",
        matter=f"watched:{complaint.pk}",
        complaint=complaint,
        urgency=Urgency.LATER,
        entry_number=entry.number,
        facts={"entry": entry.kind},
        now=now,
    )


def _step_of(rule: str) -> str:
    """The step that answers a rule, which the notice's link opens."""
    return next((step.name for step in STEPS.values() if rule in step.answers), "")
