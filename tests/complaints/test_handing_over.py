"""Somebody leaves or moves: nothing they did is lost, and what they held goes to a successor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from shouwen.clocks import reading
from shouwen.complaints import lifecycle
from shouwen.complaints.models import Complaint
from shouwen.complaints.projection import SUBJECT
from shouwen.demo import company
from shouwen.organization import changing
from shouwen.organization.changing import Change, Refused
from shouwen.organization.duty import Delegation, Shift
from shouwen.organization.models import Post, Project, Staff
from shouwen.records import ledger
from shouwen.records.models import Access

pytestmark = pytest.mark.django_db


def person(username: str) -> Staff:
    return Staff.objects.get(username=username)


def taken_by(username: str, project: str = "JX") -> Complaint:
    """A complaint whose first contact is that person, no front desk."""
    return lifecycle.take(
        "receive",
        person=person(username),
        project=Project.objects.get(code=project),
        data={"content": "楼道灯不亮", "category": "power"},
    ).complaint


def change(who: str, *, leaving: bool = True, to: str = "", **more: object) -> Change:
    staff = person(who)
    found = Change(
        person=staff,
        by=person("administrator"),
        posts=list(changing.open_posts(staff)),
        last_day=timezone.localdate(),
        leaving=leaving,
        reason="另有任用",
    )
    if to:
        found.successors = {each.kind.name: person(to) for each in changing.held(found)}
    for name, value in more.items():
        setattr(found, name, value)
    return found


@pytest.fixture(autouse=True)
def _company(db: None) -> None:
    company.found()


def test_leaving_hands_over_complaints_clocks_shifts_and_closes_the_account() -> None:
    complaint = taken_by("steward-1")
    leaver, successor = person("steward-1"), person("front-desk-1")
    post = leaver.posts.get()
    start = timezone.now() + timedelta(days=2)
    Shift.objects.create(
        staff=leaver,
        position=post.position,
        project=post.project,
        starts_at=start,
        ends_at=start + timedelta(hours=8),
    )
    Delegation.objects.create(
        person=person("centre-head"),
        stand_in=leaver,
        since=start,
        until=start + timedelta(days=1),
        made_by=leaver,
        made_at=start,
    )
    assert reading.held_by(leaver).filter(person_id=leaver.pk).exists()
    leaving = change("steward-1", to="front-desk-1", taking_posts={post.pk: successor})
    assert {each.kind.name: each.number for each in changing.held(leaving)} == {
        "first_contact": 1,
        "shifts": 1,
        "delegations": 1,
    }
    changing.carry_out(leaving)
    complaint.refresh_from_db()
    assert complaint.first_contact == successor
    entries = ledger.entries(SUBJECT, complaint.pk)
    assert entries[0].actor_id == leaver.pk
    assert (entries[-1].kind, entries[-1].actor_id) == ("transferred", person("administrator").pk)
    assert not reading.running().filter(person_id=leaver.pk).exists()
    assert reading.running().filter(person_id=successor.pk).exists()
    assert Shift.objects.get().staff == successor
    assert Delegation.objects.get().stand_in == successor
    leaver.refresh_from_db()
    assert not leaver.is_active
    assert leaver.posts.get().until == timezone.localdate()
    assert successor.posts.filter(position=post.position, until=None).exists()
    noted = Access.objects.get(action="staff_left")
    assert noted.subject_id == leaver.pk
    assert noted.facts["handed"]["first_contact"] == 1


def test_nothing_moves_without_a_successor_and_nothing_half() -> None:
    complaint = taken_by("steward-1")
    with pytest.raises(Refused) as refused:
        changing.carry_out(change("steward-1"))
    assert refused.value.field == "first_contact"
    # A successor who does not work in the project.
    post = Post.objects.filter(project__code="YH").exclude(staff__posts__project=None).first()
    assert post is not None
    with pytest.raises(Refused) as refused:
        changing.carry_out(change("steward-1", to=post.staff.username))
    assert refused.value.field == "first_contact"
    complaint.refresh_from_db()
    assert complaint.first_contact == person("steward-1")
    assert person("steward-1").is_active
    assert not person("steward-1").posts.exclude(until=None).exists()


def test_moving_keeps_what_lies_in_projects_that_one_still_works_for() -> None:
    complaint = taken_by("steward-1")
    staff = person("steward-1")
    jx = Project.objects.get(code="JX")
    old = staff.posts.get()
    Post.objects.create(staff=staff, position="front_desk", project=jx, since=timezone.localdate())
    moving = change("steward-1", leaving=False, posts=[old])
    assert changing.held(moving) == []
    changing.carry_out(moving)
    complaint.refresh_from_db()
    assert complaint.first_contact == staff
    old.refresh_from_db()
    assert old.until == timezone.localdate()
    assert person("steward-1").is_active


def test_the_last_administrator_stays_and_reasons_are_asked_for() -> None:
    with pytest.raises(Refused, match="最后一位系统管理员"):
        changing.carry_out(change("administrator", by=person("administrator")))
    with pytest.raises(Refused) as refused:
        changing.carry_out(change("steward-1", reason=" "))
    assert refused.value.field == "reason"
    with pytest.raises(Refused) as refused:
        changing.carry_out(change("steward-1", last_day=timezone.localdate() + timedelta(days=1)))
    assert refused.value.field == "last_day"
    # Human resources close no administrator's account.
    with pytest.raises(Refused) as refused:
        changing.carry_out(change("administrator", by=person("human-resources")))
    assert refused.value.field == "posts"
