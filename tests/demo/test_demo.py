"""The demo company and its complaints, made by taking steps."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from shouwen.clocks.models import ClockRow
from shouwen.clocks.rebuild import rebuild
from shouwen.complaints.models import Complaint, Incident
from shouwen.complaints.words import Channel, Severity, Status
from shouwen.demo import complaints, extending
from shouwen.demo.making import Say, ensure
from shouwen.demo.models import Making
from shouwen.demo.sign_ins import sign_ins, staff_of
from shouwen.demo.stories import STORIES
from shouwen.organization import holders
from shouwen.organization.models import Company, Customer, Home, Project, Staff
from shouwen.organization.permissions import visible_to
from shouwen.records import ledger
from shouwen.records.models import Attachment, Entry

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
    making = Making.objects.get()
    assert making.taken >= 500 and making.finished_at is not None
    assert made == [(done, making.taken) for done in range(1, making.taken + 1)]


def test_it_is_made_once() -> None:
    count = Complaint.objects.count()
    assert count >= 60
    assert not ensure(lambda done, of: None)
    assert Company.objects.count() == 1
    assert Complaint.objects.count() == count


def test_three_projects_one_without_developer_whose_duties_quality_holds() -> None:
    jx, yh, hj = (Project.objects.get(code=code) for code in ("JX", "YH", "HJ"))
    assert jx.developer is not None and hj.developer is not None and yh.developer is None
    assert jx.developer != hj.developer
    assert [each.username for each in holders.who("developer_service", project_id=jx.pk)] == [
        "developer-service"
    ]
    assert [each.username for each in holders.who("developer_service", project_id=yh.pk)] == [
        "quality"
    ]
    for project in (jx, yh, hj):
        for position in ("front_desk", "centre_head", "site_manager", "company_leader"):
            assert holders.who(position, project_id=project.pk)
        departments = {each.code for each in project.departments.all()}
        here = ["engineering", "order", "environment", "customer-service", "finance"]
        here += ["commerce"] if project == hj else []
        assert departments == {f"{project.code.lower()}-{each}" for each in here}
        for code in departments:
            assert holders.who("department_head", project_id=project.pk, department_code=code)


def test_nobody_in_it_is_a_person() -> None:
    assert Home.objects.filter(project__code="JX").count() >= 6 * 2 * 10
    shops = Home.objects.filter(project__code="HJ", room__startswith="商铺")
    assert shops.count() >= 10
    assert {each.relation for each in Customer.objects.filter(home__in=shops)} == {"shop"}
    assert Customer.objects.count() >= 60
    for customer in Customer.objects.select_related("home"):
        assert customer.home is not None
        assert customer.name == f"{customer.home.label} {customer.get_relation_display()}"
        assert customer.telephone.startswith("1380000")


def test_the_ledgers_verify_and_the_rows_are_what_they_amount_to() -> None:
    assert ledger.verify() == []
    assert list(rebuild()) == []


def test_complaints_are_of_every_kind_and_stand_at_every_station() -> None:
    found = list(Complaint.objects.all())
    assert {each.severity for each in found} == set(Severity)
    assert {each.status for each in found} == set(Status)
    # History is brought in by importing, not told.
    assert {each.channel for each in found} == set(Channel) - {Channel.IMPORT}
    assert {each.project.code for each in found} == {"JX", "YH", "HJ"}
    assert {each.satisfaction for each in found} == {None, 1, 2, 3, 4, 5}
    complete = [each for each in found if each.completeness >= 90]
    assert len(complete) >= 0.95 * len(found)


def test_something_out_of_the_ordinary_is_there_for_every_page() -> None:
    kinds = set(Entry.objects.values_list("kind", flat=True))
    assert kinds >= {
        *("withdrawn", "merged", "reopened", "mediated", "confirmed", "declined", "split"),
        *("delay_reported", "extended", "supervisor_called", "visit_attempted", "referred"),
        *("escalated_to_company", "escalated_to_board", "report_filed", "jointly_verified"),
        *("proposed", "approved", "refused", "verification_failed", "attached", "noted"),
        *("appointed", "investigated", "first_contact_informed", "warned", "breached"),
    }
    assert Complaint.objects.filter(confidential=True).count() >= 5
    assert Complaint.objects.exclude(about=None).count() >= 2
    assert Complaint.objects.filter(round__gt=1, closed_at__isnull=False).exists()
    assert {Path(each.name).suffix for each in Attachment.objects.all()} == {".jpg", ".txt"}
    assert all(each.entry is not None and each.path.exists() for each in Attachment.objects.all())


def test_most_limits_are_kept_and_some_are_broken() -> None:
    judged = Counter(ClockRow.objects.values_list("state", flat=True))
    met, breached = judged[ClockRow.State.MET], judged[ClockRow.State.BREACHED]
    assert 0.80 <= met / (met + breached) <= 0.95


def test_a_wave_of_one_lift_and_a_home_that_complains_again_and_again() -> None:
    wave = Complaint.objects.filter(category__code="lift", place__startswith="2栋2单元")
    first = min(each.received_at for each in wave)
    assert len([each for each in wave if each.received_at - first < timedelta(hours=4)]) >= 5
    repeated = Complaint.objects.filter(home__label="4栋1单元1101")
    assert len({each.received_at.date() for each in repeated}) >= 4


def test_the_same_matter_in_other_words_is_linked_or_merged() -> None:
    merged = Complaint.objects.get(status=Status.MERGED)
    last = ledger.entries("complaint", merged.pk)[-1]
    assert last.facts["into"] == _complaint("右梯停在五楼不动").number
    linked = Complaint.objects.filter(group=_complaint("地砖空鼓").group)
    assert len(linked) == 2


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
    told = [story.acts[0].data["subject"] for story in STORIES]
    by_hand = Complaint.objects.filter(subject__in=told)
    assert len(by_hand) == len(STORIES)
    breached = ClockRow.objects.filter(state=ClockRow.State.BREACHED, subject_id__in=by_hand)
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
    assert [listed[name].called for name in ("front-desk-1", "yh-front-desk-1")] == [
        "前台一号岗",
        "前台一号岗",
    ]
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


def test_a_second_demo_wants_a_home_of_its_own() -> None:
    with pytest.raises(CommandError, match=r"SHOUWEN_HOME.*--seed 7"):
        call_command("demo", "--seed", "7")
    assert Making.objects.count() == 1


def test_the_command_extends_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def extend(total: int, say: Say) -> int:
        asked.append(total)
        say(total, total)
        return 3

    monkeypatch.setattr(extending, "extend", extend)
    out = StringIO()
    call_command("demo", "--extend", "100", stdout=out)
    assert asked == [100]
    assert out.getvalue() == "增加了 3 件投诉。\n"


def test_the_wave_that_was_planted_is_found_and_nothing_else() -> None:
    out = StringIO()
    call_command("waves", "--json", stdout=out)
    [wave] = json.loads(out.getvalue())
    assert (wave["project"], wave["place"], wave["cause"]) == ("JX", "6栋1单元", "water")
    found = Complaint.objects.filter(number__in=wave["complaints"])
    assert {each.home.room for each in found if each.home} == {
        *("102", "302", "502", "802", "1102", "1602")
    }


def test_the_wave_of_the_lift_is_one_incident() -> None:
    incident = Incident.objects.get()
    assert {each.home.room for each in incident.complaints.all() if each.home} == {"801", "1602"}
