"""The demo company and its complaints, made by taking steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from shouwen.clocks.models import ClockRow
from shouwen.complaints import projection
from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.demo import complaints
from shouwen.demo.making import ensure
from shouwen.demo.sign_ins import sign_ins, staff_of
from shouwen.demo.stories import STORIES
from shouwen.organization import holders
from shouwen.organization.models import Company, Customer, Home, Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.records import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[tuple[int, int]]]:
    """The demo, made once for all tests of this file and taken back afterwards."""
    said: list[tuple[int, int]] = []
    with django_db_blocker.unblock(), transaction.atomic():
        assert ensure(lambda done, of: said.append((done, of)))
        yield said
        transaction.set_rollback(True)


def _complaint(subject: str) -> Complaint:
    return Complaint.objects.get(subject__contains=subject)


def _unstopped(complaint: Complaint) -> dict[str, ClockRow]:
    rows = ClockRow.objects.filter(
        subject_type="complaint", subject_id=complaint.pk, state=ClockRow.State.RUNNING
    )
    return {row.rule: row for row in rows}


def test_progress_is_told_step_by_step(made: list[tuple[int, int]]) -> None:
    steps = sum(len(story.acts) for story in STORIES)
    assert made == [(done, steps) for done in range(1, steps + 1)]


def test_it_is_made_once() -> None:
    assert not ensure(lambda done, of: None)
    assert Company.objects.count() == 1
    assert Complaint.objects.count() == len(STORIES)


def test_two_projects_one_without_developer_whose_duties_quality_holds() -> None:
    jx, yh = Project.objects.get(code="JX"), Project.objects.get(code="YH")
    assert jx.developer is not None and yh.developer is None
    assert [each.username for each in holders.who("developer_service", project_id=jx.pk)] == [
        "developer-service"
    ]
    assert [each.username for each in holders.who("developer_service", project_id=yh.pk)] == [
        "quality"
    ]
    for project in (jx, yh):
        for position in ("front_desk", "centre_head", "site_manager", "company_leader"):
            assert holders.who(position, project_id=project.pk)
        departments = {each.code for each in project.departments.all()}
        assert departments == {
            f"{project.code.lower()}-{each}"
            for each in ("engineering", "order", "environment", "customer-service", "finance")
        }
        for code in departments:
            assert holders.who("department_head", project_id=project.pk, department_code=code)


def test_nobody_in_it_is_a_person() -> None:
    assert Home.objects.filter(project__code="JX").count() >= 6 * 2 * 10
    assert 35 <= Customer.objects.count() <= 45
    for customer in Customer.objects.select_related("home"):
        assert customer.home is not None
        assert customer.name == f"{customer.home.label} {customer.get_relation_display()}"
        assert customer.telephone.startswith("1380000")


def test_the_ledgers_verify_and_the_rows_are_what_they_amount_to() -> None:
    assert ledger.verify() == []
    for complaint in Complaint.objects.all():
        assert projection.differences(complaint.pk) == []


def test_complaints_are_of_many_kinds_and_stand_at_many_stations() -> None:
    found = list(Complaint.objects.all())
    assert {each.severity for each in found} == set(Severity)
    assert {each.status for each in found} >= set(Status) - {Status.MERGED, Status.VISITED}
    assert len({each.channel for each in found}) >= len(Channel) - 3
    assert len({each.category for each in found}) >= 12
    assert all(each.completeness >= 90 for each in found)
    satisfaction = Counter(each.satisfaction for each in found if each.satisfaction)
    assert len(satisfaction) >= 3


@pytest.mark.parametrize(
    ("subject", "rule", "holder"),
    [
        ("水管爆裂", "R2.handle", "department"),
        ("水管爆裂", "R6.report", "site_manager"),
        ("外墙渗水", "R7.verify", "developer_service"),
        ("垃圾桶边异味", "R5.visit", "front_desk"),
        ("走廊灯不亮", "R2.dispatch", "front_desk"),
        ("墙砖脱落", "H.lead", "site_manager"),
        ("电梯机房", "H.tell", "front_desk"),
        ("临停不该收费", "H.mediate", "department_head"),
        ("赔偿自行车", "H.confirm", "centre_head"),
        ("掉水泥块", "H.approve", "department_head"),
        ("狗整天叫", "H.urge", "centre_head"),
        ("识别不了车牌", "R2.dispatch", "front_desk"),
        ("草坪积水", "R2.dispatch", "front_desk"),
        ("刮坏入户门", "R1.relay", "first_contact"),
        ("水压小", "R2.handle", "department"),
    ],
)
def test_somebody_has_a_clock_that_is_not_yet_late(subject: str, rule: str, holder: str) -> None:
    clock = _unstopped(_complaint(subject))[rule]
    assert clock.holder == holder
    assert clock.due_at > timezone.now()


def test_one_dispatch_is_overdue_and_was_announced_on_the_minute() -> None:
    complaint = _complaint("楼上夜里弹琴")
    clock = _unstopped(complaint)["R2.dispatch"]
    assert clock.due_at < timezone.now()
    announced = [
        entry
        for entry in ledger.entries("complaint", complaint.pk)
        if entry.kind == "breached" and entry.facts["rule"] == "R2.dispatch"
    ]
    assert [entry.recorded_at for entry in announced] == [clock.due_at]


def test_the_late_are_late_for_good_and_nothing_else_is() -> None:
    breached = ClockRow.objects.filter(state=ClockRow.State.BREACHED)
    late = {(row.subject_id, row.rule) for row in breached}
    charged = _complaint("水费重复扣款")
    assert late == {(charged.pk, "R2.dispatch"), (charged.pk, "R5.feedback")}


def test_nothing_that_was_due_is_left_unfired() -> None:
    complaints.fire_until(timezone.now())
    assert not ClockRow.objects.filter(next_fire_at__lte=timezone.now()).exists()


def test_the_subject_of_a_complaint_does_not_see_it() -> None:
    complaint = _complaint("东门岗态度")
    assert complaint.about is not None and complaint.confidential
    assert complaint not in visible_to(complaint.about, Complaint)
    assert complaint in visible_to(Staff.objects.get(username="order-head"), Complaint)


def test_one_click_sign_ins_are_listed_with_position_and_project() -> None:
    listed = {each.staff.username: each for each in sign_ins()}
    assert len(listed) == Staff.objects.count()
    assert (listed["front-desk-1"].position, listed["front-desk-1"].project) == (
        "客户中心前台",
        "锦绣家园",
    )
    assert listed["company-leader"].project == ""
    assert listed["quality"].position == "品质部、开发商客服部"
    assert not any(each.staff.has_usable_password() for each in listed.values())
    out = StringIO()
    call_command("demo", "--signins", stdout=out)
    line = next(line for line in out.getvalue().splitlines() if line.startswith("front-desk-1 "))
    assert "前台一号岗" in line and "客户中心前台" in line and "锦绣家园" in line


def test_the_command_makes_nothing_twice() -> None:
    out = StringIO()
    call_command("demo", "--ensure", stdout=out)
    assert out.getvalue() == ""
    assert Company.objects.count() == 1


def test_outside_demo_mode_there_is_no_sign_in_by_click(settings: Any) -> None:
    assert staff_of("front-desk-1") == Staff.objects.get(username="front-desk-1")
    assert staff_of("no-such-post") is None
    Staff.objects.create_user("real-person", name="正式员工岗")
    assert staff_of("real-person") is None

    settings.SHOUWEN_DEMO = False
    assert sign_ins() == []
    assert staff_of("front-desk-1") is None
    for option in ("--ensure", "--signins"):
        with pytest.raises(CommandError, match="SHOUWEN_DEMO"):
            call_command("demo", option)


def test_the_command_wants_to_know_what_to_do() -> None:
    with pytest.raises(CommandError, match="--ensure"):
        call_command("demo")
