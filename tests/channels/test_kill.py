"""An import that is killed between its batches, taken up again, leads where one at a stroke does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.channels.conftest import MAPPING, as_csv, cells, found_a_centre

from shouwen.complaints.models import Complaint
from shouwen.records import ledger
from shouwen.records.models import Entry

ROOT = Path(__file__).parents[2]


def brought() -> list[tuple[Any, ...]]:
    found = Complaint.objects.order_by("external_id")
    return list(found.values_list("external_id", "received_at", "content", "imported", "status"))


@pytest.mark.django_db(transaction=True)
def test_a_killed_import_is_taken_up_where_it_stood(tmp_path: Path) -> None:
    archive = found_a_centre(tmp_path)
    rows = [cells(f"{serial:03d}") for serial in range(60)]
    rows[7] = cells("dirty", 受理时间="")
    rows[23] = cells("open", 状态="处理中", 结案时间="")
    rows[45] = cells("003")
    file, mapping = archive.file(as_csv(*rows)), archive.file(MAPPING, "mapping.toml")

    process = subprocess.Popen(
        [sys.executable, "-m", "tests.channels.import_process", str(file), str(mapping)],
        cwd=ROOT,
        env=os.environ
        | {
            "IMPORT_DATABASE": str(connection.settings_dict["NAME"]),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "PYTHONPATH": os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")]),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    try:
        for line in process.stdout:
            if "30" in line.split():
                break
            process.stdin.write("\n")
            process.stdin.flush()
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    half = brought()
    assert len(half) == 29

    told = archive.bring(file)

    assert "已有 29 件" in told.output
    assert told.reasons == [
        (9, "received_at", "missing"),
        (47, "external_id", "duplicate"),
    ]
    assert [each for each in brought() if each in half] == half
    expected = {f"old-system:{each['编号']}" for each in rows} - {"old-system:dirty"}
    assert {each[0] for each in brought()} == expected
    assert len(brought()) == Entry.objects.filter(number=1).count() == 58
    assert Complaint.objects.filter(imported=False).count() == 1
    assert len(set(Complaint.objects.values_list("number", flat=True))) == 58
    assert ledger.verify() == []
