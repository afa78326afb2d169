"""``shouwen keys status [--json] | rotate | retire NAME | encipher``."""

import json
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from shouwen.records import attachments, keyring, rotation


class Command(BaseCommand):
    help = _("加密密钥：各密钥下有多少数据；更换密钥；停用旧密钥。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        status = actions.add_parser("status", help=_("各密钥下有多少数据"))
        status.add_argument("--json", action="store_true", help=_("输出 JSON"))
        actions.add_parser("rotate", help=_("换用新密钥并重新加密；中断后再次运行即继续"))
        retire = actions.add_parser("retire", help=_("停用一个已无数据使用的旧密钥"))
        retire.add_argument("name", metavar="NAME")
        actions.add_parser("encipher", help=_("加密旧版本留下的明文附件；中断后再次运行即继续"))

    def handle(self, *args: Any, **options: Any) -> None:
        match options["action"]:
            case "status":
                self._status(as_json=options["json"])
            case "rotate":
                self._rotate()
            case "retire":
                self._retire(options["name"])
            case "encipher":
                done = attachments.encipher_old()
                self.stdout.write(_("已加密 %(count)d 个文件。") % {"count": done})

    def _status(self, *, as_json: bool) -> None:
        tables = rotation.counts()
        together: Counter[str] = Counter()
        for under in tables.values():
            together.update(under)
        names = [keyring.name(key) for key in keyring.in_use()]
        if as_json:
            told = {
                "keys": names,
                "values": dict(together),
                "tables": tables,
                "files_in_clear": rotation.files_in_clear(),
            }
            self.stdout.write(json.dumps(told, indent=2, sort_keys=True))
            return
        for name in names:
            self.stdout.write(f"{name}  {together[name]}")
        if together[rotation.UNREADABLE]:
            unreadable = _("无法读取")
            self.stdout.write(f"{unreadable}  {together[rotation.UNREADABLE]}")
        if in_clear := rotation.files_in_clear():
            old_files = _("未加密的旧附件")
            self.stdout.write(f"{old_files}  {in_clear}")

    def _rotate(self) -> None:
        newest = keyring.name(keyring.in_use()[0])
        old = {name for under in rotation.counts().values() for name in under} - {newest}
        if rotation.UNREADABLE in old:
            raise CommandError(_("有数据用现有密钥无法读取；请先找回缺少的密钥，未作任何更改。"))
        # With something left under an older key, an earlier rotation was broken off: go on.
        if not old:
            newest = keyring.name(keyring.add())
        changed: dict[str, int] = {}
        for step in rotation.rotate():
            changed[step.table] = step.changed
            self.stderr.write(f"{step.table}  {step.rows}  {step.changed}")
        self.stdout.write(
            _("全部数据已在密钥 %(name)s 之下，重新加密 %(count)d 项。")
            % {"name": newest, "count": sum(changed.values())}
        )

    def _retire(self, name: str) -> None:
        try:
            rotation.retire(name)
        except LookupError:
            raise CommandError(_("没有这个密钥。")) from None
        except ValueError:
            raise CommandError(_("这是正在使用的新密钥，不能停用。")) from None
        except rotation.StillNeeded as needed:
            raise CommandError(
                _("还有 %(count)s 项数据在用这个密钥；请先运行 shouwen keys rotate。")
                % {"count": needed.args[0]}
            ) from None
        self.stdout.write(_("已停用。旧备份仍需这个密钥才能读取。"))
