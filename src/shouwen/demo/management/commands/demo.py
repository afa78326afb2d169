"""`shouwen demo`: make the demo company, make it larger, and list its sign-ins."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils.translation import gettext as _
from rich.console import Console
from rich.table import Table

from shouwen.demo import extending
from shouwen.demo.making import SEED, CannotMake, Say, ensure
from shouwen.demo.sign_ins import sign_ins
from shouwen.organization.models import Company


class Command(BaseCommand):
    """Make the demo company once, extend it, and say how to sign in to it."""

    help = _("建立演示公司（只建一次），列出一键登录。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ensure", action="store_true", help=_("数据库为空时建立演示公司和投诉")
        )
        parser.add_argument(
            "--seed", type=int, default=SEED, help=_("随机种子：同一个种子，同样的经过")
        )
        parser.add_argument(
            "--extend", type=int, metavar="N", help=_("把演示的投诉增加到 N 件，供压力测试")
        )
        parser.add_argument("--signins", action="store_true", help=_("列出一键登录的岗位"))

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SHOUWEN_DEMO:
            raise CommandError(_("演示模式已关闭（SHOUWEN_DEMO=0）"))
        made_only = options["extend"] is None and not options["signins"]
        if made_only or options["ensure"]:
            self._make(options["seed"], anyway=options["ensure"])
        if options["extend"] is not None:
            self._extend(options["extend"])
        if options["signins"]:
            self._list()

    def _make(self, seed: int, *, anyway: bool) -> None:
        if Company._meta.db_table not in connection.introspection.table_names():
            call_command("migrate", interactive=False, verbosity=0)
        try:
            made = ensure(self._say(_("正在建立演示公司：{done}/{of}")), seed=seed)
        except CannotMake as reason:
            raise CommandError(str(reason)) from None
        if made:
            self._conclude(_("演示公司已建立。"))
        elif not anyway:
            raise CommandError(
                _(
                    "这里已经有一家公司。台账只增不减，不能清空重来；"
                    "要另建一个演示，请换一个空的目录：SHOUWEN_HOME=新目录 shouwen demo --seed {seed}"
                ).format(seed=seed)
            )

    def _extend(self, total: int) -> None:
        try:
            written = extending.extend(total, self._say(_("正在增加投诉：{done}/{of}")))
        except extending.NothingToCopy:
            raise CommandError(_("这里还没有演示的投诉，请先运行 shouwen demo")) from None
        self._conclude(_("增加了 {count} 件投诉。").format(count=written))

    def _say(self, words: str) -> Say:
        # A line that rewrites itself helps on a terminal only; a log gets the last word.
        def say(done: int, of: int) -> None:
            if self.stdout.isatty():
                self.stdout.write(f"\r{words.format(done=done, of=of)}", ending="")
                self.stdout.flush()

        return say

    def _conclude(self, words: str) -> None:
        self.stdout.write(("\r" if self.stdout.isatty() else "") + words)

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
