"""``shouwen ledger verify | entries | seal | seals --export FILE | seals --check FILE``."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shouwen.records import ledger, seals
from shouwen.records.models import Seal


class Command(BaseCommand):
    help = _("核对台账的哈希链与封存；封存；导出封存，或用导出的文件核对数据库。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        verify = actions.add_parser("verify", help=_("逐条核对全部台账与封存，有误时退出码为 1"))
        verify.add_argument(
            "--subject", metavar="TYPE:ID", help=_("只核对一个对象，如 complaint:12")
        )
        entries = actions.add_parser("entries", help=_("列出一个对象的记录，每行一条规范形式"))
        entries.add_argument("subject", metavar="TYPE:ID")
        actions.add_parser("seal", help=_("封存上次封存之后有变化的台账"))
        kept = actions.add_parser("seals", help=_("列出、导出封存，或用导出的文件核对"))
        which = kept.add_mutually_exclusive_group()
        which.add_argument(
            "--export", metavar="FILE", type=Path, help=_("导出为每行一个 JSON 的文件")
        )
        which.add_argument(
            "--check", metavar="FILE", type=Path, help=_("用先前导出的文件核对数据库")
        )
        kept.add_argument(
            "--since", type=int, default=1, metavar="N", help=_("从第 N 次封存起导出")
        )

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "verify":
                self._verify(options["subject"])
            case "entries":
                self._entries(options["subject"])
            case "seal":
                self._seal()
            case "seals" if options["export"]:
                self._export(options["export"], options["since"])
            case "seals" if options["check"]:
                self._check(options["check"])
            case "seals":
                self._list()

    @staticmethod
    def _subject(named: str) -> tuple[str, int]:
        subject_type, _colon, subject_id = named.partition(":")
        if not subject_id.isdecimal():
            raise CommandError(_("对象写作 类型:编号，如 complaint:12"))
        return subject_type, int(subject_id)

    def _entries(self, named: str) -> None:
        for entry in ledger.of_subject(*self._subject(named)):
            self.stdout.write(entry.form().decode())

    def _verify(self, named: str | None) -> None:
        subject = None if named is None else self._subject(named)
        stages = {"entries": _("台账"), "seals": _("封存")}
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            transient=True,
        ) as shown:
            tasks = {name: shown.add_task(label, total=None) for name, label in stages.items()}
            seen = dict.fromkeys(stages, 0)

            def tell(stage: str, done: int, total: int) -> None:
                seen[stage] = done
                shown.update(tasks[stage], completed=done, total=total)

            breaks = ledger.verify(subject, tell)
        self._report(breaks)
        self.stdout.write(
            _("台账无误：核对 %(entries)d 条记录、%(leaves)d 个封存叶。")
            % {"entries": seen["entries"], "leaves": seen["seals"]}
        )

    def _report(self, breaks: Iterable[ledger.Break]) -> None:
        found = list(breaks)
        for broken in found:
            self.stderr.write(str(broken))
        if found:
            raise CommandError(_("发现 %(count)d 处不符。") % {"count": len(found)}, returncode=1)

    def _seal(self) -> None:
        made = seals.seal(timezone.now())
        if made is None:
            self.stdout.write(_("上次封存之后没有变化。"))
        else:
            self._write_seal(made)

    def _list(self) -> None:
        for made in Seal.objects.order_by("number"):
            self._write_seal(made)

    def _write_seal(self, made: Seal) -> None:
        local = timezone.localtime(made.sealed_at).isoformat(timespec="seconds")
        self.stdout.write(f"{made.number} {local} {made.leaf_count} {bytes(made.hash).hex()}")

    def _export(self, path: Path, since: int) -> None:
        try:
            with path.open("w", encoding="utf-8", newline="\n") as file:
                for line in seals.export(since):
                    file.write(line + "\n")
        except OSError as error:
            raise CommandError(_("无法写入 %(path)s") % {"path": path}) from error
        self.stdout.write(_("封存已导出到 %(path)s") % {"path": path})

    def _check(self, path: Path) -> None:
        try:
            with path.open(encoding="utf-8") as file:
                breaks = seals.check(file)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(_("无法读取 %(path)s") % {"path": path}) from error
        except ValueError as error:
            raise CommandError(
                _("%(path)s 不是导出的封存文件：%(error)s") % {"path": path, "error": error}
            ) from error
        self._report(breaks)
        self.stdout.write(_("数据库与 %(path)s 相符。") % {"path": path})
