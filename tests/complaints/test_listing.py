"""Lists: each row once whatever the page, as many queries for many rows as for few."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.complaints.conftest import MONDAY, Centre

from shouwen.clocks import calendars, projection, reading, upkeep
from shouwen.clocks.versions import SETTLING
from shouwen.complaints import history, listing, rules, walking
from shouwen.complaints.history import Kept
from shouwen.complaints.listing import Asked, Found
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.organization.structure import appoint
from shouwen.regulation.durations import Decision

NOW = MONDAY + datetime.timedelta(days=3)


def bring_in(centre: Centre, count: int, first: int = 0) -> list[Complaint]:
    """History: seven complaints at each moment, every third about a lift."""
    rows = [
        Kept(
            external_id=f"old:{place}",
            received_at=MONDAY - datetime.timedelta(days=1 + place // 7),
            content="电梯异响" if place % 3 == 0 else "楼道有垃圾",
            category="lift" if place % 3 == 0 else "cleaning",
        )
        for place in range(first, first + count)
    ]
    return history.bring_in(centre.project, rows, now=MONDAY)


def receive_several(centre: Centre, count: int = 5) -> list[Complaint]:
    """Open complaints, all of one moment and so with one due time."""
    return [centre.receive(content=f"第{place}件：电梯异响") for place in range(count)]


def pages(person: Staff, asked: Asked, limit: int) -> Iterator[Found]:
    """All pages onwards."""
    after = ""
    while True:
        page = listing.find(person, asked, after=after, now=NOW, limit=limit)
        yield page
        if not page.after:
            return
        after = page.after


def keys(found: Found) -> list[int]:
    return [row.pk for row in found.rows]


def expected(person: Staff, asked: Asked) -> list[int]:
    """The list read whole, without pages."""
    sort = listing.SORTS[asked.sort]
    found = listing.matching(person, asked, NOW)
    if sort.column == "next_due_at":
        found = found.exclude(next_due_at=None)
    sign = "-" if sort.falling else ""
    return list(found.order_by(f"{sign}{sort.column}", f"{sign}pk").values_list("pk", flat=True))


@pytest.mark.parametrize("sort", listing.SORTS)
@pytest.mark.parametrize("words", ["", "电梯", "第3件", "没有这个"])
def test_every_row_stands_on_one_page_onwards_and_backwards(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, sort: str, words: str
) -> None:
    # So few that all ways of looking for words are gone.
    for name, value in {"FIRST": 3, "MORE": 6, "MOST": 9}.items():
        monkeypatch.setattr(walking, name, value)
    bring_in(centre, 40)
    receive_several(centre)
    asked = Asked(words=words, sort=sort)
    for word in ("front_desk", "steward"):
        person = centre.person(word)
        wanted = expected(person, asked)
        seen = list(pages(person, asked, limit=4))
        assert [pk for page in seen for pk in keys(page)] == wanted
        assert seen[0].before == ""
        assert bool(seen[-1].before) is (len(seen) > 1)
        for earlier, later in pairwise(seen):
            back = listing.find(person, asked, before=later.before, now=NOW, limit=4)
            assert (keys(back), bool(back.before)) == (keys(earlier), earlier is not seen[0])
            onwards = listing.find(person, asked, after=back.after, now=NOW, limit=4)
            assert keys(onwards) == keys(later)
        assert [
            row.pk for part in listing.every(person, asked, now=NOW, chunk=7) for row in part
        ] == wanted
    assert wanted == []  # the steward took none of them


def test_words_are_found_in_the_days_before_the_page_and_long_before(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "FIRST", 2)
    monkeypatch.setattr(walking, "MORE", 3)
    days = [0, 1, 2, 3, 40, 75, 400, 4000]
    rows = [
        Kept(
            external_id=f"old:{day}-{place}",
            received_at=MONDAY - datetime.timedelta(days=day, hours=place),
            content="泵房漏油" if day not in (0, 2) and place == 0 else "楼道有垃圾",
        )
        for day in days
        for place in range(3)
    ]
    history.bring_in(centre.project, rows, now=MONDAY)
    person = centre.person("front_desk")
    for sort in ("newest", "oldest"):
        for limit in (1, 2, 4, 50):
            asked = Asked(words="泵房漏油", sort=sort)
            found = [pk for page in pages(person, asked, limit) for pk in keys(page)]
            assert found == expected(person, asked)
            assert len(found) == 6


def test_a_mark_that_is_none_begins_at_the_start(centre: Centre) -> None:
    receive_several(centre, 3)
    person, asked = centre.person("front_desk"), Asked()
    first = listing.find(person, asked, limit=2)
    for mark in (
        "nothing",
        "2026-03-02_1",
        "2026-13-45T00:00:00+00:00_1",
        "²",
        f"{NOW.isoformat()}_²",
    ):
        assert keys(listing.find(person, asked, after=mark, limit=2)) == keys(first)
        assert keys(listing.find(person, asked, before=mark, limit=2)) == keys(first)


def test_what_may_be_asked_for_narrows_the_list(centre: Centre) -> None:
    centre.receive("steward", content="电梯停了", category="lift", severity="emergency")
    lift = centre.complaint
    assert lift is not None
    centre.receive(content="道闸坏了", category="parking", channel="chat")
    gate = centre.complaint
    assert gate is not None
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.wait(minutes=4)
    old = bring_in(centre, 2)[0]
    centre.take("front_desk", "urge", words="客户又来问")
    person = centre.person("front_desk")
    everything = {lift.pk, gate.pk, old.pk, old.pk + 1}

    def found(who: Staff = person, **chosen: str) -> set[int]:
        asked = listing.asked({name: [value] for name, value in chosen.items()})
        return set(keys(listing.find(who, asked, now=centre.now)))

    assert found() == everything
    assert found(**{"is": "open"}) == {lift.pk, gate.pk}
    assert found(**{"is": "late"}) == {lift.pk}
    assert found(**{"is": "urged"}) == {gate.pk}
    assert found(**{"is": "imported"}) == {old.pk, old.pk + 1}
    assert found(**{"is": "no such"}) == found(category="no-such") == found(project="XX") == set()
    assert found(project="JX") == everything
    assert found(severity="emergency") == {lift.pk}
    assert found(status="at_work") == {gate.pk}
    assert found(channel="chat") == {gate.pk}
    assert found(category="parking") == {gate.pk}
    assert found(category="facility") == {lift.pk, old.pk}
    assert found(department="jx-engineering") == {gate.pk}
    assert found(first_contact="me") == {gate.pk}
    assert found(first_contact=str(centre.staff["steward"].pk)) == {lift.pk}
    assert found(since="2026-03-02") == {lift.pk, gate.pk}
    assert found(until="2026-03-01") == {old.pk, old.pk + 1}
    assert found(since="2026-02-30") == found(home="²") == set()
    assert found(q="电梯", category="lift", **{"is": "open"}) == {lift.pk}
    assert found(centre.person("steward"), q="电梯") == {lift.pk}
    assert listing.count(person, Asked()) == 4
    assert listing.count(person, Asked(), most=3) == 3
    assert listing.count(person, Asked(words="电梯")) == 2


def test_as_many_queries_for_many_rows_as_for_few(centre: Centre) -> None:
    asks = [
        Asked(words=words, chosen=chosen, sort=sort)
        for words in ("", "电梯")
        for chosen in ({}, {"is": ("open",), "category": ("lift",)}, {"home": ("1",)})
        for sort in ("newest", "due")
    ]

    def queries(word: str) -> list[int]:
        found = []
        for asked in asks:
            person = centre.person(word)
            with CaptureQueriesContext(
                connection,
            ) as captured:
                listing.find(person, asked, now=NOW)
            found.append(len(captured))
        return found

    bring_in(centre, 10)
    few = {word: queries(word) for word in ("front_desk", "steward", "engineering_member")}
    bring_in(centre, 190, first=10)
    assert {word: queries(word) for word in few} == few
    assert max(count for counts in few.values() for count in counts) <= 7


# -- who sees what, read share by share


def test_the_shares_are_together_what_one_sees(centre: Centre) -> None:
    other = Project.objects.create(company=centre.project.company, code="YH", name="别处")
    mover = centre.staff["engineering_member"]
    centre.receive("steward", needs_developer=True)
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_head", "accept", department="jx-engineering")
    centre.take("engineering_head", "assign", department="jx-engineering", member=mover.pk)
    centre.receive("second_clerk", about=centre.staff["site_manager"].pk)
    centre.receive(severity="emergency")
    centre.take("front_desk", "alert", departments=["jx-order"])
    centre.take("site_manager", "escalate_to_company", spoke_to="公司主管领导", reason="需要支援")
    post = mover.posts.get()
    post.until = datetime.date(2026, 1, 1)
    post.save()
    appoint(mover, "employee", project=other, since=datetime.date(2026, 1, 1))
    appoint(centre.staff["steward"], "front_desk", project=other, since=datetime.date(2026, 1, 1))

    seen = {}
    for word in centre.staff:
        person = centre.person(word)
        found = Complaint.objects.exclude(about=person)
        by_share = set[int]()
        for share in rules.shares_of(person):
            by_share |= set(found.filter(share).values_list("pk", flat=True))
        seen[word] = set(visible_to(person, Complaint).values_list("pk", flat=True))
        assert by_share == seen[word], word
    assert len(seen["front_desk"]) == 3
    assert len(seen["steward"]) == len(seen["engineering_member"]) == len(seen["order_member"]) == 1


# -- the next due time


def due(complaint: Complaint) -> datetime.datetime | None:
    """What the row says; it must be what the clocks say."""
    said = Complaint.objects.get(pk=complaint.pk).next_due_at
    assert said == projection.soonest(reading.of_subject("complaint", complaint.pk))
    return said


def test_the_next_due_time_follows_the_clocks(centre: Centre) -> None:
    complaint = centre.receive("steward")
    first = due(complaint)
    assert first is not None
    centre.take("steward", "relay")
    second = due(complaint)
    assert second is not None and second != first
    centre.take("front_desk", "dispatch", department="jx-engineering")
    assert due(complaint) == centre.now + datetime.timedelta(hours=2)
    other = centre.take("front_desk", "split", content="还有一件", category="parking").others[0]
    assert due(other) is not None
    centre.complaint = complaint
    centre.take("front_desk", "withdraw", reason="客户撤回")
    assert due(complaint) is None
    assert due(bring_in(centre, 1)[0]) is None


def test_a_calendar_learned_later_moves_the_next_due_time_of_the_row(centre: Centre) -> None:
    complaint = centre.receive()
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_member", "complete", department="jx-engineering", result="已换灯管。")
    centre.take("front_desk", "inform_customer", told="正在处理。")
    visit = due(complaint)
    assert visit == datetime.datetime(2026, 3, 4, 16, tzinfo=datetime.UTC)  # two working days

    holiday = {datetime.date(2026, 3, 4): Decision(False, "停电检修")}
    assert calendars.decide(holiday, now=centre.now) is not None
    while upkeep.follow_calendar(centre.now + SETTLING):
        pass
    assert due(complaint) == visit + datetime.timedelta(days=1)
