"""`shouwen api-key`: keys for other systems, from the command line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from shouwen.api import keys
from shouwen.api.models import ApiKey
from shouwen.api.scopes import Scope
from shouwen.organization.models import Staff


class Command(BaseCommand):
    """Makes, lists and revokes keys; see docs/api.md."""

    help = _("接口密钥：创建、列出、吊销（见 docs/api.md）。")

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        create = commands.add_parser("create", help=_("创建一个密钥，只显示这一次"))
        create.add_argument(
            "--as", dest="username", required=True, help=_("代表哪位员工（用户名）")
        )
        create.add_argument("--name", default="cli", help=_("用途"))
        create.add_argument(
            "--scope",
            dest="scopes",
            action="append",
            choices=Scope.values,
            help=_("范围，可重复；不写则为全部"),
        )
        create.add_argument("--days", type=int, default=90, help=_("几天后到期；0 为不到期"))
        create.add_argument("--per-minute", type=int, default=300, help=_("每分钟请求数"))
        show = commands.add_parser("list", help=_("列出密钥"))
        show.add_argument("--json", action="store_true")
        revoke = commands.add_parser("revoke", help=_("吊销一个密钥"))
        revoke.add_argument("prefix", help=_("密钥的开头"))

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['command']}")(options)

    def _create(self, options: dict[str, Any]) -> None:
        owner = Staff.objects.filter(username=options["username"], is_active=True).first()
        if owner is None:
            raise CommandError(_("没有这位在职员工：{name}").format(name=options["username"]))
        days, rate = options["days"], options["per_minute"]
        if not 0 <= days <= keys.LONGEST.days or not 1 <= rate <= 100_000:
            raise CommandError(_("天数应为 0 到 731，每分钟请求数应为 1 到 100000"))
        _key, text = keys.make(
            owner=owner,
            name=options["name"][:80],
            scopes=options["scopes"] or Scope.values,
            by=None,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            per_minute=rate,
        )
        self.stdout.write(text)

    def _list(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        rows: list[dict[str, Any]] = [
            {
                "prefix": key.prefix,
                "owner": key.owner.username,
                "name": key.name,
                "scopes": key.scopes,
                "usable": key.usable(now),
                "expires_at": key.expires_at.isoformat() if key.expires_at else None,
            }
            for key in ApiKey.objects.select_related("owner")
        ]
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            state = _("可用") if row["usable"] else _("已失效")
            scopes = " ".join(row["scopes"])
            self.stdout.write(f"{row['prefix']}  {state}  {row['owner']}  {row['name']}  {scopes}")

    def _revoke(self, options: dict[str, Any]) -> None:
        prefix = options["prefix"].removeprefix(f"{keys.MARK}_").partition("_")[0]
        found = ApiKey.objects.filter(prefix=prefix).first()
        if found is None:
            raise CommandError(_("没有这个密钥"))
        keys.revoke(found, by=None)
        self.stdout.write(_("已吊销"))
