"""What an import brought is told on the complaint's page."""

from __future__ import annotations

from tests.channels.conftest import Archive, as_csv, cells

from shouwen.desk.telling import tell


def test_the_timeline_tells_the_first_receipt_and_the_answer_given(archive: Archive) -> None:
    rows = [cells("1"), cells("2", 状态="处理中", 结案时间="")]
    archive.bring(archive.file(as_csv(*rows)))

    (imported,) = tell(archive.entries(archive.complaint("1")))
    assert imported.title == "历史导入"
    assert any("已更换导靴。" in line.text for line in imported.lines)

    received = tell(archive.entries(archive.complaint("2")))[-1]
    told = {line.label: line.text for line in received.lines}
    assert "2020" in told["原受理时间"]
    assert "已更换导靴。" in told["原答复"]
