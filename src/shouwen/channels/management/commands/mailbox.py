"""``mailbox list`` and ``mailbox test``: which mailboxes there are, and whether they can be opened."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from shouwen.channels.mail import fetching
from shouwen.channels.mail.kept import Mailbox
from shouwen.notices.sending.failures import reason


class Command(BaseCommand):
    """Passwords are neither asked for nor shown: they are set on the settings page."""

    help = _("收件邮箱：列出（list），或登录试连、不取信（test）。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("list", "test"))
        parser.add_argument("id", nargs="?", type=int, help=_("只看这一个（list 给出的编号）"))

    def handle(self, *args: Any, **options: Any) -> None:
        found = Mailbox.objects.select_related("project")
        if options["id"] is not None:
            found = found.filter(pk=options["id"])
        boxes = list(found)
        if not boxes:
            raise CommandError(_("没有这样的收件邮箱；请在“设置 › 收件邮箱”里添加"))
        failed = 0
        for box in boxes:
            code = fetching.test(box) if options["action"] == "test" else box.last_error
            failed += bool(code)
            self.stdout.write(f"{box.pk}  {box.project.code}  {box.address}  {_said(box, code)}")
        if options["action"] == "test" and failed:
            raise CommandError(_("有连不上的邮箱"))


def _said(box: Mailbox, code: str) -> str:
    if code:
        why = reason(code)
        return f"{why.what}（{why.remedy}）"
    if not box.is_active:
        return _("已停用")
    return _("正常") if box.last_ok_at else _("还没有取过")
