"""``clocks``: explain a clock, rebuild the rows, adopt house rules, decide days."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn

from shouwen.clocks import calendars, explaining, reading, regulations, subjects
from shouwen.clocks.explaining import Explanation
from shouwen.clocks.models import StoredCalendar, StoredRegulation
from shouwen.clocks.rebuild import rebuild
from shouwen.regulation import model
from shouwen.regulation.durations import Decision


class Command(BaseCommand):
    """One subcommand each; see their help."""

    help = _("说明时限怎样计算、从台账重算、采用内规、定工作日。")

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)

        explain = commands.add_parser("explain", help=_("说明一件投诉的各个时限怎样计算"))
        explain.add_argument("number", help=_("投诉编号"))
        explain.add_argument("--rule", help=_("只说明这条规则的时限，如 R2.handle"))
        explain.add_argument("--json", action="store_true", help=_("打印 JSON"))

        rebuilt = commands.add_parser("rebuild", help=_("全部从台账重算，列出差异"))
        rebuilt.add_argument("--write", action="store_true", help=_("把有差异的重新写入"))

        adopted = commands.add_parser("regulation", help=_("列出施行的版本；采用内规"))
        adopted.add_argument("--house", type=Path, metavar="FILE", help=_("采用这个文件里的内规"))
        adopted.add_argument("--in-force-from", type=date.fromisoformat, metavar="DATE")

        days = commands.add_parser("calendar", help=_("列出日历的版本；定某一天上班或休息"))
        days.add_argument("--work", type=date.fromisoformat, metavar="DATE", help=_("这一天上班"))
        days.add_argument("--free", type=date.fromisoformat, metavar="DATE", help=_("这一天休息"))
        days.add_argument("--name", default="", help=_("这一天的名称"))

    def handle(self, *args: Any, **options: Any) -> None:
        action: Callable[[dict[str, Any]], None] = getattr(self, options["what"])
        action(options)

    def explain(self, options: dict[str, Any]) -> None:
        """Each clock of a complaint, stretch by stretch."""
        found = subjects.find(options["number"])
        if found is None:
            raise CommandError(_("没有编号为 %(number)s 的投诉") % {"number": options["number"]})
        rows = reading.of_subject(*found).select_related("regulation", "calendar")
        if options["rule"]:
            rows = rows.filter(rule=options["rule"])
        explanations = [explaining.explain(row) for row in rows]
        if options["json"]:
            clocks = [explaining.as_json(explanation) for explanation in explanations]
            answer = {"number": options["number"], "clocks": clocks}
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        for explanation in explanations:
            self._tell(explanation)

    def _tell(self, explanation: Explanation) -> None:
        row, zone = explanation.row, explanation.timezone

        def at(moment: Any) -> str:
            return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"

        head = [row.rule, row.key, explanation.rule.title, str(row.get_state_display())]
        self.stdout.write(" · ".join(part for part in head if part))
        for stretch in explanation.stretches:
            sign = "+" if stretch.counted else " "
            self.stdout.write(
                f"  {sign} {at(stretch.start)} – {at(stretch.end)}  {explaining.why(stretch)}"
            )
        self.stdout.write("  = " + _("到期 %(due_at)s") % {"due_at": at(row.due_at)})
        if row.stopped_at is not None and row.ended_by is not None:
            self.stdout.write(
                "  "
                + _("停止于 %(stopped_at)s（记录 %(number)s）")
                % {"stopped_at": at(row.stopped_at), "number": row.ended_by}
            )
        self.stdout.write(f"  {row.regulation} · {row.calendar}")

    def rebuild(self, options: dict[str, Any]) -> None:
        """Compare with the ledger; exit status 1 where something differs and is not written."""
        console = Console(stderr=True)
        columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
        found = 0
        with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
            task = bar.add_task(_("重算"), total=None)
            for difference in rebuild(
                write=options["write"],
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            ):
                found += 1
                self.stdout.write(f"{difference.number}: {'; '.join(difference.what)}")
        self.stdout.write(
            _("没有差异") if not found else _("%(count)s 件有差异") % {"count": found}
        )
        if found and not options["write"]:
            raise SystemExit(1)

    def regulation(self, options: dict[str, Any]) -> None:
        """Adopt a house file where one is named; then list the versions."""
        if options["house"]:
            self._adopt(options["house"], options["in_force_from"])
        regulations.in_force(timezone.localdate())
        for row in StoredRegulation.objects.order_by("in_force_from", "known_since"):
            house = _("有内规") if row.house_text else _("无内规")
            self.stdout.write(f"{row.in_force_from}  {row}  {house}")

    def _adopt(self, path: Path, in_force_from: date | None) -> None:
        try:
            house_text = path.read_text("utf-8")
            regulation = regulations.in_force(in_force_from or timezone.localdate())
            regulations.adopt(regulation.id, house_text, in_force_from or timezone.localdate())
        except (OSError, UnicodeDecodeError, model.RegulationError) as error:
            raise CommandError(f"{path}: {error}") from error

    def calendar(self, options: dict[str, Any]) -> None:
        """Decide a day where one is named; then list the versions and what is to be known."""
        for day, working in ((options["work"], True), (options["free"], False)):
            if day is not None:
                name = options["name"] or _("本公司安排")
                calendars.decide({day: Decision(working, name)})
        calendars.all_known()
        for row in StoredCalendar.objects.order_by("known_since"):
            self.stdout.write(f"{row.known_since:%Y-%m-%d %H:%M:%S}  {row}")
        for warning in calendars.warnings():
            self.stdout.write(f"! {warning}")
