"""Mentions in internal notes, and watching a complaint: who hears of it, and who is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.complaints.conftest import Centre, centre  # noqa: F401 (a fixture)

from shouwen.complaints.refusals import InvalidData
from shouwen.notices import following, watching
from shouwen.notices.models import Notice, Watch
from shouwen.records import ledger
from shouwen.records.models import Entry


@pytest.fixture
def desk(centre: Centre) -> Centre:  # noqa: F811
    centre.now = timezone.now() - timedelta(minutes=30)
    centre.receive()
    return centre


def heard(desk: Centre) -> set[tuple[str, str]]:
    following.take(list(Entry.objects.order_by("pk")))
    return set(Notice.objects.values_list("person__name", "kind"))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@jx centre_head 请看一下", "jx centre_head"),
        ("请＠客户中心负责人看一下", "jx centre_head"),
        ("@Site manager：费用较高", "jx site_manager"),
        ("@jx front_desk,@jx second_clerk 交班", "jx second_clerk"),
    ],
)
def test_whoever_is_named_in_a_note_is_told(desk: Centre, text: str, who: str) -> None:
    desk.take("front_desk", "note", text=text)
    assert (who, "mentioned") in heard(desk)
    told = {name for name, kind in heard(desk) if kind == "mentioned"}
    assert "jx front_desk" not in told  # who wrote it


def test_a_department_is_named_once_it_is_dispatched_to(desk: Centre) -> None:
    with pytest.raises(InvalidData) as refused:
        desk.take("front_desk", "note", text="@jx engineering 带梯子")
    assert "看不到这件投诉" in refused.value.errors["text"][0]
    due = (desk.now + timedelta(hours=8)).isoformat()
    desk.take("front_desk", "dispatch", department="jx-engineering", due_at=due)
    desk.take("front_desk", "note", text="@jx engineering 带梯子")
    assert ("jx engineering_member", "mentioned") in heard(desk)
    assert ("jx order_member", "mentioned") not in heard(desk)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("@jx order_member 看看", "jx order_member看不到这件投诉"),
        ("@开发商客服部 看看", "看不到这件投诉"),
        ("@查无此人，看看", "没有叫“查无此人”的"),
    ],
)
def test_a_mention_of_somebody_who_may_not_see_it_is_refused_in_words(
    desk: Centre, text: str, why: str
) -> None:
    with pytest.raises(InvalidData) as refused:
        desk.take("front_desk", "note", text=text)
    assert why in refused.value.errors["text"][0]
    assert desk.complaint is not None
    kinds = [each.kind for each in ledger.entries("complaint", desk.complaint.pk)]
    assert "noted" not in kinds


def test_the_person_complained_about_cannot_be_named(centre: Centre) -> None:  # noqa: F811
    centre.receive(about=centre.staff["engineering_member"].pk)
    with pytest.raises(InvalidData):
        centre.take("front_desk", "note", text="@jx engineering_member 说明情况")


def test_an_address_in_a_note_names_nobody_and_a_note_may_be_taken_back(desk: Centre) -> None:
    desk.take("front_desk", "note", text="发到 desk@example.cn 了")
    desk.take("front_desk", "note", text="@jx centre_head 错了")
    assert desk.complaint is not None
    last = ledger.entries("complaint", desk.complaint.pk)[-1]
    assert last.facts["mentioned"] == [desk.staff["centre_head"].pk]
    desk.take("front_desk", "retract", entry=last.number)


def test_whoever_watches_hears_of_each_step_when_there_is_time(desk: Centre) -> None:
    assert desk.complaint is not None
    quality = desk.person("quality")
    assert watching.watch(quality, desk.complaint)
    assert watching.watch(quality, desk.complaint)
    assert Watch.objects.count() == 1
    assert watching.watchers(desk.complaint) == [quality]
    desk.take("front_desk", "urge")
    heard(desk)
    desk.take("front_desk", "note", text="客户很着急")
    heard(desk)
    notice = Notice.objects.get(person=quality, kind="watched")
    assert notice.urgency == "later" and notice.times > 1
    watching.unwatch(quality, desk.complaint)
    Notice.objects.all().delete()
    desk.take("front_desk", "note", text="再来一次")
    assert ("jx quality", "watched") not in heard(desk)


def test_nobody_watches_what_they_may_not_see(desk: Centre) -> None:
    assert desk.complaint is not None
    assert not watching.watch(desk.person("order_member"), desk.complaint)
    assert not Watch.objects.exists()
