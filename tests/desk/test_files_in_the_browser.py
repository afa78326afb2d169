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
from tests.desk.conftest import Office

from shouwen.clocks import jobs
from shouwen.desk import exporting

pytestmark = pytest.mark.django_db(transaction=True)
SitDown = Callable[[str], Page]


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
    for path in exporting.folder().iterdir():
        path.unlink()


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
