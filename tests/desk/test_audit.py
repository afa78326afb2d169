"""The audit page: who signed in, saw, took away or changed what; found, filtered, exported, unalterable."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from tests.desk.conftest import Office

from shouwen.desk import auditing
from shouwen.organization import homes
from shouwen.organization.customers import enrol
from shouwen.organization.models import Customer, Post, Project, Staff
from shouwen.organization.personal import CUSTOMER
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint
from shouwen.records import audit
from shouwen.records.models import Access

AtDesk = Callable[[str], Client]
NAME = "欧阳测试人"


@pytest.fixture(autouse=True)
def _home(settings: Settings, tmp_path: Path) -> None:
    settings.SHOUWEN_HOME = tmp_path


def customer_of(office: Office) -> Customer:
    return enrol(
        project=office.project,
        home=homes.ensure(office.project, "9", "1", "1801"),
        name=NAME,
        telephone="13800771234",
    )


def noted(office: Office, action: str, username: str, *, days_ago: int = 0, **more: Any) -> Access:
    at = timezone.now() - timedelta(days=days_ago)
    return audit.note(action, actor_id=office.person(username).pk, at=at, **more)


def text(client: Client, query: str = "") -> str:
    response = client.get(f"/audit/?{query}")
    assert response.status_code == 200
    return response.content.decode().partition("<tbody>")[2]


def test_what_somebody_saw_and_changed_stands_there_newest_first_without_customers_names(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.receive(name=NAME, telephone="13800771234")
    clerk = at_desk("front-desk-1")
    assert clerk.post(f"/complaints/{complaint.number}/telephone/").status_code == 200
    customer = customer_of(office)
    noted(
        office, "customer_exported", "administrator", subject_type=CUSTOMER, subject_id=customer.pk
    )
    told = text(at_desk("auditor"))
    assert told.index("导出一位客户的个人信息") < told.index("查看完整电话")
    assert f"客户 #{customer.pk}" in told and complaint.number in told
    assert "127.0.0.1" in told
    assert NAME not in told and "13800771234" not in told


def test_it_is_narrowed_by_person_action_project_and_days(office: Office, at_desk: AtDesk) -> None:
    other = Project.objects.create(company=office.project.company, code="QT", name="他处小区")
    here = office.project.pk
    noted(office, "printed", "front-desk-1", project_id=here, days_ago=3, rows=901)
    noted(office, "printed", "centre-head", project_id=other.pk, rows=902)
    noted(office, "staff_changed", "centre-head", rows=903)
    desk = at_desk("auditor")
    today = timezone.localdate()

    def shown(query: str) -> set[str]:
        told = text(desk, query)
        return {each for each in ("901", "902", "903") if f"行数 {each}" in told}

    assert shown("") == {"901", "902", "903"}
    assert shown("who=front-desk-1") == {"901"}
    assert shown(f"who={office.person('centre-head').name}") == {"902", "903"}
    assert shown("action=printed") == {"901", "902"}
    assert shown("action=changing") == {"903"}
    assert shown("project=QT") == {"902"}
    assert shown(f"since={today}") == {"902", "903"}
    assert shown(f"until={today - timedelta(days=1)}") == {"901"}
    assert shown("who=nobody-of-that-name") == set()
    assert shown("since=no-day&after=nonsense") == {"901", "902", "903"}


def test_pages_follow_each_other_without_gap_or_repetition(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "PAGE", 3)
    at = timezone.now()
    for number in range(901, 909):  # several at one moment
        audit.note("printed", actor_id=None, at=at, rows=number)
    desk, query, found = at_desk("auditor"), "action=printed", []
    for _page in range(5):
        response = desk.get(f"/audit/?{query}")
        found += [line.facts for line in response.context["lines"]]
        if not (query := response.context["after"]):
            break
    assert found == [f"行数 {number}" for number in range(908, 900, -1)]


def test_the_shown_rows_are_exported_and_the_export_is_noted(
    office: Office, at_desk: AtDesk
) -> None:
    noted(office, "printed", "front-desk-1", rows=901)
    noted(office, "staff_changed", "front-desk-1", rows=902)
    desk = at_desk("auditor")
    given = {"format": "csv", "action": "printed"}
    response: Any = desk.post("/audit/export/", given)
    rows = list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [row[3] for row in rows] == ["操作", "打印投诉"]
    assert "行数 901" in rows[1][6]
    note = Access.objects.get(action="audit_exported")
    assert note.actor_id == office.person("auditor").pk
    assert (note.facts["rows"], note.facts["narrowed"]) == (1, ["action"])
    response = desk.post("/audit/export/", given | {"format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert [cell.value for cell in book.active[2]][3] == "打印投诉"  # type: ignore[index]
    assert desk.post("/audit/export/", {"format": "exe"}).status_code == 404


def test_what_was_done_is_said_in_words_and_never_by_codes(office: Office, at_desk: AtDesk) -> None:
    noted(office, "export_fetched", "front-desk-1", list="complaints", format="csv", rows=12)
    noted(office, "retention_changed", "administrator", kind="access_log", days=400)
    noted(
        office,
        "post_given",
        "administrator",
        position="auditor",
        subject_type="staff",
        subject_id=office.person("front-desk-1").pk,
    )
    told = text(at_desk("auditor"))
    assert "列表 投诉 · 格式 csv · 行数 12" in told
    assert "种类 审计记录 · 保存天数 400" in told
    assert "岗位 审计" in told and f"员工 {office.person('front-desk-1').name}" in told


def test_more_than_a_file_takes_is_refused_with_what_to_do(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "MOST_EXPORTED", 1)
    noted(office, "printed", "front-desk-1")
    noted(office, "printed", "front-desk-1")
    response = at_desk("auditor").post("/audit/export/", {"format": "csv"})
    assert response.status_code == 422
    assert "缩小日期范围" in response.content.decode()
    assert not Access.objects.filter(action="audit_exported").exists()


def test_a_projects_auditor_reads_the_projects_notes_alone(office: Office, at_desk: AtDesk) -> None:
    other = Project.objects.create(company=office.project.company, code="QT", name="他处小区")
    person = Staff.objects.create_user("their-auditor", name="他处审计")
    appoint(person, Position.AUDITOR, project=other)
    noted(office, "printed", "front-desk-1", project_id=office.project.pk, rows=901)
    noted(office, "printed", "front-desk-1", project_id=other.pk, rows=902)
    noted(office, "printed", "front-desk-1", rows=903)
    desk = at_desk("their-auditor")
    told = text(desk)
    assert "行数 902" in told and "行数 901" not in told and "行数 903" not in told
    assert '<option value="JX"' not in desk.get("/audit/").content.decode()


def test_others_find_no_audit_page_and_an_empty_log_says_so(
    office: Office, at_desk: AtDesk
) -> None:
    assert not Access.objects.exists()
    page = at_desk("auditor").get("/audit/").content.decode()
    assert "有人登录、查看电话" in page
    assert "/audit/" in at_desk("auditor").get("/settings/").content.decode()
    for username in ("front-desk-1", "centre-head"):
        assert at_desk(username).get("/audit/").status_code == 403
    Post.objects.filter(staff__username="auditor").delete()
    assert at_desk("auditor").get("/audit/").status_code == 403


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records_access SET action = 'printed'",
        "DELETE FROM records_access",
        "TRUNCATE records_access",
    ],
)
def test_what_stands_there_can_neither_be_changed_nor_removed(
    office: Office, statement: str
) -> None:
    noted(office, "printed", "front-desk-1")
    refused = pytest.raises(DatabaseError, match="is refused")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Access.objects.count() == 1


def test_a_hundred_notes_cost_no_more_queries_than_two(
    office: Office, at_desk: AtDesk, django_assert_max_num_queries: Any
) -> None:
    complaint = office.receive()
    desk = at_desk("auditor")

    def queries() -> int:
        with django_assert_max_num_queries(25) as caught:
            text(desk)
        return len(caught)

    def fill(number: int) -> None:
        for _n in range(number):
            noted(
                office, "printed", "front-desk-1", subject_type="complaint", subject_id=complaint.pk
            )

    fill(2)
    queries()
    few = queries()
    fill(100)
    assert queries() == few
