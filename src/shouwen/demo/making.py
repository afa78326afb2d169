"""Making the demo once, in an empty database; a making that was broken off goes on where it was."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from shouwen.clocks import heartbeat
from shouwen.demo import company, complaints, contacts, roster
from shouwen.demo.models import Making
from shouwen.organization.models import Company

SEED = 1
#: Seconds after which a transaction takes no more steps: a long one holds back everybody who
#: follows the ledger.
LONGEST = 1.0

Say = Callable[[int, int], None]


class CannotMake(RuntimeError):
    """The demo cannot be made here; the message says why, for whoever keeps the machine."""


def ensure(say: Say, *, seed: int = SEED, now: datetime | None = None) -> bool:
    """Make the demo company and its complaints where there is no company at all.

    `seed` decides the course of the simulated centre, `now` (default: now) the moment from which
    everything is told: the same two give the same ledgers but for salts and hashes. Where a start
    was killed in between, it goes on by the seed and moment of then. `say` hears how many steps of
    how many are taken. Returns whether anything was made.

    Raises CannotMake where another version of the demo was begun and never finished, or where
    somebody keeps time here already.
    """
    with translation.override("zh-hans"):
        making = Making.objects.filter(finished_at=None).first() or _begin(seed, now)
        if making is None:
            return False
        _go_on(making, say)
    return True


def _begin(seed: int, now: datetime | None) -> Making | None:
    """The company, and the note of what is to be enacted in it; None where there is a company."""
    if Company.objects.exists():
        return None
    moment = (now or timezone.now()).astimezone(UTC)
    course = complaints.digest(complaints.scenes(moment, complaints.stories(seed, moment)))
    with transaction.atomic():
        company.found()
        roster.draw_up(moment)
        return Making.objects.create(seed=seed, moment=moment, course=course)


def _go_on(making: Making, say: Say) -> None:
    told = complaints.stories(making.seed, making.moment)
    played = complaints.scenes(making.moment, told)
    if complaints.digest(played) != making.course:
        raise CannotMake(
            _("这里有另一个版本的演示只建到一半，无法接着建；请换一个空的目录（SHOUWEN_HOME）")
        )
    if heartbeat.health().timekeepers:
        # What was due months ago would be fired today, among the steps of then.
        raise CannotMake(_("后台服务正在运行；请先停止，再建立演示公司"))
    stage = complaints.Stage(told, {int(place): pk for place, pk in making.complaints.items()})
    while making.finished_at is None:
        with transaction.atomic():
            _take_some(making, played, stage, say)


def _take_some(
    making: Making, played: list[complaints.Scene], stage: complaints.Stage, say: Say
) -> None:
    began = time.monotonic()
    for scene in played[making.taken :]:
        stage.enact(scene)
        making.taken += 1
        say(making.taken, len(played))
        if time.monotonic() - began > LONGEST:
            break
    making.complaints = {place: made.pk for place, made in stage.complaints.items()}
    if making.taken == len(played):
        contacts.enact(making.moment)
        complaints.fire_until(making.moment)
        making.finished_at = timezone.now()
    making.save(update_fields=["taken", "complaints", "finished_at"])
