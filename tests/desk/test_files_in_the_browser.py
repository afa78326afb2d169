"""Files out and in, in the browser: with a worker beside it that works off the queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings
from tests.desk.conftest import Office

from shouwen.clocks import jobs
from shouwen.complaints.models import Complaint

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    """Folders of files of one's own: tests run beside each other."""
    settings.SHOUWEN_HOME = tmp_path


@pytest.fixture
def worker(db: None) -> Iterator[None]:
    """The queue's worker, as `shouwen worker` runs it."""
    stop = threading.Event()
    thread = threading.Thread(target=jobs.run, args=(stop, "test"), daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)
    # What is deferred periodically is written in this thread, which keeps its connection.
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


def test_the_exported_workbook_equals_the_page(
    office: Office, sit_down: SitDown, worker: None, tmp_path: Path
) -> None:
    for number in range(3):
        since = timezone.now() - timedelta(hours=number)
        complaint = office.receive(
            content=f"第{number + 1}次：楼道灯不亮。", place="3栋大堂", occurred_at=since
        )
        if number:
            office.dispatch(complaint)
    office.receive(content="电梯异响。", category="lift")
    page = sit_down("front-desk-1")
    page.goto("/complaints/?category=power&sort=oldest")

    page.locator("#export-menu > summary").click()
    page.get_by_role("button", name="Excel 表").click()
    expect(page.locator("#export-menu > form")).to_be_hidden()
    link = page.locator("#export-state a[download]")
    expect(link).to_be_visible(timeout=10_000)
    with page.expect_download() as fetched:
        link.click()
    fetched.value.save_as(tmp_path / "list.xlsx")

    assert fetched.value.suggested_filename.startswith("投诉_")
    head, *rows = openpyxl.load_workbook(tmp_path / "list.xlsx").worksheets[0].iter_rows()
    assert [cell.value for cell in head] == page.locator(
        "table.list thead th:not(.pick)"
    ).all_inner_texts()
    shown = [
        [
            cell.get_attribute("title") or cell.inner_text()
            for cell in row.locator("td:not(.pick)").all()
        ]
        for row in page.locator("table.list tbody tr").all()
    ]
    told = [["" if cell.value is None else str(cell.value) for cell in row] for row in rows]
    assert told == shown


def test_a_file_is_mapped_tried_brought_in_and_its_rejected_rows_mended(
    office: Office, sit_down: SitDown, worker: None, tmp_path: Path
) -> None:
    lines = [f"A-{number},2020-06-{number:02},电梯异响,电梯" for number in range(1, 10)]
    lines[4] = "A-5,昨天,电梯异响,电梯"
    file = tmp_path / "旧台账.csv"
    file.write_text("\n".join(["单号,登记日期,标题,类型", *lines]), encoding="utf-8")
    page = sit_down("centre-head")
    page.goto("/imports/")
    page.locator('input[type="file"]').set_input_files(file)
    page.get_by_role("button", name="上传，下一步对照各列").click()

    # Guessed by name and contents; another choice asks what it needs.
    column = page.locator("#column-1")
    expect(page.locator("#column-0")).to_have_value("external_id")
    expect(column).to_have_value("received_at")
    column.select_option("place")
    expect(page.locator(".ways")).to_have_count(0)
    column.select_option("received_at")
    expect(page.get_by_role("radio", name="年、月、日")).to_be_checked()
    page.get_by_role("button", name="保存并试运行").click()
    expect(page.locator("#run")).to_contain_text("可以导入 8 件", timeout=10_000)
    page.get_by_role("button", name="开始导入").click()
    expect(page.locator("#run")).to_contain_text("导入完成", timeout=10_000)
    expect(page.locator("#run")).to_contain_text("1 行不能导入")
    assert Complaint.objects.count() == 8

    with page.expect_download() as fetched:
        page.get_by_role("link", name="下载这些行").click()
    mended = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(mended)
    text = mended.read_text(encoding="utf-8-sig")
    assert "5" in text and "受理时间" in text
    mended.write_text(text.replace("昨天", "2020-06-05"), encoding="utf-8-sig")
    page.locator('.mend input[type="file"]').set_input_files(mended)
    page.get_by_role("button", name="上传改好的行").click()
    expect(page.locator("#run")).to_contain_text("可以导入 1 件", timeout=10_000)
    page.get_by_role("button", name="开始导入").click()
    expect(page.locator("#run")).to_contain_text("导入完成", timeout=10_000)
    assert Complaint.objects.count() == 9
