"""A customer centre that takes over files which the tests write themselves."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from tests.complaints.conftest import staff_a_project

from shouwen.complaints import categories, numbers
from shouwen.complaints.models import Complaint
from shouwen.organization import homes
from shouwen.organization.models import Company, Developer, Project, Staff
from shouwen.records import ledger
from shouwen.records.models import Entry

MAPPING = """
source = "old-system"

[fields.external_id]
column = "编号"
[fields.received_at]
column = "受理时间"
formats = ["%Y-%m-%d %H:%M"]
[fields.closed_at]
column = "结案时间"
formats = ["%Y-%m-%d %H:%M"]
[fields.content]
column = "内容"
[fields.name]
column = "投诉人"
[fields.telephone]
column = "电话"
[fields.reply]
column = "答复"
[fields.category]
column = "类别"
values = { "电梯" = "lift", "保洁" = "cleaning" }
[status]
column = "状态"
open = ["处理中"]
closed = ["已结"]
"""
COLUMNS = ("编号", "受理时间", "结案时间", "内容", "投诉人", "电话", "答复", "类别", "状态")


def cells(number: str, **given: str) -> dict[str, str]:
    """A row without fault, but for what is given."""
    row = {
        "编号": number,
        "受理时间": "2020-05-06 09:30",
        "结案时间": "2020-05-07 17:00",
        "内容": "三号楼电梯异响。",
        "投诉人": "3栋1单元802 业主",
        "电话": "13800001001",
        "答复": "已更换导靴。",
        "类别": "电梯",
        "状态": "已结",
    }
    return row | given


def as_csv(*rows: Mapping[str, str]) -> str:
    """Those rows under their column names."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


@dataclass(frozen=True)
class Told:
    """What the command said: its summary, and every rejected row."""

    output: str
    rejected: list[dict[str, str]]

    @property
    def reasons(self) -> list[tuple[int, str, str]]:
        """Line, field and code of every reason."""
        return [(int(each["line"]), each["field"], each["code"]) for each in self.rejected]


@dataclass
class Archive:
    """A project with staff, and a folder for the files that it is given."""

    project: Project
    staff: dict[str, Staff]
    folder: Path

    def file(self, content: str | bytes, name: str = "history.csv") -> Path:
        """Put a file there."""
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def bring(self, file: Path, mapping: str = MAPPING, **options: Any) -> Told:
        """Import a file by the command; `mapping` is TOML text, or the name of a shipped one."""
        if "\n" in mapping:
            mapping = str(self.file(mapping, "mapping.toml"))
        report, out = self.folder / "report.csv", io.StringIO()
        call_command("import_file", file, mapping=mapping, report=report, stdout=out, **options)
        with report.open(encoding="utf-8-sig", newline="") as lines:
            return Told(out.getvalue(), list(csv.DictReader(lines)))

    def refused(self, file: Path, mapping: str = MAPPING, **options: Any) -> str:
        """Why the command read nothing."""
        with pytest.raises(CommandError) as refusal:
            self.bring(file, mapping, **options)
        return str(refusal.value)

    def complaint(self, external_id: str) -> Complaint:
        """The complaint that came of a row."""
        return Complaint.objects.get(project=self.project, external_id=f"old-system:{external_id}")

    def entries(self, complaint: Complaint) -> list[Entry]:
        """Its ledger, with what was said."""
        return ledger.entries("complaint", complaint.pk, with_said=True)


@pytest.fixture(autouse=True)
def _fresh_numbers() -> Iterator[None]:
    numbers.forget()
    yield
    numbers.forget()


def found_a_centre(folder: Path) -> Archive:
    """A company with one project and one person in every position."""
    categories.ship()
    company = Company.objects.create(name="物业公司")
    developer = Developer.objects.create(name="开发商")
    project = Project.objects.create(company=company, developer=developer, code="JX", name="小区")
    homes.ensure(project, "3", "1", "802")
    return Archive(project, staff_a_project(project, prefix="jx"), folder)


@pytest.fixture
def archive(db: None, tmp_path: Path) -> Archive:
    """The centre of a test."""
    return found_a_centre(tmp_path)
