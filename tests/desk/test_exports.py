"""Exports: exactly what the list shows, by a job, for whoever asked alone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted
from pytest_django import Settings
from tests.desk.conftest import Office

from shouwen.clocks.models import HeartBeat
from shouwen.complaints import listing
from shouwen.complaints.models import Complaint
from shouwen.desk import exporting
from shouwen.desk.models import Export, ListColumns
from shouwen.organization.models import Project, Staff

AtDesk = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    """Folders of files of one's own: tests run beside each other."""
    settings.SHOUWEN_HOME = tmp_path


def ask(client: Client, format: str = "xlsx", query: str = "") -> Export:
    """Ask for an export where the list is, and let the job write it."""
    before = set(Export.objects.values_list("pk", flat=True))
    answer = client.post("/exports/", {"list": "complaints", "format": format, "query": query})
    assert answer.status_code == 302
    export = Export.objects.exclude(pk__in=before).get()
    job = ProcrastinateJob.objects.get(args__export=str(export.pk))
    assert (job.task_name, job.status, set(job.args)) == (exporting.TASK, "todo", {"export"})
    exporting.write(str(export.pk))
    export.refresh_from_db()
    return export


def fetched(client: Client, export: Export) -> bytes:
    answer: Any = client.get(f"/exports/{export.pk}/file/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return b"".join(answer.streaming_content)


def rows(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of every sheet."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_a_list_is_exported_with_its_columns_its_order_and_what_it_is_narrowed_by(
    office: Office, at_desk: AtDesk
) -> None:
    lift = office.receive(content="电梯异响。", category="lift", home=office.home())
    late = office.receive(content="楼道灯不亮。", telephone="13800001002", name="3栋1单元802 业主")
    office.receive(content="垃圾未清。", category="garbage")
    client = at_desk("front-desk-1")
    chosen = ["number", "subject", "place", "received_at", "urged"]
    ListColumns.objects.create(
        staff=office.person("front-desk-1"), list="complaints", columns=chosen
    )

    export = ask(client, query="category=lift&category=power&sort=oldest")

    (table,) = rows(fetched(client, export)).values()
    local = [timezone.localtime(row.received_at).replace(tzinfo=None) for row in (lift, late)]
    assert table == [
        ["编号", "投诉主题", "房屋、地点", "受理时间", "催办"],
        [lift.number, lift.subject, "3栋1单元802", local[0].replace(microsecond=0), 0],
        [late.number, late.subject, None, local[1].replace(microsecond=0), 0],
    ]
    assert (export.state, export.done, export.total) == ("done", 2, 2)
    assert export.scope == "分类 设施维护 › 电梯、分类 设施维护 › 供电照明"
    assert len(export.sha256) == 64
    page = client.get("/exports/").content.decode()
    assert f"/exports/{export.pk}/file/" in page


def test_the_file_is_private_and_named_in_chinese(
    office: Office, at_desk: AtDesk, tmp_path: Path
) -> None:
    office.receive()
    client = at_desk("front-desk-1")
    export = ask(client, "register")
    assert export.path.stat().st_mode & 0o777 == 0o600
    assert export.path.parent.stat().st_mode & 0o777 == 0o700
    assert export.path.parent == tmp_path / "var" / "exports"
    name = client.get(f"/exports/{export.pk}/file/").headers["Content-Disposition"]
    assert unquote(name).startswith("attachment; filename*=utf-8''投诉台账_")
    others = at_desk("front-desk-2")
    assert others.get(f"/exports/{export.pk}/file/").status_code == 404
    assert others.post(f"/exports/{export.pk}/remove/").status_code == 404
    assert str(export.pk) not in others.get("/exports/").content.decode()
    client.post(f"/exports/{export.pk}/remove/")
    assert not export.path.exists()
    assert Export.objects.get().removed_at is not None


def test_who_may_export(office: Office, at_desk: AtDesk) -> None:
    told = {"list": "complaints", "format": "csv", "query": ""}
    may = ("front-desk-1", "engineering-head", "site-manager", "auditor")
    may_not = ("steward-1", "engineering-1", "developer-service", "human-resources")
    for username in (*may, *may_not):
        client, status = at_desk(username), 302 if username in may else 403
        assert client.post("/exports/", told).status_code == status, username
        assert client.get("/exports/").status_code == (200 if status == 302 else 403), username
        offered = "export-menu" in client.get("/complaints/").content.decode()
        assert offered == (status == 302), username
    assert Export.objects.count() == len(may)


def test_a_csv_opens_in_excel_and_nothing_in_it_begins_to_reckon(
    office: Office, at_desk: AtDesk
) -> None:
    for subject in ('=HYPERLINK("x")', "+1", "-1", "@x", "\t=1", "＝1", '他说"好"，又说=1'):
        office.receive(subject=subject)
    client = at_desk("front-desk-1")
    query = "sort=oldest"
    content = fetched(client, ask(client, "csv", query))
    assert content.startswith(b"\xef\xbb\xbf")
    told = [row[0] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")))]
    assert told[1:] == [
        *('\'=HYPERLINK("x")', "'+1", "'-1", "'@x"),
        *("'=1", "'＝1", '他说"好"，又说=1'),
    ]
    book = openpyxl.load_workbook(io.BytesIO(fetched(client, ask(client, "xlsx", query))))
    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_the_register_has_a_sheet_for_each_project_ready_for_paper(
    office: Office, at_desk: AtDesk
) -> None:
    work = office.dispatch(office.receive())
    office.take("engineering-1", "complete", work, department="jx-engineering", result="已换灯管")
    Office(Project.objects.get(code="YH")).receive("yh-front-desk-1", content="道闸不抬杆。")
    client = at_desk("quality")

    content = fetched(client, ask(client, "register", "since=2020-01-01"))

    told = rows(content)
    assert set(told) == {"锦绣家园", "云河湾"}
    sheet = told["锦绣家园"]
    assert sheet[0][0] == "投诉台账"
    assert str(sheet[1][0]).startswith("项目：锦绣家园　　期间：2020-01-01 至 ")
    line = dict(zip(sheet[2], sheet[3], strict=True))
    assert list(line) == [
        *("序号", "受理编号", "受理时间", "渠道", "房屋、地点", "投诉分类", "紧急程度"),
        *("投诉内容摘要", "首问责任人", "承办部门", "处理时限", "完成时间", "回访时间与结果"),
        *("满意度", "结案时间", "状态"),
    ]
    assert line["序号"] == 1
    assert line["受理编号"] == work.number
    assert line["承办部门"] == "工程部（主办）"
    assert isinstance(line["处理时限"], datetime)
    assert isinstance(line["完成时间"], datetime)
    assert line["状态"] == "已处理，待验证"
    assert "填表人" in str(sheet[-1][0])
    page = openpyxl.load_workbook(io.BytesIO(content))["云河湾"]
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$3:$3"
    assert page["A3"].border.left.style == "thin"


def test_a_confidential_source_is_in_no_file_of_those_who_may_not_know_it(
    office: Office, at_desk: AtDesk
) -> None:
    complaint = office.dispatch(office.receive(confidential=True, home=office.home()))
    for username, known in (("engineering-head", False), ("centre-head", True)):
        for format in ("csv", "register"):
            client = at_desk(username)
            content = fetched(client, ask(client, format))
            text = content.decode("utf-8-sig") if format == "csv" else str(rows(content))
            assert complaint.number in text
            assert ("3栋1单元802" in text) == known


def test_what_one_may_see_and_do_is_asked_when_the_file_is_written(
    office: Office, at_desk: AtDesk
) -> None:
    office.receive()
    client = at_desk("front-desk-1")
    client.post("/exports/", {"list": "complaints", "format": "csv", "query": ""})
    export = Export.objects.get()
    Complaint.objects.update(about=export.staff)
    exporting.write(str(export.pk))
    assert fetched(client, export).decode("utf-8-sig").count("\r\n") == 1

    client.post("/exports/", {"list": "complaints", "format": "xlsx", "query": ""})
    export = Export.objects.get(format="xlsx")
    Staff.objects.filter(pk=export.staff_id).update(is_active=False)
    exporting.write(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "只有在职员工可以操作")
    assert not export.path.exists()


def test_a_killed_export_is_written_anew_and_a_cancelled_one_is_not(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        office.receive()
    monkeypatch.setattr(exporting, "CHUNK", 1)
    monkeypatch.setattr(exporting, "SAVE_EVERY", 0)
    client = at_desk("front-desk-1")
    client.post("/exports/", {"list": "complaints", "format": "xlsx", "query": ""})
    export = Export.objects.get()

    stops = iter([False, True])
    with pytest.raises(JobAborted):
        exporting.write(str(export.pk), stopping=lambda: next(stops))
    export.refresh_from_db()
    assert (export.state, export.done, export.total) == ("running", 1, 3)
    assert list(exporting.folder().iterdir()) == []
    assert "正在导出：1 / 3 行" in client.get(f"/exports/{export.pk}/").content.decode()

    exporting.write(str(export.pk), attempt=1)
    export.refresh_from_db()
    assert (export.state, export.done) == ("done", 3)

    client.post("/exports/", {"list": "complaints", "format": "csv", "query": ""})
    cancelled = Export.objects.get(format="csv")

    def cancel() -> bool:
        client.post(f"/exports/{cancelled.pk}/cancel/")
        return False

    exporting.write(str(cancelled.pk), stopping=cancel)
    cancelled.refresh_from_db()
    assert cancelled.state == "cancelled"
    assert list(exporting.folder().iterdir()) == [export.path]


def test_an_export_that_fails_says_so_and_can_be_asked_for_again(
    office: Office, at_desk: AtDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.receive()
    client = at_desk("front-desk-1")
    client.post("/exports/", {"list": "complaints", "format": "xlsx", "query": ""})
    export = Export.objects.get()
    with monkeypatch.context() as broken:
        broken.setattr(listing, "every", lambda *args, **options: 1 / 0)
        exporting.write(str(export.pk))
    export.refresh_from_db()
    assert export.state == "failed"
    assert "ZeroDivisionError" in client.get("/exports/").content.decode()
    assert client.post(f"/exports/{export.pk}/again/").status_code == 302
    again = Export.objects.exclude(pk=export.pk).get()
    exporting.write(str(again.pk), attempt=exporting.MOST_ATTEMPTS + 1)
    again.refresh_from_db()
    assert again.problem.startswith("多次没有写完")


def test_files_go_after_a_day_and_rows_after_a_year(office: Office, at_desk: AtDesk) -> None:
    client = at_desk("front-desk-1")
    export, left = ask(client), ask(at_desk("front-desk-2"))
    now = timezone.now()
    exporting.sweep(now + timedelta(hours=23))
    assert export.path.exists()
    Staff.objects.filter(pk=left.staff_id).update(is_active=False)
    exporting.sweep(now)
    assert not left.path.exists()
    exporting.sweep(now + timedelta(hours=25))
    assert not export.path.exists()
    assert client.get(f"/exports/{export.pk}/file/").status_code == 404
    assert "文件已删除" in client.get("/exports/").content.decode()
    exporting.sweep(now + timedelta(days=364))
    assert Export.objects.count() == 2
    exporting.sweep(now + timedelta(days=366))
    assert not Export.objects.exists()


def test_the_same_is_asked_for_once_and_without_a_worker_the_page_says_so(
    office: Office, at_desk: AtDesk
) -> None:
    client = at_desk("front-desk-1")
    for _ in range(2):
        client.post("/exports/", {"list": "complaints", "format": "xlsx", "query": "is=open"})
    assert Export.objects.count() == 1
    sentence = "后台程序没有运行"
    assert sentence not in client.get("/exports/").content.decode()
    HeartBeat.objects.update(stopped_at=timezone.now())
    assert sentence in client.get("/exports/").content.decode()


def test_the_page_asks_the_database_the_same_number_of_times(
    office: Office, at_desk: AtDesk
) -> None:
    client, person = at_desk("front-desk-1"), office.person("front-desk-1")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get("/exports/")
        return len(asked)

    def more(number: int) -> None:
        Export.objects.bulk_create(
            Export(staff=person, list="complaints", format="csv", asked_at=timezone.now())
            for _ in range(number)
        )

    more(10)
    queries()
    few = queries()
    more(990)
    assert queries() == few
