"""The scenario of a storm: fifty complaints about one cause in ten minutes, one of them an emergency.

Played with the real steps, follower, policies and rules inside a transaction that is taken back, by a
clock that runs as fast as it can; nothing is sent, and what really waits or runs is left alone. It
shows how many messages each person would get. Warnings of the clocks that run on come in the morning
with the rest, and are left out. As long as it plays, followers of the ledger wait: some seconds.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.roles import EVERY_EMPLOYEE
from shouwen.notices import escalating, following, outgoing
from shouwen.notices.notice import Delivery, Envelope, Notice
from shouwen.notices.policy import Escalation
from shouwen.notices.urgency import Urgency
from shouwen.organization import holders
from shouwen.organization.models import Post, Project, Staff
from shouwen.organization.positions import Position
from shouwen.records.models import Entry

COMPLAINTS = 50
APART = datetime.timedelta(seconds=12)
#: The complaint of the fifty that is recorded as an emergency, counted from 0.
EMERGENCY = 5
#: How long after the emergency the desk alerts, and then the site manager takes charge.
ANSWERED = datetime.timedelta(minutes=1)
#: How long after the first complaint the messages are counted: a night.
WATCHED = datetime.timedelta(hours=9)


@dataclass
class Told:
    """What one person got: alerts and gathered messages at their busiest address, and in the app."""

    person: Staff
    alerts: list[datetime.datetime] = field(default_factory=list)
    gathered: list[datetime.datetime] = field(default_factory=list)
    in_app: int = 0

    @property
    def messages(self) -> int:
        """How many messages: one counts once, by however many channels it goes."""
        return len(self.alerts) + len(self.gathered)


@dataclass(frozen=True)
class Outcome:
    """The storm: by person, and how long the emergency's first alert took."""

    told: list[Told]
    complaints: int
    emergency_at: datetime.datetime
    first_alert_at: datetime.datetime | None

    @property
    def most(self) -> int:
        """The most messages that anybody got."""
        return max((each.messages for each in self.told), default=0)

    @property
    def held(self) -> datetime.timedelta | None:
        """How long the emergency was held; zero where it left at once."""
        if self.first_alert_at is None:
            return None
        return self.first_alert_at - self.emergency_at


class NobodyThere(Exception):
    """The project has nobody who could record a complaint."""


def play(project: Project, at: datetime.datetime) -> Outcome:
    """The storm from `at` on. Raises NobodyThere; nothing of it stays in the database."""
    with transaction.atomic():
        outcome = _play(project, at)
        transaction.set_rollback(True)
    return outcome


def _play(project: Project, at: datetime.datetime) -> Outcome:
    seen = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    ours: list[int] = []
    notices_before = Notice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    envelopes_before = Envelope.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    clerk = _somebody(project, at)
    now, emergency = at, None
    answers: list[tuple[datetime.datetime, str, str]] = []
    for number in range(COMPLAINTS):
        now = at + number * APART
        grave = number == EMERGENCY
        data: dict[str, Any] = {
            "content": "地下车库积水，请尽快处理。",
            "severity": "emergency" if grave else "routine",
        }
        taken = lifecycle.take("receive", person=clerk, project=project, data=data, now=now)
        ours.append(taken.complaint.pk)
        if grave:
            emergency, matter = now, taken.complaint
            answers = [
                (now + ANSWERED, Position.FRONT_DESK, "alert"),
                (now + 2 * ANSWERED, Position.SITE_MANAGER, "take_charge"),
            ]
        if taken.complaint.status == "received":
            lifecycle.take("relay", person=clerk, complaint=taken.complaint, data={}, now=now)
        seen = _turn(seen, ours, now)
        while answers and answers[0][0] <= now:
            _moment, position, step = answers.pop(0)
            _answer(matter, position, step, now)
            seen = _turn(seen, ours, now)
    while (following_at := _next(ours)) is not None and following_at <= at + WATCHED:
        now = max(following_at, now + datetime.timedelta(milliseconds=1))
        seen = _turn(seen, ours, now)
    assert emergency is not None
    return _told(notices_before, envelopes_before, emergency)


def _answer(complaint: Complaint, position: str, step: str, now: datetime.datetime) -> None:
    """Whoever was called does what is theirs; where nobody holds the position it goes on calling."""
    held = holders.who(position, project_id=complaint.project_id, at=now)
    data = {"site_manager": True} if step == "alert" else {}
    if held:
        fresh = Complaint.objects.select_related("project").get(pk=complaint.pk)
        lifecycle.take(step, person=held[0], complaint=fresh, data=data, now=now)


def _somebody(project: Project, at: datetime.datetime) -> Staff:
    """Whoever would write it down: somebody who is not the desk, so that the desk has to hear of it."""
    posts = Post.objects.held_on(timezone.localdate(at)).filter(
        position__in=[str(each) for each in EVERY_EMPLOYEE], project=project
    )
    other = posts.exclude(position=Position.FRONT_DESK).select_related("staff").first()
    found = other or posts.select_related("staff").first()
    if found is None:
        raise NobodyThere
    holders.forget_positions(found.staff)
    return found.staff


def _turn(seen: int, ours: list[int], now: datetime.datetime) -> int:
    """What the loop does at that moment about these complaints; the last entry it took."""
    entries = list(
        Entry.objects.filter(pk__gt=seen, subject_type=SUBJECT, subject_id__in=ours).order_by("pk")
    )
    following.take(entries, now)
    escalating.fire(now, about=ours)
    for envelope in outgoing.collect(now, about=ours):
        Envelope.objects.filter(pk=envelope).update(state=Envelope.State.SENT, sent_at=now)
    return entries[-1].pk if entries else seen


def _next(ours: list[int]) -> datetime.datetime | None:
    waiting = Delivery.objects.filter(
        state=Delivery.State.WAITING, notice__complaint__in=ours
    ).aggregate(at=Min("send_at"))
    hop = Escalation.objects.filter(complaint__in=ours, next_at__isnull=False).aggregate(
        at=Min("next_at")
    )
    moments = [each for each in (waiting["at"], hop["at"]) if each is not None]
    return min(moments, default=None)


def _told(notices_before: int, envelopes_before: int, emergency: datetime.datetime) -> Outcome:
    told: dict[int, Told] = {}
    notices = Notice.objects.filter(pk__gt=notices_before).select_related("person")
    for notice in notices.order_by("pk"):
        each = told.setdefault(notice.person_id, Told(notice.person))
        each.in_app += 1
    by_address: dict[tuple[int, int | None], list[Envelope]] = {}
    for envelope in Envelope.objects.filter(pk__gt=envelopes_before).order_by("made_at", "pk"):
        by_address.setdefault((envelope.person_id, envelope.address_id), []).append(envelope)
    for (person_id, _address), envelopes in by_address.items():
        alerts = [each.made_at for each in envelopes if each.urgency == Urgency.EMERGENCY]
        gathered = [each.made_at for each in envelopes if each.urgency != Urgency.EMERGENCY]
        person = told[person_id]
        person.alerts = max(person.alerts, alerts, key=len)
        person.gathered = max(person.gathered, gathered, key=len)
    alerts_made = [
        notice.made_at for notice in notices if notice.kind == "alert" and notice.escalation_id
    ]
    first = min(alerts_made, default=None)
    ordered = sorted(told.values(), key=lambda each: (-each.messages, each.person.pk))
    return Outcome(ordered, COMPLAINTS, emergency, first)
