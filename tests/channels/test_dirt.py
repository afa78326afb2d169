"""Impossible rows are named with line and reason: never swallowed, never bent."""

from __future__ import annotations

import logging

import pytest
from tests.channels.conftest import COLUMNS, MAPPING, Archive, as_csv, cells

from shouwen.complaints.models import Complaint
from shouwen.complaints.words import Channel
from shouwen.records.models import Entry

GOOD = cells("good")


@pytest.mark.parametrize(
    ("dirt", "field", "code"),
    [
        ({"受理时间": ""}, "received_at", "missing"),
        ({"受理时间": "去年五月"}, "received_at", "bad_time"),
        ({"受理时间": "2020-02-30 10:00"}, "received_at", "bad_time"),
        ({"受理时间": "1900-01-01 00:00"}, "received_at", "too_early"),
        ({"受理时间": "2999-01-01 00:00", "结案时间": ""}, "received_at", "in_future"),
        ({"结案时间": "2999-01-01 00:00"}, "closed_at", "in_future"),
        ({"结案时间": "2020-05-06 09:29"}, "closed_at", "closed_before_received"),
        ({"编号": ""}, "external_id", "missing"),
        ({"编号": "9" * 90}, "external_id", "too_long"),
        ({"内容": ""}, "content", "missing"),
        ({"内容": "长" * 20_001}, "content", "too_long"),
        ({"答复": "长" * 20_001}, "reply", "too_long"),
        ({"投诉人": "长" * 201}, "name", "too_long"),
        ({"内容": "半截\0字符"}, "content", "unstorable"),
        ({"类别": "外星人"}, "category", "unknown_value"),
        ({"状态": "不知道"}, "status", "unknown_value"),
        ({"状态": "处理中"}, "status", "open_but_closed"),
    ],
)
def test_an_impossible_row_is_named_and_those_around_it_come_in(
    archive: Archive, dirt: dict[str, str], field: str, code: str
) -> None:
    file = archive.file(as_csv(cells("before"), cells("dirty", **dirt), cells("after")))

    for dry_run, come_in in ((True, 0), (False, 2)):
        assert archive.bring(file, dry_run=dry_run).reasons == [(3, field, code)]
        assert Complaint.objects.count() == come_in


def test_every_fault_of_a_row_is_named(archive: Archive) -> None:
    told = archive.bring(archive.file(as_csv(cells("", 受理时间="", 类别="外星人"))))

    assert {(field, code) for _line, field, code in told.reasons} == {
        ("received_at", "missing"),
        ("category", "unknown_value"),
        ("external_id", "missing"),
    }


def test_a_number_that_comes_twice_in_the_file_is_named_with_the_first_line(
    archive: Archive,
) -> None:
    rows = [cells("1"), cells("2"), cells("1", 内容="另一件。"), cells("3"), cells("1")]
    file = archive.file(as_csv(*rows))

    for dry_run in (True, False, False):
        told = archive.bring(file, dry_run=dry_run, batch=2)
        assert told.reasons == [
            (4, "external_id", "duplicate"),
            (6, "external_id", "duplicate"),
        ]
        assert "与第 2 行" in told.rejected[0]["reason"]
    assert Complaint.objects.count() == 3
    assert archive.complaint("1").content == GOOD["内容"]


def test_a_rejected_row_does_not_stand_in_the_way_of_a_later_one_of_its_number(
    archive: Archive,
) -> None:
    told = archive.bring(archive.file(as_csv(cells("1", 受理时间=""), cells("1"))))

    assert told.reasons == [(2, "received_at", "missing")]
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "big5"])
def test_a_row_with_broken_bytes_is_named_and_the_next_one_is_whole(
    archive: Archive, encoding: str
) -> None:
    content = "樓道燈不亮" if encoding == "big5" else "楼道灯不亮"
    mapping = MAPPING
    header = as_csv(cells("1")).splitlines()[0]
    if encoding == "big5":
        traditional = str.maketrans("编号间结内诉话复类别状态时电", "編號間結內訴話復類別狀態時電")
        header, mapping = header.translate(traditional), MAPPING.translate(traditional)
    lines = [
        header.encode(encoding),
        b"1,2020-05-06 09:30,,\xff\xff,,,,,",
        f"2,2020-05-06 09:30,,{content},,,,,".encode(encoding),
    ]
    mapping = mapping[: mapping.index("[status]")]
    mapping += f'[file]\nencoding = "{encoding}"\n'

    told = archive.bring(archive.file(b"\r\n".join(lines)), mapping)

    assert [(line, code) for line, _field, code in told.reasons] == [(2, "broken_encoding")]
    assert archive.complaint("2").content == content


def test_an_open_quote_swallows_no_other_row(archive: Archive) -> None:
    lines = as_csv(cells("1"), cells("2"), cells("3")).splitlines(keepends=True)
    lines[2] = lines[2].replace("三号楼", '"三号楼')

    told = archive.bring(archive.file("".join(lines)))

    assert told.reasons == [(3, "", "broken_quotes")]
    assert Complaint.objects.count() == 2


def test_words_on_several_lines_are_one_row_and_lines_are_counted_as_they_stand(
    archive: Archive,
) -> None:
    rows = [cells("1", 内容="第一行\n第二行\n第三行"), cells("2", 受理时间="")]

    told = archive.bring(archive.file(as_csv(*rows)))

    assert told.reasons == [(5, "received_at", "missing")]
    assert archive.complaint("1").content == "第一行\n第二行\n第三行"


def test_a_row_with_too_many_or_too_few_columns_is_named(archive: Archive) -> None:
    text = as_csv(GOOD) + "1,2020-05-06 09:30\n" + ",".join(["x"] * 12) + "\n\n"

    told = archive.bring(archive.file(text))

    assert told.reasons == [(3, "", "wrong_columns"), (4, "", "wrong_columns")]
    assert Complaint.objects.count() == 1


NEW_YORK = """
source = "new-york"
[fields.external_id]
column = "id"
[fields.received_at]
column = "made"
timezone = "America/New_York"
[fields.closed_at]
column = "closed"
timezone = "America/New_York"
[fields.content]
column = "content"
"""


def test_an_hour_that_the_clocks_skipped_is_named_and_one_they_ran_twice_is_understood(
    archive: Archive,
) -> None:
    text = (
        "id,made,closed,content\n"
        "1,2018-03-11 02:30:00,,skipped\n"
        "2,2018-11-04 01:50:00,2018-11-04 01:10:00,twice\n"
        "3,2018-11-04 02:50:00,2018-11-04 01:10:00,impossible\n"
    )
    told = archive.bring(archive.file(text), NEW_YORK)

    assert told.reasons == [
        (2, "received_at", "no_such_time"),
        (4, "closed_at", "closed_before_received"),
    ]
    (complaint,) = Complaint.objects.all()
    assert complaint.closed_at is not None
    assert (complaint.closed_at - complaint.received_at).total_seconds() == 20 * 60


def test_a_home_that_the_project_lacks_is_named(archive: Archive) -> None:
    mapping = MAPPING.replace(
        '[fields.name]\ncolumn = "投诉人"', '[fields.home]\ncolumn = "投诉人"'
    )
    rows = [cells("1", 投诉人="3-1-802"), cells("2", 投诉人="99栋1单元101"), cells("3", 投诉人="")]

    told = archive.bring(archive.file(as_csv(*rows)), mapping)

    assert told.reasons == [(3, "home", "no_such_home")]
    home = archive.complaint("1").home
    assert home is not None and home.label == "3栋1单元802"


def test_neither_report_nor_log_repeats_what_a_row_says(
    archive: Archive, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = {"投诉人": "长" * 201, "电话": "13912345678", "内容": "很私密的话"}
    file = archive.file(as_csv(cells("1", **secret), cells("2", 类别="私密类别")))

    told = archive.bring(file)

    written = told.output + str(told.rejected) + str(capsys.readouterr())
    # What goes into the database is logged by nobody either.
    written += "".join(
        each.getMessage() for each in caplog.records if each.name != "django.db.backends"
    )
    for word in ("13912345678", "很私密的话", "私密类别", "长长"):
        assert word not in written


def test_a_dry_run_says_the_same_and_writes_nothing(archive: Archive) -> None:
    rows = [cells("1"), cells("2", 受理时间=""), cells("3", 状态="处理中", 结案时间="")]
    file = archive.file(as_csv(*rows))

    dry = archive.bring(file, dry_run=True)
    assert not Complaint.objects.exists()
    assert not Entry.objects.exists()

    real = archive.bring(file)
    assert real.rejected == dry.rejected
    assert "2 件（其中未结 1 件" in dry.output
    assert "2 件（其中未结 1 件" in real.output


def test_rows_that_the_mapping_leaves_out_are_counted(archive: Archive) -> None:
    mapping = MAPPING + '\n[[skip]]\ncolumn = "投诉人"\nvalues = ["测试"]\n'

    told = archive.bring(archive.file(as_csv(cells("1", 投诉人="测试"), cells("2"))), mapping)

    assert "略过 1 行" in told.output
    assert Complaint.objects.count() == 1


def test_rows_without_a_number_of_their_own_come_in_once(archive: Archive) -> None:
    mapping = MAPPING.replace('[fields.external_id]\ncolumn = "编号"\n', "")
    file = archive.file(
        as_csv(cells("", 内容="甲。"), cells("", 内容="乙。"), cells("", 内容="甲。"))
    )

    assert archive.bring(file, mapping).reasons == [(4, "external_id", "duplicate")]
    assert archive.bring(file, mapping).reasons == [(4, "external_id", "duplicate")]
    assert Complaint.objects.count() == 2


def test_where_the_mapping_says_nothing_the_channel_is_import(archive: Archive) -> None:
    archive.bring(archive.file(as_csv(GOOD)))

    assert archive.complaint("good").channel == Channel.IMPORT
    assert set(COLUMNS) == set(GOOD)
