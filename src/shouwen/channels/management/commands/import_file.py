"""`shouwen import`: bring in complaints from a CSV or XLSX file."""

from __future__ import annotations

import csv
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from shouwen.channels import mapping as mappings
from shouwen.channels.encodings import UnreadableFile
from shouwen.channels.importing import BATCH, Counts, Import, at_the_desk, fingerprint, fits
from shouwen.channels.mapping import MappingError
from shouwen.channels.problems import Problem
from shouwen.channels.tables import Row, Table, open_table
from shouwen.complaints import history
from shouwen.complaints.refusals import NotAllowed
from shouwen.organization.models import Project, Staff

# Where nobody watches, a line now and then says how far it is (seconds).
SAY_EVERY = 10.0


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(_("应为正整数"))
    return int(text)


class Command(BaseCommand):
    """Bring in complaints kept elsewhere; see docs/import.md."""

    help = _("按对照文件从 CSV 或 XLSX 文件导入投诉（见 docs/import.md）。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help=_("CSV 或 XLSX 文件"))
        parser.add_argument(
            "--mapping",
            default="",
            help=_("对照文件，或随产品提供的对照名：{names}").format(
                names=_("、").join(mappings.shipped())
            ),
        )
        parser.add_argument("--project", default="", help=_("项目代号"))
        parser.add_argument("--as", dest="username", default="", help=_("由谁受理未结的投诉"))
        parser.add_argument("--dry-run", action="store_true", help=_("只检查，不写入"))
        parser.add_argument("--report", type=Path, help=_("把没有导入的行写入这个 CSV"))
        parser.add_argument("--batch", type=_positive, default=BATCH, help=_("每批行数"))

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        if not file.is_file():
            raise CommandError(_("没有这个文件：{file}").format(file=file))
        with ExitStack() as stack:
            try:
                path = mappings.find(options["mapping"], file)
                mapping = mappings.load(path)
                table = open_table(file, mapping.file)
                stack.callback(table.close)
                fits(mapping, table, path.name)
            except (MappingError, UnreadableFile) as reason:
                raise CommandError(str(reason)) from None
            project = _project(options["project"] or mapping.project)
            person = _person(options["username"], project)
            report = stack.enter_context(Report(options["report"], self.stdout))
            run = Import(
                mapping=mapping,
                table=table,
                project=project,
                file=fingerprint(file),
                person=person or at_the_desk(project),
                history_by=person,
                reject=report.reject,
                dry_run=options["dry_run"],
                batch=options["batch"],
            )
            started = time.monotonic()
            try:
                _watch(run.run(), table, report)
            except UnreadableFile as reason:
                self._sum_up(run, time.monotonic() - started)
                raise CommandError(str(reason)) from None
            self._sum_up(run, time.monotonic() - started)

    def _sum_up(self, run: Import, seconds: float) -> None:
        counts = run.counts
        words = (
            _("试运行，没有写入：可导入 {imported} 件（其中未结 {still_open} 件）")
            if run.dry_run
            else _("已导入 {imported} 件（其中未结 {still_open} 件，从现在起计时）")
        )
        said = [
            words.format(imported=counts.imported, still_open=counts.still_open),
            _("此前已有 {present} 件").format(present=counts.present),
            _("拒收 {rejected} 行").format(rejected=counts.rejected),
        ]
        if counts.skipped:
            said.append(_("按对照文件略过 {skipped} 行").format(skipped=counts.skipped))
        rate = counts.rows / seconds if seconds else 0
        speed = _("共 {rows} 行，{seconds:.1f} 秒，每秒 {rate:.0f} 行")
        said.append(speed.format(rows=counts.rows, seconds=seconds, rate=rate))
        self.stdout.write("；".join(said))


class Report:
    """Every rejected row with line, field and reason: a CSV, or lines where no file was named."""

    def __init__(self, path: Path | None, out: Any) -> None:
        self._path = path
        self._out = out
        self._file: Any = None

    def __enter__(self) -> Report:
        if self._path is not None:
            try:
                # With a mark, so that Excel reads it as UTF-8.
                self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            except OSError as error:
                raise CommandError(f"{self._path}: {error.strerror}") from None
            self._rows = csv.writer(self._file)
            self._rows.writerow(["line", "field", "code", "reason"])
        return self

    def __exit__(self, *raised: object) -> None:
        if self._file is not None:
            self._file.close()

    def reject(self, row: Row, problems: Sequence[Problem]) -> None:
        """Name a rejected row, once for each reason."""
        for each in problems:
            if self._file is not None:
                self._rows.writerow([row.line, each.field, each.code, each.words])
            else:
                where = f"{each.field}: " if each.field else ""
                self._out.write(_("第 {line} 行：").format(line=row.line) + where + each.words)

    def flush(self) -> None:
        """What is committed is also reported, whatever happens next."""
        if self._file is not None:
            self._file.flush()


def _watch(batches: Iterable[Counts], table: Table, report: Report) -> None:
    """Let the import run, and say on the standard error how far it is."""
    console = Console(stderr=True)
    if not console.is_terminal:
        _say_now_and_then(batches, table, report)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[speed]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(_("导入"), total=table.total, speed="")
        started = time.monotonic()
        for counts in batches:
            report.flush()
            rate = counts.rows / (time.monotonic() - started)
            speed = _("{rows} 行，每秒 {rate:.0f} 行").format(rows=counts.rows, rate=rate)
            progress.update(task, completed=table.done(), speed=speed)


def _say_now_and_then(batches: Iterable[Counts], table: Table, report: Report) -> None:
    started = said = time.monotonic()
    for counts in batches:
        report.flush()
        now = time.monotonic()
        if now - said < SAY_EVERY:
            continue
        said = now
        share = table.done() / table.total if table.total else 0
        left = (now - started) * (1 / share - 1) if share else 0
        line = _("已读 {rows} 行（{share:.0%}），每秒 {rate:.0f} 行，约余 {left:.0f} 秒")
        rate = counts.rows / (now - started)
        print(line.format(rows=counts.rows, share=share, rate=rate, left=left), file=sys.stderr)


def _project(code: str) -> Project:
    projects = Project.objects.filter(is_active=True)
    if code:
        found = projects.filter(code=code).first()
        if found is None:
            raise CommandError(_("没有代号为 {code} 的项目").format(code=code))
        return found
    few = list(projects.order_by("code")[:2])
    if len(few) == 1:
        return few[0]
    codes = _("、").join(projects.order_by("code").values_list("code", flat=True)[:20])
    raise CommandError(_("请用 --project 指明项目：{codes}").format(codes=codes))


def _person(username: str, project: Project) -> Staff | None:
    if not username:
        return None
    person = Staff.objects.filter(username=username, is_active=True).first()
    if person is None:
        raise CommandError(_("没有这个用户名：{username}").format(username=username))
    try:
        history.may_receive(person, project)
    except NotAllowed as refusal:
        raise CommandError(refusal.words) from None
    return person
