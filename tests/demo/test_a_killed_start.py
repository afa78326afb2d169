"""A first start that is killed while the demo is made goes on where it was, to the same end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from shouwen.clocks import heartbeat
from shouwen.complaints.models import Complaint
from shouwen.demo import complaints, making
from shouwen.demo.making import CannotMake, ensure
from shouwen.demo.models import Making
from shouwen.demo.stories import STORIES
from shouwen.demo.stories.telling import Story
from shouwen.organization.models import Company, Staff
from shouwen.records.models import Entry

pytestmark = pytest.mark.django_db


class Killed(BaseException):
    """Stands for the end of the process."""


def kill_after(steps: int) -> Callable[[int, int], None]:
    def say(done: int, of: int) -> None:
        if done > steps:
            raise Killed

    return say


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> Sequence[Story]:
    """Three complaints, and each step in a transaction of its own."""
    told = tuple(
        story
        for story in STORIES
        if story.acts[0].data["subject"] in ("道闸识别不了车牌", "垃圾桶边异味", "楼下草坪积水")
    )
    monkeypatch.setattr(complaints, "stories", lambda seed, now: told)
    monkeypatch.setattr(making, "LONGEST", 0)
    return told


def _course() -> list[tuple[Any, ...]]:
    """What happened, without salts, hashes and the ids of rows."""
    staff = dict(Staff.objects.values_list("pk", "username"))
    numbers = dict(Complaint.objects.values_list("pk", "number"))
    return [
        (
            # The others' numbers go on from those of the making that was rolled back.
            numbers[each.subject_id] if each.subject_type == "complaint" else each.subject_type,
            each.number,
            each.kind,
            each.occurred_at,
            each.recorded_at,
            staff.get(each.actor_id or 0),
            each.facts.get("due_at"),
            sorted(each.facts),
            sorted(each.digests),
        )
        for each in Entry.objects.order_by("pk")
    ]


def _made_in_one_go(now: datetime) -> list[tuple[Any, ...]]:
    with transaction.atomic():
        assert ensure(lambda done, of: None, now=now)
        course = _course()
        transaction.set_rollback(True)
    return course


def test_it_goes_on_by_the_seed_and_moment_of_then_to_the_same_ledgers(
    few: Sequence[Story],
) -> None:
    then = timezone.now()
    course = _made_in_one_go(then)
    received = {number for number, _entry, kind, *_rest in course if kind == "received"}
    # One of the contacts becomes a complaint.
    assert len(received) == len(few) + 1

    for steps in (0, 4, 11):
        with pytest.raises(Killed):
            ensure(kill_after(steps), seed=1, now=then)
        making = Making.objects.get()
        assert making.taken == steps and making.finished_at is None
    assert ensure(lambda done, of: None, seed=2)
    assert _course() == course
    assert Company.objects.count() == 1
    assert not ensure(kill_after(0))


def test_a_start_killed_before_anything_was_made_begins_afresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*args: object, **fields: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Making.objects, "create", killed)
        with pytest.raises(Killed):
            ensure(lambda done, of: None)
    assert not Company.objects.exists() and not Staff.objects.exists()
    assert ensure(lambda done, of: None)


def test_no_demo_is_made_beside_somebody_who_keeps_time() -> None:
    heartbeat.begin("test", timezone.now())
    with pytest.raises(CannotMake, match="先停止"):
        ensure(lambda done, of: None)


def test_half_a_demo_of_another_version_is_not_gone_on_with(
    monkeypatch: pytest.MonkeyPatch, few: Sequence[Story]
) -> None:
    with pytest.raises(Killed):
        ensure(kill_after(2))
    monkeypatch.setattr(complaints, "stories", lambda seed, now: few[:2])
    with pytest.raises(CannotMake, match="SHOUWEN_HOME"):
        ensure(lambda done, of: None)
