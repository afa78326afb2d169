"""Export and import."""

from __future__ import annotations

import csv
import tempfile
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from benchmarks import floor
from benchmarks.figures import Figure
from benchmarks.installation import Installation
from benchmarks.people import signed_in

SECTION = "Files: rows a second"
ROWS = 10_000
IMPORTED = 4_000
PATIENCE = 300.0
LEADER = "company-leader"


def measure(installation: Installation) -> Iterator[Figure]:
    """An export of the newest ten thousand by the worker; an import by the command."""
    bare = _copied_out(installation)
    for name, format_ in (("CSV", "csv"), ("XLSX", "xlsx"), ("complaint register", "register")):
        rows, seconds = _export(installation, format_)
        yield Figure(
            SECTION,
            f"export of the newest {ROWS:,} rows, {name}",
            f"{rows / seconds:.0f}/s",
            {"rate": rows / seconds},
            floor=f"{bare:.0f}/s (COPY TO)",
        )
    bare = floor.copied(installation.connect, 5, batch=200)
    rate = _import()
    yield Figure(
        SECTION,
        "import of closed complaints, CSV",
        f"{rate:.0f}/s",
        {"rate": rate},
        floor=f"{bare:.0f}/s (INSERT … SELECT of the rows of an intake)",
    )


def _copied_out(installation: Installation) -> float:
    statement = f"COPY (SELECT * FROM complaints_complaint ORDER BY received_at DESC LIMIT {ROWS}) TO STDOUT"
    with installation.connect() as connection, connection.cursor() as cursor:
        began = time.perf_counter()
        with cursor.copy(statement) as copy:
            rows = sum(1 for _row in copy.rows())
        return rows / (time.perf_counter() - began)


def _export(installation: Installation, format_: str) -> tuple[int, float]:
    from shouwen.complaints.models import Complaint
    from shouwen.desk.models import Export

    newest = Complaint.objects.order_by("-received_at")
    last = newest[min(ROWS, newest.count()) - 1]
    browser = signed_in(LEADER, "127.0.0.1", installation.port)
    fields = {
        "list": "complaints",
        "format": format_,
        "query": f"since={last.received_at:%Y-%m-%d}",
    }
    began = time.perf_counter()
    answer = browser.post("/exports/", fields)
    if answer.status != 302:
        raise RuntimeError(f"export: {answer.status}")
    while time.perf_counter() - began < PATIENCE:
        export = Export.objects.order_by("asked_at").last()
        assert export is not None
        if export.state == Export.State.DONE and export.format == format_:
            return export.done, time.perf_counter() - began
        if export.state in (Export.State.FAILED, Export.State.CANCELLED):
            break
        time.sleep(0.02)
    raise RuntimeError(f"export: {format_} is not done")


_MAPPING = """
source = "bench-{token}"
[fields.external_id]
column = "id"
[fields.received_at]
column = "received"
formats = ["%Y-%m-%d %H:%M:%S"]
timezone = "Asia/Shanghai"
[fields.closed_at]
column = "closed"
formats = ["%Y-%m-%d %H:%M:%S"]
timezone = "Asia/Shanghai"
[fields.subject]
column = "subject"
[fields.content]
column = "content"
[fields.name]
column = "name"
[fields.telephone]
column = "telephone"
[fields.reply]
column = "reply"
"""


def _import() -> float:
    from django.core.management import call_command

    with tempfile.TemporaryDirectory() as folder:
        file, mapping = Path(folder) / "old.csv", Path(folder) / "old.toml"
        with file.open("w", encoding="utf-8", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(
                ["id", "received", "closed", "subject", "content", "name", "telephone", "reply"]
            )
            for number in range(IMPORTED):
                day = f"2025-{1 + number % 12:02}-{1 + number % 28:02}"
                rows.writerow(
                    [
                        number,
                        f"{day} 09:{number % 60:02}:00",
                        f"{day} 17:00:00",
                        f"{1 + number % 9}栋电梯停运",
                        f"{1 + number % 9}栋的电梯从早上起停在一楼，叫人来看也没有人来，第{number}次了。",
                        "住户",
                        f"139{number:08}",
                        "已联系维保单位，当天恢复运行。",
                    ]
                )
        mapping.write_text(_MAPPING.format(token=int(time.time())), encoding="utf-8")
        began = time.perf_counter()
        call_command(
            "import_file", str(file), mapping=str(mapping), project="JX", stdout=StringIO()
        )
        return IMPORTED / (time.perf_counter() - began)
