"""What was closed elsewhere is history; what was still open lives from now on."""

from __future__ import annotations

import datetime

from django.utils import timezone
from tests.channels.conftest import MAPPING, Archive, as_csv, cells

from shouwen.clocks.models import ClockRow
from shouwen.complaints import lifecycle, projection
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Staff
from shouwen.records import erasure, ledger

SHANGHAI = datetime.timezone(datetime.timedelta(hours=8))


def test_history_is_closed_marked_and_under_no_clock(archive: Archive) -> None:
    archive.bring(archive.file(as_csv(cells("A-1"))))

    complaint = archive.complaint("A-1")
    assert complaint.imported
    assert complaint.status == "closed"
    assert complaint.received_at == datetime.datetime(2020, 5, 6, 9, 30, tzinfo=SHANGHAI)
    assert complaint.closed_at == datetime.datetime(2020, 5, 7, 17, 0, tzinfo=SHANGHAI)
    assert complaint.number == "JX-20200506-001"
    assert complaint.category is not None and complaint.category.code == "lift"
    assert not ClockRow.objects.exists()


def test_the_ledger_says_where_it_comes_from_and_keeps_persons_out_of_its_facts(
    archive: Archive,
) -> None:
    archive.bring(archive.file(as_csv(cells("A-1"))))

    (entry,) = archive.entries(archive.complaint("A-1"))
    assert entry.kind == "imported"
    assert entry.facts["external_id"] == "old-system:A-1"
    assert entry.facts["line"] == 2
    assert len(entry.facts["file"]) == 64
    assert entry.said["reply"] == "已更换导靴。"
    assert entry.said["category_words"] == "电梯"
    assert entry.said["telephone"] == "13800001001"
    assert "13800001001" not in str(entry.facts)
    assert ledger.verify() == []


def test_the_row_is_what_the_ledger_amounts_to(archive: Archive) -> None:
    archive.bring(archive.file(as_csv(cells("A-1"), cells("A-2", 结案时间=""))))

    for number in ("A-1", "A-2"):
        assert projection.differences(archive.complaint(number).pk) == []
    assert archive.complaint("A-2").closed_at is None


def test_what_a_person_asks_to_be_erased_goes_from_history_too(archive: Archive) -> None:
    archive.bring(archive.file(as_csv(cells("A-1"))))
    complaint = archive.complaint("A-1")

    erasure.erase("complaint", complaint.pk, actor_id=None, reason="客户要求")

    complaint.refresh_from_db()
    assert (complaint.name, complaint.telephone, complaint.content) == ("", "", "")
    assert archive.entries(complaint)[0].said["reply"] is None
    assert ledger.verify() == []


def test_history_that_is_reopened_runs_from_then_on(archive: Archive) -> None:
    archive.bring(archive.file(as_csv(cells("A-1"))))
    clerk = archive.staff["front_desk"]

    outcome = lifecycle.take(
        "reopen",
        person=clerk,
        complaint=archive.complaint("A-1"),
        data={"reason": "又响了。"},
    )

    assert {row.rule for row in outcome.changes.started} >= {"R2.dispatch", "H.total"}
    reopened_at = outcome.entries[0].occurred_at
    assert all(row.started_at >= reopened_at for row in outcome.changes.started)


def test_what_is_still_open_is_received_now_and_its_clocks_start_now(archive: Archive) -> None:
    before = timezone.now()
    row = cells("A-1", 状态="处理中", 结案时间="")
    archive.bring(archive.file(as_csv(row)), username="jx-front_desk")

    complaint = archive.complaint("A-1")
    assert not complaint.imported
    assert complaint.status == "relayed"
    assert complaint.received_at >= before
    assert complaint.first_contact == archive.staff["front_desk"]
    clocks = ClockRow.objects.filter(subject_id=complaint.pk)
    assert {"R2.dispatch", "H.contact", "H.total"} <= {each.rule for each in clocks}
    assert all(each.started_at >= before for each in clocks)
    received = archive.entries(complaint)[0]
    assert received.facts["first_received_at"] == "2020-05-06T09:30:00+08:00"


def test_without_a_named_person_the_front_desk_receives_what_is_open(archive: Archive) -> None:
    row = cells("A-1", 状态="处理中", 结案时间="")
    archive.bring(archive.file(as_csv(row)))

    complaint = archive.complaint("A-1")
    assert complaint.front_desk
    assert complaint.first_contact == archive.staff["front_desk"]


def test_where_nobody_is_at_the_desk_an_open_row_is_named_and_comes_in_later(
    archive: Archive,
) -> None:
    for post in ("front_desk", "second_clerk"):
        archive.staff[post].posts.all().delete()
    file = archive.file(as_csv(cells("A-1", 状态="处理中", 结案时间=""), cells("A-2")))

    assert archive.bring(file).reasons == [(2, "status", "nobody_receives")]
    assert archive.complaint("A-2").imported

    assert archive.bring(file, username="jx-steward").reasons == []
    assert archive.complaint("A-1").first_contact == archive.staff["steward"]


def test_numbers_follow_the_day_of_receipt_and_are_never_given_twice(archive: Archive) -> None:
    rows = [cells(str(serial), 受理时间="2020-05-06 09:30") for serial in range(5)]
    archive.bring(archive.file(as_csv(*rows)), batch=2)
    archive.bring(archive.file(as_csv(cells("later"))))

    numbers = set(Complaint.objects.values_list("number", flat=True))
    assert numbers == {f"JX-20200506-{serial:03d}" for serial in range(1, 7)}


def test_ids_of_another_system_are_other_complaints(archive: Archive) -> None:
    file = archive.file(as_csv(cells("1")))
    archive.bring(file)
    told = archive.bring(file, MAPPING.replace("old-system", "older-system"))

    assert Complaint.objects.count() == 2
    assert told.rejected == []


def test_whoever_may_not_receive_in_the_project_brings_nothing_in(archive: Archive) -> None:
    Staff.objects.create_user("stranger", name="外人")
    file = archive.file(as_csv(cells("1")))

    assert "权限" in archive.refused(file, username="stranger")
    assert not Complaint.objects.exists()
