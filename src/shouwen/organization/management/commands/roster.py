"""`shouwen roster`: who answers for a position at a moment and why, and where the roster has gaps."""

from __future__ import annotations

import datetime
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from shouwen.organization import on_duty
from shouwen.organization.holders import DEPARTMENT
from shouwen.organization.models import Department, Project, Staff
from shouwen.organization.on_duty import Gap, Resolution


class Command(BaseCommand):
    help = _("按值班表说明某个岗位在某一时刻由谁负责、为什么；列出无人值班的时间。")

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        who = actions.add_parser("who", help=_("某一时刻由谁负责，为什么"))
        who.add_argument("--position", required=True, help=_("岗位代号，或 department"))
        who.add_argument("--department", default="", help=_("部门代号"))
        who.add_argument("--at", help=_("时刻，如 2026-03-02T03:00；默认现在"))
        gaps = actions.add_parser("gaps", help=_("今后无人值班的时间"))
        gaps.add_argument("--days", type=int, default=14, help=_("看多少天，默认 14"))
        for action in (who, gaps):
            action.add_argument("--project", required=True, help=_("项目代号"))
            action.add_argument("--json", action="store_true", help=_("打印 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        project = Project.objects.filter(code=options["project"]).first()
        if project is None:
            raise CommandError(_("没有代号为 {code} 的项目").format(code=options["project"]))
        with timezone.override(project.timezone):
            if options["action"] == "who":
                self._who(project, options)
            else:
                self._gaps(project, options)

    def _who(self, project: Project, options: dict[str, Any]) -> None:
        at = _moment(options["at"])
        code = options["department"]
        if code and not Department.objects.filter(code=code).exists():
            raise CommandError(_("没有代号为 {code} 的部门").format(code=code))
        try:
            found = on_duty.resolve(
                options["position"], project_id=project.pk, department_code=code or None, at=at
            )
        except ValueError:
            raise CommandError(_("没有这个岗位；department 还要指明部门")) from None
        asked = {
            "project": project.code,
            "position": options["position"],
            "department": code,
            "at": timezone.localtime(at).isoformat(),
        }
        if options["json"]:
            self._print(asked | {"answers": _told(found)})
            return
        names = "、".join(each.name for each in found.persons) or "–"
        self.stdout.write(f"{on_duty.position_name(found.position)} {names}")
        for reason in found.reasons:
            self.stdout.write(f"  {reason.text}")

    def _gaps(self, project: Project, options: dict[str, Any]) -> None:
        now = timezone.now()
        found = on_duty.gaps(project, now, now + datetime.timedelta(days=options["days"]))
        if options["json"]:
            self._print({"project": project.code, "gaps": [_told_gap(gap) for gap in found]})
            return
        for gap in found:
            post = _place(gap)
            names = "、".join(each.name for each in gap.falls_to.persons) or "–"
            span = " – ".join(
                f"{timezone.localtime(each):%Y-%m-%d %H:%M}" for each in (gap.since, gap.until)
            )
            self.stdout.write(
                f"{span}  {post}  {on_duty.position_name(gap.falls_to.position)} {names}"
            )

    def _print(self, document: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))


def _moment(said: str | None) -> datetime.datetime:
    if said is None:
        return timezone.now()
    try:
        moment = parse_datetime(said)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(_("时刻写法有误，应如 2026-03-02T03:00"))
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def _place(gap: Gap) -> str:
    name = on_duty.position_name(gap.position)
    return f"{name} {gap.department}" if gap.position == DEPARTMENT else name


def _somebody(staff: Staff) -> dict[str, Any]:
    return {"username": staff.username, "name": staff.name}


def _told(found: Resolution) -> dict[str, Any]:
    return {
        "position": found.position,
        "persons": [_somebody(each) for each in found.persons],
        "reasons": [
            {
                "code": reason.code,
                "position": reason.position,
                "person": _somebody(reason.staff) if reason.staff else None,
                "text": reason.text,
            }
            for reason in found.reasons
        ],
    }


def _told_gap(gap: Gap) -> dict[str, Any]:
    return {
        "position": gap.position,
        "department": gap.department,
        "since": timezone.localtime(gap.since).isoformat(),
        "until": timezone.localtime(gap.until).isoformat(),
        "answers": _told(gap.falls_to),
    }
