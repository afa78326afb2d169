"""`shouwen administrator`: the first administrator of a company, by invitation."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils.translation import gettext as _

from shouwen.organization import invitations
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position
from shouwen.organization.structure import appoint


class Command(BaseCommand):
    """Makes an administrator for the whole company, or invites one anew, and prints the link."""

    help = _("建立全公司的系统管理员（或给已有的重新发邀请），打印只能用一次的邀请链接。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin", help=_("用户名（默认 admin）"))
        parser.add_argument("--name", default="", help=_("称呼（默认：系统管理员）"))

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        staff = Staff.objects.filter(username=username).first()
        if staff is None:
            name = options["name"] or str(Position.ADMINISTRATOR.label)
            staff = Staff.objects.create_user(username, name=name)
            appoint(staff, Position.ADMINISTRATOR)
        elif not staff.posts.filter(position=Position.ADMINISTRATOR, project=None).exists():
            raise CommandError(
                _("{username} 已有账号而不是全公司的系统管理员；请换一个用户名").format(
                    username=username
                )
            )
        if not staff.is_active:
            raise CommandError(_("{username} 已离职").format(username=username))
        token = invitations.invite(staff, by=None)
        public = settings.SHOUWEN_PUBLIC_ADDRESS.rstrip("/")
        where = public or _("（本系统的地址）")
        self.stdout.write(f"{where}/invitation/{token}/")
        self.stdout.write(_("七天内打开一次，设定密码。这个链接不会再显示。"))
