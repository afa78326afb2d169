"""Incidents (同因事项): opened, renamed, ended; complaints that join, and those that look the same.

An incident has a ledger of its own; joining and leaving are steps of the complaint, written in both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shouwen.complaints import intake, lifecycle, places
from shouwen.complaints.grams import fold, pieces
from shouwen.complaints.incident_ledger import SUBJECT, chain_of, write
from shouwen.complaints.lifecycle import Outcome
from shouwen.complaints.models import Category, Complaint, Incident
from shouwen.complaints.own_words import in_use
from shouwen.complaints.refusals import InvalidData, NotAllowed
from shouwen.complaints.suggesting import suggest
from shouwen.complaints.suggestion_rules import GAP
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import Answer, may
from shouwen.records import ledger

MOST_ALIKE = 3
_LOOKED_THROUGH = 50  # open incidents of a project that are compared, the newest
_LONGEST = 80
# Any number: incidents of one project are numbered in turns.
_NUMBERING = 7_306_017

# What counts towards looking the same; below `_ENOUGH` nobody is asked.
_SAME_PLACE, _SAME_CATEGORY, _MEANT_TOO, _SAME_WORDS, _ENOUGH = 3.0, 2.0, 1.0, 3.0, 4.0


def look_alike(
    project: Project, *, place: str, content: str, building: str = "", unit: str = ""
) -> list[Incident]:
    """The open incidents of the project that may be what `content`, said of `place`, is about.

    The most alike first, at most three: the same lift, riser, garage or place, the category that the
    words suggest, words in common. `building` and `unit` of the home count where no place is named.
    Another place is another incident, however alike the words.
    """
    said = content.strip()
    if not said:
        return []
    found = Incident.objects.filter(project=project, status=Incident.Status.OPEN)
    suggested = suggest(said, place, in_use())
    here = places.spots_of(place, building, unit, said)
    scored = []
    for incident in found.select_related("category__parent").order_by("-since")[:_LOOKED_THROUGH]:
        score = _place(incident, place, here)
        if score is None:
            continue
        if incident.category is not None:
            if incident.category.code == suggested.category:
                score += _SAME_CATEGORY
            elif incident.category.code in suggested.others:
                score += _MEANT_TOO
        score += _SAME_WORDS * _shared(incident.title, said)
        if score >= _ENOUGH:
            scored.append((score, incident))
    scored.sort(key=lambda each: -each[0])  # stable: of two alike the newer comes first
    return [incident for _score, incident in scored[:MOST_ALIKE]]


def _place(incident: Incident, place: str, here: Sequence[places.Spot]) -> float | None:
    """What the places say; None where they say that it is another matter."""
    there = places.spots_of(incident.place, content=incident.title)
    if here and there:
        return _SAME_PLACE if places.alike(here, there) else None
    one, other = fold(place).strip(), fold(incident.place).strip()
    if one and other and (one in other or other in one):
        return _SAME_PLACE
    return None if one and other else 0.0


def _shared(title: str, content: str) -> float:
    """How much of the title stands in the words: from 0 to 1."""
    wanted = pieces(fold(title))
    return len(wanted & pieces(fold(content))) / len(wanted) if wanted else 0.0


def join(
    incident: Incident,
    complaint: Complaint,
    *,
    person: Staff | None = None,
    unattended: bool = False,
    key: str | None = None,
    now: datetime | None = None,
) -> Outcome | None:
    """Let a complaint belong to an incident of its project; None where it belongs to it already.

    It leaves another one that it belonged to. `unattended`: the customer said so without a member of
    staff (portal); the ledger then names nobody. Raises a `Refused` of the step.
    """
    if complaint.incident_id == incident.pk:
        return None
    by = person or (complaint.first_contact if unattended else None)
    if by is None:
        raise ValueError("somebody joins a complaint to an incident, or it is unattended")
    return lifecycle.take(
        "join_incident",
        person=by,
        complaint=complaint,
        data={"incident": incident.pk},
        admitted=Answer(True, _("客户自己选的同因事项")) if unattended else None,
        unattended=unattended,
        key=key,
        now=now,
    )


def leave(complaint: Complaint, *, person: Staff, now: datetime | None = None) -> Outcome:
    """Take a complaint out of its incident. Raises a `Refused` of the step."""
    return lifecycle.take("leave_incident", person=person, complaint=complaint, now=now)


def proposed_title(
    place: str, category: Category | None, complaints: Iterable[Complaint] = ()
) -> str:
    """A title from the place and what it is about: nobody's home.

    What it is about is the word of the category's rules that most of the complaints use, else the
    category; never anybody's own sentence.
    """
    about = _common_word(complaints, category) or (category.label if category else "")
    between = " " if about.isascii() else ""  # Chinese runs on
    return f"{place}{between}{about}".strip()[:_LONGEST]


def _common_word(complaints: Iterable[Complaint], category: Category | None) -> str:
    if category is None:
        return ""
    rules, used = in_use(), Counter[str]()
    for each in complaints:
        found = suggest(each.content or each.subject, "", rules)
        used.update(
            {word for word, rule in found.reasons if rule.category == category.code}
            - {word for word, _rule in found.reasons if GAP in word}
        )
    return max(used, key=lambda word: (used[word], word), default="")


def begin(
    project: Project,
    *,
    person: Staff,
    title: str,
    place: str = "",
    category: Category | None = None,
    since: datetime | None = None,
    complaints: Sequence[Complaint] = (),
    now: datetime | None = None,
) -> Incident:
    """Open an incident and let these complaints join, all or none.

    It is since the first of them was received, where nothing else is said. Raises NotAllowed,
    InvalidData for a title or place that does not do, or a `Refused` of a joining.
    """
    now = now or timezone.now()
    _admit(person, project)
    title, place = _checked(title, place)
    since = since or min((each.received_at for each in complaints), default=now)
    with transaction.atomic():
        incident = Incident.objects.create(
            number=_number(project, now),
            project=project,
            title=title,
            place=place,
            category=category,
            since=since,
        )
        write(
            incident,
            ledger.open_chain(SUBJECT, incident.pk, project.pk),
            "opened",
            actor_id=person.pk,
            now=now,
            facts={
                "number": incident.number,
                "since": since,
                "category": category.code if category else None,
            },
            texts={"title": title, "place": place},
        )
        # In one order, so that two people who group the same complaints do not deadlock.
        for complaint in sorted(complaints, key=lambda each: each.pk):
            join(incident, complaint, person=person, now=now)
    incident.refresh_from_db()
    return incident


def change(incident: Incident, *, person: Staff, title: str, place: str) -> None:
    """Say better what and where it is. Raises NotAllowed, or InvalidData."""
    _admit(person, incident.project)
    title, place = _checked(title, place)
    with transaction.atomic():
        chain = chain_of(incident.pk)
        incident.refresh_from_db()
        if (title, place) == (incident.title, incident.place):
            return
        incident.title, incident.place = title, place
        incident.save(update_fields=["title", "place"])
        write(
            incident,
            chain,
            "changed",
            actor_id=person.pk,
            texts={"title": title, "place": place},
        )


def end(incident: Incident, *, person: Staff, ended: bool = True) -> None:
    """The cause is gone, nobody joins any more; or (`ended` false) it goes on after all.

    The complaints stay with their own clocks. Nothing where it is so already. Raises NotAllowed.
    """
    _admit(person, incident.project)
    now = timezone.now()
    with transaction.atomic():
        chain = chain_of(incident.pk)
        incident.refresh_from_db()
        if incident.ended == ended:
            return
        incident.status = Incident.Status.ENDED if ended else Incident.Status.OPEN
        incident.ended_at = now if ended else None
        incident.save(update_fields=["status", "ended_at"])
        write(incident, chain, "ended" if ended else "resumed", actor_id=person.pk, now=now)


def _admit(person: Staff, project: Project) -> None:
    allowed = may(person, "edit_incident", project)
    if not allowed:
        raise NotAllowed(allowed.rule)


def _checked(title: str, place: str) -> tuple[str, str]:
    title, place = " ".join(title.split()), " ".join(place.split())
    errors: dict[str, list[str | Promise]] = {}
    if not title:
        errors["title"] = [_("请填写")]
    for name, said in (("title", title), ("place", place)):
        if len(said) > _LONGEST:
            errors[name] = [_("太长了，最多 %(max_length)s 字") % {"max_length": _LONGEST}]
        elif places.names_a_home(said):
            errors[name] = [_("这里住户看得到，请不要写到哪一户")]
    if errors:
        raise InvalidData(errors)
    return title, place


def _number(project: Project, now: datetime) -> str:
    day = intake.local_day(project, now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_NUMBERING, project.pk])
    start = f"{project.code}-T{day:%Y%m%d}-"
    taken = Incident.objects.filter(project=project, number__startswith=start).count()
    return f"{start}{taken + 1:02}"
