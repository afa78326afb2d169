"""`shouwen waves`: complaints that are proposed as one incident, with the reasons."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.translation import gettext as _

from shouwen.complaints import waves
from shouwen.complaints.models import Incident
from shouwen.complaints.waves import Wave
from shouwen.organization.models import Project


class Command(BaseCommand):
    help = _("列出可能同一原因的投诉（同一电梯、立管或车库，几小时之内），供归为同因事项。")

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help=_("打印 JSON"))
        parser.add_argument("--project", metavar="CODE", help=_("只看这个项目"))

    def handle(self, *args: Any, **options: Any) -> None:
        projects = Project.objects.filter(is_active=True).order_by("code")
        if options["project"]:
            projects = projects.filter(code=options["project"])
        found = [(project, wave) for project in projects for wave in waves.proposals(project)]
        if options["json"]:
            with translation.override("zh-hans"):
                told = [described(project, wave) for project, wave in found]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        if not found:
            self.stdout.write(_("没有发现可能同一原因的投诉。"))
        for project, wave in found:
            self.stdout.write(f"{project.code}  {wave.spot.label}  {' · '.join(wave.reasons)}")
            for each in wave.reports:
                self.stdout.write(f"    {each.received_at:%Y-%m-%d %H:%M}  {each.number}")


def described(project: Project, wave: Wave) -> dict[str, Any]:
    """One proposal as plain values: numbers and places that many share, nobody's words."""
    incident = Incident.objects.filter(pk=wave.incident_id).first() if wave.incident_id else None
    return {
        "project": project.code,
        "where": wave.spot.kind,
        "place": wave.spot.place,
        "cause": wave.cause,
        "complaints": [each.number for each in wave.reports],
        "first_at": wave.first_at.isoformat(),
        "last_at": wave.last_at.isoformat(),
        "reasons": wave.reasons,
        "incident": incident.number if incident else None,
    }
