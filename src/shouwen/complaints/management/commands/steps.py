"""`shouwen steps`: the step table, as text, as JSON, or as the state diagram of the docs."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.complaints.diagram import mermaid
from shouwen.complaints.steps import STEPS
from shouwen.complaints.steps.table import Step


class Command(BaseCommand):
    help = _("打印投诉办理步骤表：谁可以办、从哪些状态、需要填什么、之后是什么状态。")

    def add_arguments(self, parser: CommandParser) -> None:
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help=_("打印 JSON"))
        form.add_argument("--mermaid", action="store_true", help=_("打印状态图（文档用）"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["mermaid"]:
            self.stdout.write(mermaid())
            return
        table = [described(step) for step in STEPS.values()]
        if options["json"]:
            self.stdout.write(json.dumps(table, ensure_ascii=False, indent=2))
            return
        for row in table:
            self.stdout.write(
                f"{row['step']:<22} {row['clause'] or '–':<4} {row['verb']}  "
                f"[{', '.join(row['who'])}]  → {', '.join(row['becomes']) or '='}"
            )


def described(step: Step) -> dict[str, Any]:
    """One step of the table as plain values; `data` is a JSON schema."""
    with translation.override("zh-hans"):
        fields = [
            {"name": name, "label": str(shown.label), "kept": shown.kept, "widget": shown.widget}
            for name, shown in step.data.shown().items()
        ]
        return {
            "step": step.name,
            "kind": step.kind,
            "clause": step.clause,
            "verb": str(step.verb),
            "who": list(step.who),
            "statuses": sorted(step.statuses),
            "becomes": [str(status) for status in step.becomes],
            "conditional": step.when is not None,
            "answers": list(step.answers),
            "fields": fields,
            "data": step.data.model_json_schema(),
        }
