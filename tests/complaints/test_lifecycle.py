"""A complaint goes its way by steps, and by steps alone."""

from __future__ import annotations

import datetime

import pytest
from tests.complaints.conftest import Centre

from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, projection
from shouwen.complaints.models import Complaint
from shouwen.complaints.refusals import (
    Changed,
    InvalidData,
    KeyReused,
    NotAllowed,
    WrongStatus,
)
from shouwen.complaints.steps.quality import missing_for_close
from shouwen.complaints.words import Status
from shouwen.records import ledger


def states(complaint: Complaint) -> dict[str, str]:
    """State of each clock by rule; of several of one rule, the newest."""
    rows = ClockRow.objects.filter(subject_type="complaint", subject_id=complaint.pk)
    return {row.rule: row.state for row in rows.order_by("started_at", "pk")}


def test_a_routine_complaint_from_the_call_to_the_closed_file(centre: Centre) -> None:
    complaint = centre.receive("steward")
    assert complaint.status == Status.RECEIVED
    assert complaint.number == "JX-20260302-001"
    centre.take("steward", "relay")
    centre.take("front_desk", "assess", facts="已到现场看过，灯不亮。")
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_member", "accept", department="jx-engineering")
    centre.take("engineering_member", "complete", department="jx-engineering", result="已换灯管。")
    assert centre.complaint is not None
    assert centre.complaint.status == Status.FINISHED
    centre.take("front_desk", "verify", how="晚上去看过，灯亮。")
    centre.take("front_desk", "inform_first_contact", told="灯已修好。")
    centre.take("front_desk", "visit", outcome="solved", satisfaction="5")
    closed = centre.take("front_desk", "close").complaint
    assert closed.status == Status.CLOSED
    assert set(states(closed).values()) <= {"met", "void"}
    assert ledger.verify() == []
    assert projection.differences(closed.pk) == []


def test_taken_at_the_front_desk_it_is_relayed_at_once(centre: Centre) -> None:
    complaint = centre.receive("front_desk")
    assert complaint.status == Status.RELAYED
    assert complaint.front_desk
    assert [entry.kind for entry in ledger.entries("complaint", complaint.pk)] == [
        "received",
        "relayed",
    ]


def test_what_another_employee_heard_stays_theirs_when_the_desk_writes_it_down(
    centre: Centre,
) -> None:
    complaint = centre.receive("front_desk", first_contact=centre.staff["steward"].pk)
    assert complaint.first_contact_id == centre.staff["steward"].pk
    assert not complaint.front_desk
    assert complaint.status == Status.RELAYED


def test_several_matters_of_one_call_are_linked(centre: Centre) -> None:
    outcomes = lifecycle.receive(
        person=centre.person("front_desk"),
        project=centre.project,
        matters=[{"content": "灯不亮。"}, {"content": "地上有水。"}],
        now=centre.now,
    )
    first, second = (outcome.complaint for outcome in outcomes)
    assert first.group_id is not None
    assert first.group_id == second.group_id
    assert first.number != second.number


def test_a_matter_split_off_counts_from_the_same_call(centre: Centre) -> None:
    first = centre.receive(name="3栋1单元802 业主", telephone="13800001001", content="灯不亮。")
    centre.wait(hours=3)
    other = centre.take("front_desk", "split", content="还有地上有水。").others[0]
    assert other.received_at == first.received_at
    assert (other.name, other.telephone) == ("3栋1单元802 业主", "13800001001")
    first.refresh_from_db()
    assert other.group_id == first.group_id
    assert projection.differences(other.pk) == []


def test_the_second_of_two_people_is_told_what_changed(centre: Centre) -> None:
    complaint = centre.receive()
    seen = complaint.version
    centre.take("front_desk", "assess", facts="已核实。", expected_version=seen)
    with pytest.raises(Changed) as refused:
        centre.take(
            "second_clerk",
            "dispatch",
            department="jx-order",
            expected_version=seen,
        )
    assert [entry.kind for entry in refused.value.entries] == ["assessed"]
    assert ledger.entries("complaint", complaint.pk)[-1].kind == "assessed"


def test_a_note_stands_beside_what_others_do(centre: Centre) -> None:
    complaint = centre.receive()
    seen = complaint.version
    centre.take("front_desk", "assess", facts="已核实。")
    centre.take("second_clerk", "note", text="客户很着急。", expected_version=seen)


def test_a_retried_request_gets_the_first_answer(centre: Centre) -> None:
    complaint = centre.receive()
    first = centre.take("front_desk", "urge", words="再催一次。", key="k-1")
    again = centre.take("front_desk", "urge", words="再催一次。", key="k-1")
    assert again.replayed
    assert [entry.number for entry in again.entries] == [entry.number for entry in first.entries]
    complaint.refresh_from_db()
    assert complaint.urged == 1
    with pytest.raises(KeyReused):
        centre.take("front_desk", "urge", words="别的话。", key="k-1")


def test_a_retried_intake_makes_one_complaint(centre: Centre) -> None:
    def send() -> list[lifecycle.Outcome]:
        return lifecycle.receive(
            person=centre.person("front_desk"),
            project=centre.project,
            matters=[{"content": "灯不亮。"}],
            key="call-7",
            now=centre.now,
        )

    assert send()[0].complaint.pk == send()[0].complaint.pk
    assert Complaint.objects.count() == 1


def test_what_happened_is_never_later_than_now_nor_before_the_receipt(centre: Centre) -> None:
    complaint = centre.receive()
    for wrong in (
        centre.now + datetime.timedelta(hours=1),
        complaint.received_at - datetime.timedelta(minutes=1),
    ):
        with pytest.raises(InvalidData) as refused:
            centre.take("front_desk", "assess", facts="已核实。", occurred_at=wrong)
        assert "occurred_at" in refused.value.errors


def test_bad_input_is_named_by_field_and_nothing_is_written(centre: Centre) -> None:
    complaint = centre.receive()
    before = len(ledger.entries("complaint", complaint.pk))
    for data, field in [
        ({"department": "nowhere"}, "department"),
        ({"department": "jx-order", "assisting": ["jx-order"]}, "assisting"),
        ({"department": "jx-order", "due_at": "2026-03-01T09:00:00+08:00"}, "due_at"),
        ({"department": "jx-order", "due_at": "2026-03-05T09:00:00"}, "due_at"),
        ({}, "department"),
        ({"department": "jx-order", "colour": "red"}, "colour"),
        ({"department": "jx-order", "instructions": "\0"}, "instructions"),
    ]:
        with pytest.raises(InvalidData) as refused:
            centre.take("front_desk", "dispatch", **data)
        assert field in refused.value.errors, data
    assert len(ledger.entries("complaint", complaint.pk)) == before


def test_only_whose_step_it_is_takes_it(centre: Centre) -> None:
    centre.receive()
    with pytest.raises(NotAllowed):
        centre.take("engineering_member", "dispatch", department="jx-engineering")
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "close")


def test_a_second_refusal_goes_to_the_site_manager_who_names_the_lead(centre: Centre) -> None:
    centre.receive()
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_head", "decline", department="jx-engineering", reason="不归我部门。")
    centre.take("front_desk", "dispatch", department="jx-order")
    centre.take("order_head", "decline", department="jx-order", reason="也不归我部门。")
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("site_manager", "name_lead", department="jx-engineering")
    assert centre.complaint is not None
    assert centre.complaint.status == Status.AT_WORK


def test_nobody_declines_an_emergency(centre: Centre) -> None:
    centre.receive(severity="emergency")
    centre.take("front_desk", "dispatch", department="jx-engineering")
    with pytest.raises(WrongStatus):
        centre.take("engineering_head", "decline", department="jx-engineering", reason="不归我。")


def test_a_second_person_must_agree_before_a_complaint_counts_as_unjustified(
    centre: Centre,
) -> None:
    centre.receive()
    centre.take("front_desk", "assess", facts="属邻里纠纷。", justified="no")
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "explain", explanation="耐心解释。", accepted="yes")
    centre.take("centre_head", "confirm", agreed="yes")
    assert centre.complaint is not None
    assert (centre.complaint.justified, centre.complaint.justified_confirmed) == (False, True)
    centre.take(
        "front_desk", "explain", explanation="耐心解释。", accepted="no", department="jx-order"
    )
    with pytest.raises(NotAllowed):
        centre.take("engineering_head", "mediate", outcome="agreed", account="谈过。")
    centre.take("order_head", "mediate", outcome="agreed", account="上门谈过。")
    assert centre.take("front_desk", "close").complaint.status == Status.CLOSED


def test_the_assessor_cannot_be_the_second_person(centre: Centre) -> None:
    centre.receive()
    centre.take("centre_head", "assess", facts="属邻里纠纷。", justified="no")
    with pytest.raises(NotAllowed):
        centre.take("centre_head", "confirm", agreed="yes")
    centre.take("complaint_team", "confirm", agreed="no", reason="我方也有责任。")
    assert centre.complaint is not None
    assert centre.complaint.justified is None


def test_who_did_the_work_neither_verifies_nor_visits(centre: Centre) -> None:
    from shouwen.organization.models import Department
    from shouwen.organization.structure import appoint

    appoint(
        centre.staff["front_desk"],
        "department_member",
        project=centre.project,
        department=Department.objects.get(code="jx-order"),
        since=datetime.date(2020, 1, 1),
    )
    centre.receive()
    centre.take("front_desk", "dispatch", department="jx-order")
    centre.take("front_desk", "accept", department="jx-order")
    centre.take("front_desk", "complete", department="jx-order", result="已劝离。")
    for step in ({"name": "verify", "how": "看过。"}, {"name": "visit", "outcome": "solved"}):
        with pytest.raises(WrongStatus):
            centre.take("front_desk", **step)
    centre.take("second_clerk", "verify", how="看过。")


def test_closing_says_what_the_book_lacks(centre: Centre) -> None:
    centre.receive(severity="complex")
    centre.take("front_desk", "dispatch", department="jx-engineering")
    centre.take("engineering_member", "complete", department="jx-engineering", result="已修。")
    centre.take("front_desk", "visit", outcome="unsolved", words="还是不亮。")
    assert centre.complaint is not None
    state = lifecycle.fold(ledger.entries("complaint", centre.complaint.pk))
    at = lifecycle.stand(centre.person("front_desk"), centre.complaint, state)
    assert set(missing_for_close(at)) == {"verify", "dispatch", "name_manager"}
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "close")


def test_the_third_time_a_customer_presses_the_supervisor_hears(centre: Centre) -> None:
    complaint = centre.receive()
    for _ in range(3):
        centre.take("front_desk", "urge")
    kinds = [entry.kind for entry in ledger.entries("complaint", complaint.pk)]
    assert kinds.count("urged") == 3
    assert kinds.count("supervisor_called") == 1
    assert kinds[-1] == "supervisor_called"


def test_a_dear_solution_waits_for_the_head_and_the_heads_own_for_the_site_manager(
    centre: Centre,
) -> None:
    centre.receive()
    centre.take("front_desk", "dispatch", department="jx-engineering")
    mine = {"department": "jx-engineering"}
    centre.take("engineering_member", "propose", solution="更换主机。", cost=9000, **mine)
    with pytest.raises(WrongStatus):
        centre.take("engineering_member", "complete", result="已换。", **mine)
    centre.take("engineering_head", "approve")
    centre.take("engineering_head", "propose", solution="再换一台。", cost=9000, **mine)
    with pytest.raises(NotAllowed):
        centre.take("engineering_head", "approve")
    centre.take("site_manager", "refuse", comment="先修。")
    centre.take("engineering_member", "complete", result="已修。", **mine)


def test_an_emergency_goes_up_to_the_board_and_owes_both_reports(centre: Centre) -> None:
    complaint = centre.receive(severity="emergency", content="电梯困人。")
    centre.take("front_desk", "alert", departments=["jx-engineering"], site_manager=True)
    centre.take("site_manager", "escalate_to_company", spoke_to="公司主管领导", reason="需停梯。")
    centre.take("company_leader", "escalate_to_board", spoke_to="董事领导", reason="需厂家。")
    centre.take("board_leader", "take_charge")
    centre.take("front_desk", "withdraw", reason="客户已安全离开。")
    report = {"facts": "经过。", "measures": "措施。"}
    with pytest.raises(InvalidData):
        centre.take("company_leader", "file_report", level="company", **report)
    centre.take("site_manager", "file_report", level="company", **report)
    centre.take("company_leader", "file_report", level="board", **report)
    assert states(complaint)["R6.report"] == states(complaint)["R7.report"] == "met"


def test_reopened_it_runs_again_under_the_same_number(centre: Centre) -> None:
    complaint = centre.receive()
    centre.take("front_desk", "withdraw", reason="客户说好了。")
    reopened = centre.take("front_desk", "reopen", reason="又坏了。").complaint
    assert (reopened.number, reopened.round) == (complaint.number, 2)
    assert reopened.status == Status.RELAYED
    assert states(reopened)["R2.dispatch"] == "running"


def test_merging_keeps_both_histories(centre: Centre) -> None:
    first = centre.receive(content="灯不亮。")
    second = centre.receive(content="灯还是不亮。")
    merged = centre.take("front_desk", "merge", into=first.number)
    assert merged.complaint.status == Status.MERGED
    assert merged.others[0].pk == first.pk
    assert ledger.entries("complaint", first.pk)[-1].facts == {"merged_here": second.number}
    for complaint in (first, second):
        assert projection.differences(complaint.pk) == []


def test_the_subject_of_a_complaint_never_sees_nor_touches_it(centre: Centre) -> None:
    complaint = centre.receive("second_clerk", about=centre.staff["front_desk"].pk)
    assert lifecycle.possible(centre.person("front_desk"), complaint) == []
    with pytest.raises(NotAllowed):
        centre.take("front_desk", "note", text="不是这样。")


def test_erased_on_request_the_chain_still_verifies(centre: Centre) -> None:
    from shouwen.records.erasure import erase

    complaint = centre.receive(name="3栋1单元802 业主", telephone="13800001001")
    erase("complaint", complaint.pk, actor_id=None, reason="客户要求")
    complaint.refresh_from_db()
    assert (complaint.name, complaint.telephone, complaint.content) == ("", "", "")
    assert complaint.telephone_index == ""
    assert ledger.verify() == []


def test_names_and_telephones_do_not_lie_in_clear(centre: Centre) -> None:
    from django.db import connection

    centre.receive(name="3栋1单元802 业主", telephone="13800001001")
    with connection.cursor() as cursor:
        for table in ("complaints_complaint", "records_entry", "records_erasablefact"):
            cursor.execute(f"SELECT string_agg(t::text, '') FROM {table} t")
            assert "13800001001" not in cursor.fetchone()[0]


def test_a_file_is_written_into_the_ledger_only_as_it_lies_in_the_store(centre: Centre) -> None:
    centre.receive()
    with pytest.raises(InvalidData) as refused:
        centre.take(
            "front_desk",
            "attach",
            attachment="00000000-0000-0000-0000-000000000000",
            sha256="0" * 64,
        )
    assert "attachment" in refused.value.errors
