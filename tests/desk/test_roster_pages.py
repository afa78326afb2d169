"""The duty roster in use: planned, its gaps shown and filled, swapped, handed over, read by a calendar."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import icalendar
import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from tests.desk.conftest import Office

from shouwen.organization import on_duty, repeating, scheduling, signing, standing_in, swapping
from shouwen.organization.models import (
    CalendarAddress,
    Delegation,
    Handover,
    Shift,
    Swap,
)
from shouwen.organization.repeating import Holidays, Plan, Turn
from shouwen.organization.scheduling import Place
from shouwen.records.models import Access
from shouwen.regulation.durations import WorkingCalendar

AtDesk = Callable[[str], Client]


@pytest.fixture
def place(office: Office) -> Place:
    return Place(office.project, "front_desk")


def tomorrow(hour: int, days: int = 1) -> datetime:
    tz = timezone.get_default_timezone()
    return datetime.combine(timezone.localdate() + timedelta(days=days), time(hour), tz)


def shift(office: Office, place: Place, who: str = "front-desk-1", days: int = 1) -> Shift:
    by = office.person("centre-head")
    return scheduling.add(place, office.person(who), tomorrow(8, days), tomorrow(20, days), by=by)


def test_a_shift_is_added_on_the_page_and_one_that_lies_across_is_asked_about(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    head = at_desk("centre-head")
    clerk = office.person("front-desk-1")
    said = {
        "who": f"front_desk:{clerk.pk}",
        "day": f"{tomorrow(0):%Y-%m-%d}",
        "begins": "20:00",
        "ends": "08:00",
    }
    assert head.post("/roster/of/JX/shifts/", said).status_code == 302
    made = Shift.objects.get()
    assert made.ends_at - made.starts_at == timedelta(hours=12)
    assert timezone.localtime(made.ends_at).hour == 8

    across = said | {"begins": "22:00", "ends": "23:00"}
    answer = head.post("/roster/of/JX/shifts/", across)
    assert answer.status_code == 422
    assert "时间重叠" in answer.content.decode()
    assert head.post("/roster/of/JX/shifts/", across | {"anyway": "1"}).status_code == 302
    assert Shift.objects.count() == 2
    assert Access.objects.filter(action="roster_changed").count() == 2


def test_only_who_holds_the_post_can_be_given_a_shift(office: Office, place: Place) -> None:
    with pytest.raises(ValidationError, match="不任"):
        shift(office, place, "engineering-1")
    with pytest.raises(ValidationError, match="已经过去"):
        shift(office, place, days=-3)


def test_what_is_over_stays_as_it_was(office: Office, place: Place) -> None:
    now = timezone.now()
    past = Shift.objects.create(
        project=place.project,
        position=place.position,
        staff=office.person("front-desk-1"),
        starts_at=now - timedelta(hours=9),
        ends_at=now - timedelta(hours=1),
    )
    with pytest.raises(ValidationError, match="留作记录"):
        scheduling.remove(past, by=office.person("centre-head"))


def test_a_gap_is_shown_before_it_happens_and_filled_by_one_click(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    shift(office, place)
    head = at_desk("centre-head")
    page = head.get("/roster/of/JX/").content.decode()
    assert "无人值班" in page
    found = re.search(
        r'name="place" value="([^"]+)"><input type="hidden" name="until" value="([^"]+)">', page
    )
    assert found
    gap = on_duty.gaps(place.project, timezone.now(), timezone.now() + timedelta(days=14))[0]
    filled = {
        "place": found[1],
        "until": found[2].replace("&#x2B;", "+"),
        "staff": office.person("front-desk-2").pk,
    }
    assert head.post("/roster/of/JX/fill/", filled).status_code == 302
    after = on_duty.gaps(place.project, timezone.now(), timezone.now() + timedelta(days=14))
    assert gap.until not in {each.until for each in after}
    assert at_desk("front-desk-1").post("/roster/of/JX/fill/", filled).status_code == 403


def test_a_month_shows_holidays_and_make_up_workdays(office: Office, at_desk: AtDesk) -> None:
    page = at_desk("front-desk-1").get("/roster/of/JX/?view=month&day=2026-10-01").content.decode()
    assert "国庆" in page
    assert "调休上班" in page


def test_people_take_turns_and_holidays_are_left_out(office: Office, place: Place) -> None:
    calendar = WorkingCalendar.from_holidays(2026, 2028, {})
    people = (office.person("front-desk-1"), office.person("front-desk-2"))
    first = date(2027, 9, 27)
    plan = Plan(
        place,
        people,
        first,
        first + timedelta(days=13),
        frozenset(range(7)),
        time(20),
        time(8),
        Turn.DAY,
        Holidays.SKIPPED,
    )
    found = repeating.planned(plan, calendar)
    days = [each.day for each in found]
    assert date(2027, 10, 1) not in days
    assert [each.staff for each in found[:3]] == [people[0], people[1], people[0]]
    number = repeating.make(plan, calendar, by=office.person("centre-head"))
    assert number == len(found) == Shift.objects.count()
    assert {each.problem for each in repeating.planned(plan, calendar)} == {"there"}

    series = Shift.objects.values_list("series", flat=True)[0]
    fifth = timezone.localtime(Shift.objects.order_by("starts_at")[4].starts_at)
    since = fifth.replace(hour=0)
    assert series is not None
    by = office.person("centre-head")
    changed = scheduling.change_series(series, since, begins=time(9), ends=time(17), by=by)
    assert changed == number - 4
    assert scheduling.remove_series(series, since, by=by) == number - 4
    assert Shift.objects.count() == 4


def test_a_plan_is_seen_before_it_is_made(office: Office, at_desk: AtDesk, place: Place) -> None:
    head = at_desk("centre-head")
    said = {
        "place": "front_desk",
        "staff": [office.person("front-desk-1").pk],
        "turn": "all",
        "holidays": "kept",
        "weekdays": ["0", "1", "2", "3", "4", "5", "6"],
        "first": f"{tomorrow(0):%Y-%m-%d}",
        "last": f"{tomorrow(0, 7):%Y-%m-%d}",
        "named": "23:00-07:00",
    }
    seen = head.post("/roster/of/JX/plan/", said)
    assert "将新排 7 个班次" in seen.content.decode()
    assert not Shift.objects.exists()
    assert head.post("/roster/of/JX/plan/", said | {"make": "1"}).status_code == 302
    assert Shift.objects.count() == 7


def test_a_colleague_agrees_and_the_shifts_change_hands(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    mine, theirs = shift(office, place), shift(office, place, "front-desk-2", 3)
    asked = at_desk("front-desk-1").post(
        f"/roster/swaps/ask/{mine.pk}/", {"against": theirs.pk, "reason": "家里有事"}
    )
    assert asked.status_code == 302
    swap = Swap.objects.get()
    assert at_desk("engineering-1").post(
        f"/roster/swaps/{swap.pk}/answer/", {"answer": "agree"}
    ).status_code in (403, 404)
    page = at_desk("front-desk-2").get("/roster/swaps/").content.decode()
    assert "家里有事" in page
    at_desk("front-desk-2").post(f"/roster/swaps/{swap.pk}/answer/", {"answer": "agree"})
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert (mine.staff.username, theirs.staff.username) == ("front-desk-2", "front-desk-1")
    assert Access.objects.filter(action__in=("swap_asked", "swap_answered")).count() == 2


def test_the_head_decides_a_swap_and_a_withdrawn_one_is_closed(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    mine = shift(office, place)
    clerk, other = office.person("front-desk-1"), office.person("front-desk-2")
    swap = swapping.ask(mine, other, by=clerk)
    with pytest.raises(ValidationError, match="等答复"):
        swapping.ask(mine, other, by=clerk)
    at_desk("front-desk-1").post(f"/roster/swaps/{swap.pk}/withdraw/")
    with pytest.raises(ValidationError, match="已经有结果"):
        swapping.agree(swap, by=other)
    again = swapping.ask(mine, other, by=clerk)
    at_desk("centre-head").post(f"/roster/swaps/{again.pk}/answer/", {"answer": "agree"})
    mine.refresh_from_db()
    assert mine.staff == other


def test_a_stand_in_is_named_on_the_page_and_ended_early(office: Office, at_desk: AtDesk) -> None:
    clerk, other = office.person("front-desk-1"), office.person("front-desk-2")
    mine = at_desk("front-desk-1")
    said = {
        "person": clerk.pk,
        "stand_in": other.pk,
        "since": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "until": f"{tomorrow(8):%Y-%m-%dT%H:%M}",
    }
    assert mine.post("/roster/stand-ins/", said | {"stand_in": clerk.pk}).status_code == 422
    assert mine.post("/roster/stand-ins/", said).status_code == 302
    assert mine.post("/roster/stand-ins/", said).status_code == 422  # overlaps
    made = Delegation.objects.get()
    assert on_duty.acting() == {clerk.pk: other.pk}
    assert other.name in at_desk("front-desk-2").get("/roster/stand-ins/").content.decode()
    assert mine.post(f"/roster/stand-ins/{made.pk}/end/").status_code == 302
    assert on_duty.acting() == {}
    with pytest.raises(ValidationError):
        gone = office.person("engineering-1")
        gone.is_active = False
        standing_in.name_stand_in(clerk, gone, timezone.now(), tomorrow(8), by=clerk)


def test_a_clerk_cannot_name_a_stand_in_for_the_head(office: Office, at_desk: AtDesk) -> None:
    said = {
        "person": office.person("centre-head").pk,
        "stand_in": office.person("front-desk-2").pk,
        "since": f"{timezone.localtime():%Y-%m-%dT%H:%M}",
        "until": f"{tomorrow(8):%Y-%m-%dT%H:%M}",
    }
    assert at_desk("front-desk-1").post("/roster/stand-ins/", said).status_code == 422
    assert not Delegation.objects.exists()


def test_a_shift_is_handed_over_on_a_sheet_that_both_sign(office: Office, at_desk: AtDesk) -> None:
    complaint = office.receive(name="业主甲", telephone="13800001002", confidential=True)
    mine, theirs = at_desk("front-desk-1"), at_desk("front-desk-2")
    assert complaint.number in mine.get("/roster/of/JX/hand-overs/new/").content.decode()
    refused = mine.post("/roster/of/JX/hand-overs/new/", {"remarks": "回 138 0000 1002"})
    assert refused.status_code == 422
    mine.post("/roster/of/JX/hand-overs/new/", {"remarks": "电梯已报修，等师傅"})
    sheet = Handover.objects.get()
    assert complaint.number in {each["number"] for each in sheet.items}
    assert set(sheet.items[0]) == {"number", "rule", "due_at", "claimed_by"}
    assert "业主甲" not in str(sheet.items)

    address = f"/roster/hand-overs/{sheet.pk}/"
    assert mine.post(address + "take/").status_code == 422
    assert at_desk("engineering-1").post(address + "take/").status_code == 422
    assert theirs.post(address + "take/").status_code == 302
    sheet.refresh_from_db()
    assert sheet.taken_by == office.person("front-desk-2")
    assert Access.objects.filter(facts__digest=signing.digest(sheet)).count() == 2
    assert "与签字时一致" in theirs.get(address).content.decode()
    printed = theirs.get(address + "?print=1").content.decode()
    assert complaint.number in printed
    assert "业主甲" not in printed

    Handover.objects.filter(pk=sheet.pk).update(remarks="改过")
    assert "不一致" in theirs.get(address).content.decode()
    assert at_desk("hj-front-desk-1").get(address).status_code == 404


def test_a_telephones_calendar_reads_the_shifts_by_a_private_address_until_it_is_revoked(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    mine = shift(office, place)
    shift(office, place, "front-desk-2", 2)
    clerk = at_desk("front-desk-1")
    page = clerk.post("/roster/addresses/", {"project": ""}).content.decode()
    found = re.search(r"/calendar/[\w-]+\.ics", page)
    assert found
    nobody = Client()
    answer = nobody.get(found[0])
    events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert [each.decoded("dtstart") for each in events] == [mine.starts_at.astimezone(UTC)]
    assert "客户中心前台" in events[0]["summary"]
    assert office.person("front-desk-1").name not in answer.content.decode()

    file = clerk.get("/roster/of/JX/roster.ics")
    assert len(icalendar.Calendar.from_ical(file.content).walk("VEVENT")) == 2

    kept = CalendarAddress.objects.get()
    assert found[0].split("/")[-1][:-4] not in kept.digest
    assert at_desk("front-desk-2").post(f"/roster/addresses/{kept.pk}/").status_code == 404
    clerk.post(f"/roster/addresses/{kept.pk}/")
    assert nobody.get(found[0]).status_code == 404
    assert nobody.get("/calendar/guessed.ics").status_code == 404


def test_another_projects_roster_is_not_there(office: Office, at_desk: AtDesk) -> None:
    clerk = at_desk("front-desk-1")
    assert clerk.get("/roster/of/HJ/").status_code == 404
    assert clerk.post("/roster/of/JX/shifts/").status_code == 403
    assert clerk.post("/roster/addresses/", {"project": "HJ"}).status_code == 403


def test_a_project_names_its_own_hours(office: Office, at_desk: AtDesk) -> None:
    head = at_desk("centre-head")
    assert "晚班" in head.get("/roster/of/JX/times/").content.decode()
    said = {"name": "门岗夜班", "begins": "19:30", "ends": "07:30"}
    head.post("/roster/of/JX/times/", said)
    page = head.get("/roster/of/JX/plan/").content.decode()
    assert "门岗夜班 19:30–07:30" in page
    assert head.post("/roster/of/JX/times/", said).status_code == 422


def test_a_shift_is_given_to_a_colleague_on_its_page(
    office: Office, at_desk: AtDesk, place: Place
) -> None:
    mine, other = shift(office, place), office.person("front-desk-2")
    head, address = at_desk("centre-head"), f"/roster/of/JX/shifts/{mine.pk}/"
    assert "修改这一班" in head.get(address).content.decode()
    said = {
        "who": f"front_desk:{other.pk}",
        "day": f"{tomorrow(0):%Y-%m-%d}",
        "begins": "09:00",
        "ends": "21:00",
    }
    assert at_desk("front-desk-1").post(address + "change/", said).status_code == 403
    assert head.post(address + "change/", said).status_code == 302
    mine.refresh_from_db()
    assert (mine.staff, timezone.localtime(mine.starts_at).hour) == (other, 9)
