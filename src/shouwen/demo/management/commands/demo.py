"""`shouwen demo`: make the demo company, and list its sign-ins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from shouwen.demo.making import ensure
from shouwen.demo.sign_ins import sign_ins


class Command(BaseCommand):
    """Make the demo company once, and say how to sign in to it."""

    help = "Make the demo company once, and list its one-click sign-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ensure", action="store_true", help=_("数据库为空时建立演示公司和投诉")
        )
        parser.add_argument("--signins", action="store_true", help=_("列出一键登录的岗位"))

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SHOUWEN_DEMO:
            raise CommandError(_("演示模式已关闭（SHOUWEN_DEMO=0）"))
        if not options["ensure"] and not options["signins"]:
            raise CommandError(_("请用 --ensure 或 --signins"))
        if options["ensure"]:
            self._ensure()
        if options["signins"]:
            self._list()

    def _ensure(self) -> None:
        # A line that rewrites itself helps on a terminal only; a log gets the last word.
        living = self.stdout.isatty()

        def say(done: int, of: int) -> None:
            if living:
                line = _("正在建立演示公司：{done}/{of}").format(done=done, of=of)
                self.stdout.write(f"\r{line}", ending="")
                self.stdout.flush()

        if ensure(say):
            self.stdout.write(("\r" if living else "") + _("演示公司已建立。"))

    def _list(self) -> None:
        table = Table(box=None, pad_edge=False)
        for title in (_("用户名"), _("称呼"), _("岗位"), _("项目")):
            table.add_column(title, no_wrap=True)
        for each in sign_ins():
            table.add_row(
                each.staff.username, each.staff.name, each.position, each.project or _("所有项目")
            )
        console = Console(width=120)
        with console.capture() as written:
            console.print(table)
        self.stdout.write(written.get(), ending="")
