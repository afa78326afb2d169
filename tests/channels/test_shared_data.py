"""The real files: every row is in, or named in the report with line and reason."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.channels.conftest import Archive

from shouwen.clocks.models import ClockRow
from shouwen.complaints import projection
from shouwen.complaints.models import Complaint
from shouwen.records import ledger

DATA = Path(__file__).parents[3] / "shared" / "data"
NEW_YORK = "%m/%d/%Y %I:%M:%S %p"

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the real records (../shared/data) are not beside this checkout"
)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def standing() -> list[tuple[Any, ...]]:
    return list(Complaint.objects.order_by("pk").values_list("number", "version", "recorded_at"))


def test_every_message_of_the_board_is_in_and_a_second_run_adds_nothing(archive: Archive) -> None:
    told = archive.bring(DATA / "citizen-messages.csv", "citizen-messages")
    messages = rows("citizen-messages.csv")

    assert told.rejected == []
    assert Complaint.objects.filter(imported=True, status="closed").count() == len(messages) == 644
    assert not ClockRow.objects.exists()
    answered = [each for each in messages if each["reply"]]
    assert Complaint.objects.exclude(closed_at=None).count() == len(answered)

    before = standing()
    again = archive.bring(DATA / "citizen-messages.csv", "citizen-messages")
    assert standing() == before
    assert "已导入 0 件" in again.output
    assert "已有 644 件" in again.output


def test_of_new_yorks_requests_those_closed_before_they_were_made_are_named(
    archive: Archive,
) -> None:
    told = archive.bring(DATA / "nyc-311.csv", "nyc-311")
    impossible = [
        (line, "closed_at", "closed_before_received")
        for line, row in enumerate(rows("nyc-311.csv"), start=2)
        if row["Closed Date"]
        and datetime.strptime(row["Closed Date"], NEW_YORK)
        < datetime.strptime(row["Created Date"], NEW_YORK)
    ]

    assert told.reasons == impossible
    assert len(impossible) == 10
    assert Complaint.objects.count() == 990
    still_open = Complaint.objects.filter(imported=False)
    assert still_open.count() == 14
    assert not still_open.filter(closed_at__isnull=False).exists()
    live = set(still_open.values_list("pk", flat=True))
    assert set(ClockRow.objects.values_list("subject_id", flat=True)) == live

    before = standing()
    again = archive.bring(DATA / "nyc-311.csv", "nyc-311")
    assert standing() == before
    assert again.reasons == impossible


def test_what_was_brought_in_is_what_its_ledger_says(archive: Archive) -> None:
    archive.bring(DATA / "nyc-311.csv", "nyc-311")

    assert ledger.verify() == []
    for pk in Complaint.objects.values_list("pk", flat=True)[::50]:
        assert projection.differences(pk) == []
