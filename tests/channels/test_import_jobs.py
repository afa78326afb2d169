"""Bringing in an uploaded file by a job: tried, carried out, killed, stopped, mended, removed."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted
from pytest_django import Settings
from tests.channels.conftest import COLUMNS, MAPPING, Archive, as_csv, cells

from shouwen.channels import bringing, importing
from shouwen.channels.encodings import UnreadableFile
from shouwen.channels.mapping import parsed
from shouwen.channels.models import ImportFile, ImportRun
from shouwen.complaints.models import Complaint
from shouwen.organization.models import Post, Staff
from shouwen.organization.positions import Position
from shouwen.records import ledger


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Settings) -> None:
    """Folders of files of one's own: tests run beside each other."""
    settings.SHOUWEN_HOME = tmp_path


def upload(
    archive: Archive, content: str | bytes, name: str = "旧台账.csv", **further: Any
) -> ImportFile:
    """The head of the centre uploads a file, mapped as the command's tests map theirs."""
    data = content if isinstance(content, bytes) else content.encode()
    file = bringing.take_in(
        SimpleUploadedFile(name, data), person=head(archive), project=archive.project, **further
    )
    if not file.mapping:
        file.mapping = MAPPING
        file.save()
    return file


def head(archive: Archive) -> Staff:
    return archive.staff["centre_head"]


def run(archive: Archive, file: ImportFile, *, dry_run: bool = False) -> ImportRun:
    """Ask for a run and let the job carry it out."""
    asked = bringing.ask(file, head(archive), dry_run=dry_run)
    job = ProcrastinateJob.objects.get(args__run=str(asked.pk))
    assert (job.task_name, set(job.args)) == (bringing.TASK, {"run"})
    bringing.carry_out(str(asked.pk))
    asked.refresh_from_db()
    return asked


def rejected(found: ImportRun) -> bytes:
    with bringing.rejected(found) as file:
        return file.read()


def test_tried_brought_in_mended_and_brought_in_again(archive: Archive) -> None:
    rows = [
        cells("1"),
        cells("2", 状态="处理中", 结案时间=""),
        cells("3", 受理时间="昨天", 内容="  漏水，\n已两天 "),
        cells("4", 类别="绿化"),
        cells("1"),
    ]
    file = upload(archive, as_csv(*rows))

    tried = run(archive, file, dry_run=True)
    assert tried.state == "done"
    assert not Complaint.objects.exists()
    assert (tried.counts["closed"], tried.counts["still_open"]) == (1, 1)
    assert tried.reasons == {
        "received_at|bad_time": 1,
        "category|unknown_value": 1,
        "external_id|duplicate": 1,
    }
    assert tried.unknown == {"category": ["绿化"]}

    done = run(archive, file)
    assert (done.counts["closed"], done.counts["still_open"], done.counts["rejected"]) == (1, 1, 3)
    entry = archive.entries(archive.complaint("1"))[0]
    assert (entry.actor_id, entry.facts["file"]) == (head(archive).pk, file.sha256)

    told = list(csv.reader(io.StringIO(rejected(done).decode("utf-8-sig"))))
    assert told[0] == ["原行号", "未导入原因", *COLUMNS]
    assert [row[0] for row in told[1:]] == ["4", "6", "7"]
    assert told[1][1] == "受理时间：不是对照文件约定格式的时间"
    assert told[1][2:] == [rows[2][name] for name in COLUMNS]

    told[1][3], told[2][9] = "2020-05-06 09:30", "保洁"
    mended = io.StringIO()
    csv.writer(mended).writerows(told[:3])
    further = upload(archive, mended.getvalue(), "改好.csv", continues=file)
    assert further.mapped is not None
    again = run(archive, further)
    assert (again.counts["closed"], again.counts["rejected"]) == (2, 0)
    assert archive.complaint("3").content == "漏水，\n已两天"
    assert archive.complaint("4").category.code == "cleaning"  # type: ignore[union-attr]
    assert ledger.verify() == []

    twice = run(archive, file)
    assert (twice.counts["closed"], twice.counts["present"]) == (0, 2)


def test_a_sheet_gives_a_sheet_back_with_its_cells_as_they_were(archive: Archive) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(COLUMNS)
    good = cells("1")
    bad = dict(good) | {"编号": "", "受理时间": datetime(2020, 5, 6, 9, 30), "电话": 13800001001}
    bad["内容"] = "=1+1"
    for row in (good, bad):
        sheet.append([row[name] for name in COLUMNS])
    sheet.cell(3, 4).data_type = "s"
    content = io.BytesIO()
    book.save(content)

    done = run(archive, upload(archive, content.getvalue(), "旧台账.xlsx"))

    assert (done.counts["closed"], done.counts["rejected"]) == (1, 1)
    told = openpyxl.load_workbook(io.BytesIO(rejected(done))).worksheets[0]
    (line,) = list(told.iter_rows(min_row=2))
    assert [cell.value for cell in line[:4]] == [
        *(3, "原系统编号：没有填写", None, datetime(2020, 5, 6, 9, 30))
    ]
    assert (line[5].value, line[5].data_type) == ("=1+1", "s")
    assert line[7].value == 13800001001


def test_rows_that_are_no_rows_come_back_as_they_stand(archive: Archive) -> None:
    whole = as_csv(cells("1"))
    short, broken = "2,2020-05-06 09:30,太短", '3,2020-05-06 09:30,,"没有配对,1'
    done = run(archive, upload(archive, f"{whole}{short}\r\n{broken}\r\n{as_csv(cells('4'))[61:]}"))
    told = list(csv.reader(io.StringIO(rejected(done).decode("utf-8-sig"))))
    assert told[1][2:] == short.split(",")
    assert told[2][2] == broken


def test_a_killed_run_is_taken_up_and_counts_what_it_had_brought_in(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    file = upload(archive, as_csv(*(cells(str(number)) for number in range(5))))
    asked = bringing.ask(file, head(archive), dry_run=False)
    assert bringing.ask(file, head(archive), dry_run=False) == asked
    with pytest.raises(JobAborted):
        bringing.carry_out(str(asked.pk), stopping=lambda: True)
    asked.refresh_from_db()
    assert (asked.state, asked.counts["closed"]) == ("running", 2)
    assert 0 < asked.done <= (asked.total or 0)

    bringing.carry_out(str(asked.pk), attempt=1)

    asked.refresh_from_db()
    assert (asked.state, asked.counts["closed"], asked.counts["present"]) == ("done", 5, 0)
    assert Complaint.objects.count() == 5


def test_a_run_that_was_stopped_keeps_what_is_in_and_the_next_goes_on(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "BATCH", 2)
    file = upload(archive, as_csv(*(cells(str(number)) for number in range(5))))
    asked = bringing.ask(file, head(archive), dry_run=False)

    def stop() -> bool:
        bringing.stop(asked)
        return False

    bringing.carry_out(str(asked.pk), stopping=stop)
    asked.refresh_from_db()
    assert (asked.state, Complaint.objects.count()) == ("cancelled", 4)
    rest = run(archive, file)
    assert (rest.counts["closed"], rest.counts["present"]) == (1, 4)
    assert not [path for path in bringing.folder().iterdir() if path.is_dir()]


def test_a_run_that_cannot_go_on_says_why(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = upload(archive, as_csv(cells("1")))
    file.mapping = MAPPING.replace('"编号"', '"工单"')
    file.save()
    assert "文件里没有“工单”这一列" in run(archive, file).problem
    file.mapping = MAPPING
    file.save()
    with monkeypatch.context() as broken:
        broken.setattr(importing.Import, "run", lambda self: 1 / 0)
        found = run(archive, file)
    assert (found.state, found.problem[:4]) == ("failed", "程序出错")
    asked = bringing.ask(file, head(archive), dry_run=False)
    bringing.carry_out(str(asked.pk), attempt=bringing.MOST_ATTEMPTS + 1)
    asked.refresh_from_db()
    assert asked.problem.startswith("多次没有做完")
    Staff.objects.filter(pk=head(archive).pk).update(is_active=False)
    assert run(archive, file).problem == "只有在职员工可以操作"
    file.path.unlink()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "文件是空的"),
        (b"\xd0\xcf\x11\xe0 old", "旧式 Excel"),
        (b"PK\x03\x04 broken", "旧.csv 不是完好的 XLSX 文件"),
        ("a,b\n".encode("utf-16"), "UTF-16"),
        (b"\n\n", "旧.csv 没有列名行"),
    ],
)
def test_what_is_no_table_is_refused_in_words_and_not_kept(
    archive: Archive, content: bytes, sentence: str
) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        upload(archive, content, "旧.csv")
    assert list(bringing.folder().iterdir()) == []


def test_too_large_a_file_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bringing.MOST_BYTES, ImportFile.Kind.CSV, 3)
    with pytest.raises(UnreadableFile, match="超过"):
        upload(archive, "编号,内容\n")


def test_files_lie_closed_and_go_after_seven_days(archive: Archive) -> None:
    file = upload(archive, as_csv(cells("1"), cells("")))
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700
    done = run(archive, file)
    assert done.rejected_path.stat().st_mode & 0o777 == 0o600
    now = timezone.now()
    bringing.sweep(now + timedelta(days=6))
    assert file.path.exists()
    bringing.sweep(now + timedelta(days=8))
    assert not file.path.exists()
    assert not done.rejected_path.exists()
    file.refresh_from_db()
    assert file.removed_at is not None
    assert Complaint.objects.count() == 1


def test_a_mended_row_without_an_id_is_known_by_what_stands_in_it(archive: Archive) -> None:
    mapping = MAPPING.replace('[fields.external_id]\ncolumn = "编号"\n', "")
    assert parsed(mapping, "test").fields.external_id is None
    desk = Post.objects.filter(position=Position.FRONT_DESK)
    desk.update(until=date(2020, 2, 1))
    file = upload(archive, as_csv(cells("1", 状态="处理中", 结案时间="")))
    file.mapping = mapping
    file.save()
    done = run(archive, file)
    assert done.reasons == {"status|nobody_receives": 1}
    desk.update(until=None)
    further = upload(archive, rejected(done), "改好.csv", continues=file)
    assert run(archive, further).counts["still_open"] == 1
    assert run(archive, file).counts["present"] == 1
