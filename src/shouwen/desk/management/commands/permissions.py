"""`shouwen permissions`: who may do what, computed from the rules in force."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from shouwen.desk.matrix import PROJECTS, matrix
from shouwen.organization.positions import Position


class Command(BaseCommand):
    help = _(
        "打印全部权限：每项操作、每个岗位、本项目、其他项目或全公司，是否允许，由哪条规则决定。"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("打印 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        found = matrix()
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False, indent=1))
            return
        labels = dict(Position.choices)
        for (operation, subject), rows in _grouped(found["operations"]).items():
            self.stdout.write(f"{operation} {subject}".rstrip())
            for project in PROJECTS:
                names = [
                    str(labels.get(row["position"], _("无岗位")))
                    for row in rows
                    if row["project"] == project and row["allowed"]
                ]
                self.stdout.write(f"  {project:<6}{'、'.join(names) or '–'}")


def _grouped(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["operation"], row["subject"]), []).append(row)
    return grouped
