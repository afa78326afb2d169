"""CSV in the encodings of Chinese offices, and XLSX; what cannot be read at all says so."""

from __future__ import annotations

import datetime
import tracemalloc
from pathlib import Path

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from tests.channels.conftest import COLUMNS, MAPPING, Archive, as_csv, cells

from shouwen.channels import mapping as mappings
from shouwen.channels.encodings import detect
from shouwen.channels.mapping import File
from shouwen.channels.tables import open_table
from shouwen.complaints.models import Complaint

SIMPLIFIED = "小区三号楼的电梯经常发出异响，业主非常担心安全，请尽快派人检查维修。"
TRADITIONAL = "屋苑三號樓的電梯經常發出異響，業主非常擔心安全，請盡快派人檢查維修。"


@pytest.mark.parametrize(
    ("text", "encoding", "found"),
    [
        (SIMPLIFIED, "utf-8", "utf-8"),
        (SIMPLIFIED, "utf-8-sig", "utf-8"),
        (TRADITIONAL, "utf-8", "utf-8"),
        (SIMPLIFIED, "gb18030", "gb18030"),
        (TRADITIONAL, "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5"),
        ("only ASCII", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found_out(tmp_path: Path, text: str, encoding: str, found: str) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes("\n".join([text] * 3).encode(encoding))
    assert detect(file) == found


def test_a_broken_line_does_not_make_a_file_of_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "file.csv"
    file.write_bytes(f"{SIMPLIFIED}\n".encode() * 5 + SIMPLIFIED.encode("gb18030"))
    assert detect(file) == "utf-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_an_office_file_comes_in_whatever_its_encoding(archive: Archive, encoding: str) -> None:
    told = archive.bring(archive.file(as_csv(cells("1")).encode(encoding)))

    assert told.rejected == []
    assert archive.complaint("1").content == cells("1")["内容"]


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def test_a_sheet_comes_in_with_its_times_and_numbers(archive: Archive) -> None:
    row: list[object] = list(cells("").values())
    row[0], row[1] = 1001.0, datetime.datetime(2020, 5, 6, 9, 30)
    short: list[object] = [1002, "2020-05-06 09:30", None, "没有更多的格子。"]
    dirty: list[object] = [1003, None, None, "没有时间。"]
    file = workbook(archive.folder / "h.xlsx", list(COLUMNS), row, [], short, dirty)
    mapping = MAPPING.replace('closed = ["已结"]', "")

    told = archive.bring(file, mapping)

    assert told.reasons == [(5, "received_at", "missing")]
    assert archive.complaint("1001").received_at == archive.complaint("1002").received_at
    assert "已有 2 件" in archive.bring(file, mapping).output


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_long_file_is_not_held_in_memory(tmp_path: Path, kind: str) -> None:
    long = ["一行不短的内容" * 20, "x"]
    file = tmp_path / f"long.{kind}"
    if kind == "csv":
        file.write_text("a,b\n" + f"{','.join(long)}\n" * 20_000)
    else:
        workbook(file, ["a", "b"], *([[str(n) + long[0], n] for n in range(300)]))
    table = open_table(file, File())

    tracemalloc.start()
    read = sum(1 for _row in table.rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    table.close()

    assert read == (20_000 if kind == "csv" else 300)
    assert peak < 1_000_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "没有列名行"),
        (b"\xd0\xcf\x11\xe0 old", "请另存为"),
        (b"PK\x03\x04 broken", "不是完好的 XLSX"),
        ("编号".encode("utf-16"), "UTF-16"),
        ("编号,受理时间\n".encode(), "没有“内容”这一列"),
        ("编号,编号\n".encode(), "有 2 列都叫“编号”"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(archive: Archive, content: bytes, words: str) -> None:
    assert words in archive.refused(archive.file(content))


def test_a_mapping_names_file_and_key_of_every_error(archive: Archive) -> None:
    broken = """
source = "Old System"
[file]
header = 0
[fields.received_at]
column = "受理时间"
timezone = "Asia/Atlantis"
[fields.content]
column = "内容"
constant = "两样"
[fields.severity]
column = "级别"
values = { "急" = "urgent" }
[fields.nonsense]
column = "x"
"""
    said = archive.refused(archive.file(as_csv(cells("1"))), broken)

    for key in ("source", "file.header", "fields.received_at.timezone", "fields.content"):
        assert f"mapping.toml: {key}: " in said
    assert "fields.severity: 没有这样的值：urgent" in said
    assert "fields.nonsense: 没有这一项设置" in said


def test_a_category_that_there_is_not_is_named(archive: Archive) -> None:
    mapping = MAPPING.replace('"lift"', '"elevator"')
    said = archive.refused(archive.file(as_csv(cells("1"))), mapping)
    assert said == "mapping.toml: fields.category: 没有这样的分类：elevator"


@pytest.mark.parametrize("name", mappings.shipped())
def test_the_shipped_mappings_are_without_fault(name: str, archive: Archive) -> None:
    mapping = mappings.load(mappings.find(name, Path("x.csv")))
    assert mapping.source == name


def test_the_mapping_beside_the_file_is_found_without_being_named(archive: Archive) -> None:
    archive.file(MAPPING, "history.toml")
    call_command("import_file", archive.file(as_csv(cells("1"))))
    assert Complaint.objects.count() == 1


def test_a_project_must_be_named_where_there_are_several(archive: Archive) -> None:
    company = archive.project.company
    type(archive.project).objects.create(company=company, code="YH", name="另一小区")
    file = archive.file(as_csv(cells("1")))

    assert "JX、YH" in archive.refused(file)
    archive.bring(file, project="YH")
    assert Complaint.objects.get().number == "YH-20200506-001"


def test_without_a_report_file_every_rejected_row_is_printed(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    mapping = archive.file(MAPPING, "mapping.toml")
    file = archive.file(as_csv(cells("1", 受理时间="")))
    call_command("import_file", file, mapping=str(mapping))
    assert "第 2 行：received_at: 没有填写" in capsys.readouterr().out


def test_a_file_that_is_not_there_is_named(archive: Archive) -> None:
    with pytest.raises(CommandError, match="没有这个文件"):
        call_command("import_file", archive.folder / "nothing.csv")
