"""``notices``: who would be told when, a rehearsal and its report, a trial."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from shouwen.complaints.words import GRAVE
from shouwen.notices import planning, rehearsing, storm, trials
from shouwen.notices.answering import name_of
from shouwen.notices.policy import Rehearsal
from shouwen.notices.sending.failures import reason
from shouwen.organization.models import Project


class Command(BaseCommand):
    """One subcommand each; see their help."""

    help = _("看没人应答时会依次通知谁；演练升级通知；试发。")

    def add_arguments(self, parser: CommandParser) -> None:
        commands = parser.add_subparsers(dest="what", required=True)
        severities = sorted(str(each) for each in GRAVE)

        plan = commands.add_parser("plan", help=_("如果没人应答，会依次通知谁、用什么方式"))
        plan.add_argument("--project", metavar="CODE", help=_("项目代号（默认：第一个在管项目）"))
        plan.add_argument("--severity", choices=severities, default="emergency")
        plan.add_argument("--at", metavar="TIME", help=_("何时，如 22:30 或 2026-10-01T22:30"))
        plan.add_argument("--scenario", choices=["storm"], help=_("同一原因 50 件投诉"))
        plan.add_argument("--json", action="store_true", help=_("打印 JSON"))

        rehearse = commands.add_parser("rehearse", help=_("演练今晚的升级通知；--report 看结果"))
        rehearse.add_argument("--project", metavar="CODE")
        rehearse.add_argument("--severity", choices=severities, default="emergency")
        rehearse.add_argument("--at", metavar="TIME", help=_("按何时的值班表（默认：今晚 22:00）"))
        rehearse.add_argument("--report", action="store_true", help=_("最近一次演练的结果"))
        rehearse.add_argument("--json", action="store_true", help=_("打印 JSON"))

        test = commands.add_parser("test", help=_("试发一条，看地址和通道是否可用"))
        whom = test.add_mutually_exclusive_group(required=True)
        whom.add_argument("--person", metavar="USERNAME", help=_("一位员工的全部可用地址"))
        whom.add_argument("--address", metavar="ID", type=int, help=_("一个地址"))
        test.add_argument("--json", action="store_true", help=_("打印 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "test":
            self.test(options)
            return
        action: Callable[[dict[str, Any]], None] = getattr(self, options["what"])
        project = _project(options.get("project"))
        with timezone.override(ZoneInfo(project.timezone)):
            action(options | {"project": project})

    # -- plan

    def plan(self, options: dict[str, Any]) -> None:
        """The walk through the policy, or the storm."""
        project, at = options["project"], _moment(options["at"])
        if options["scenario"]:
            self._storm(project, at or _half_past_ten(), options["json"])
            return
        levels = planning.plan(project, options["severity"], at)
        if options["json"]:
            told = {
                "project": project.code,
                "severity": options["severity"],
                "if_nobody_answers": planning.as_json(levels),
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write(_("如果没人应答："))
        for level in levels:
            self.stdout.write(_level(level))
            for called in level.called:
                channels = _("、").join(
                    f"{used.label} {timezone.localtime(used.at):%H:%M:%S}"
                    for used in called.channels
                )
                self.stdout.write(f"    {called.person.name}  {channels}")

    def _storm(self, project: Project, at: datetime, as_json: bool) -> None:
        try:
            outcome = storm.play(project, at)
        except storm.NobodyThere:
            raise CommandError(_("这个项目没有人可以登记投诉")) from None
        held = outcome.held.total_seconds() if outcome.held is not None else None
        if as_json:
            told = {
                "complaints": outcome.complaints,
                "most_messages_a_person": outcome.most,
                "emergency_held_seconds": held,
                "people": [
                    {
                        "person": each.person.username,
                        "alerts": [timezone.localtime(at).isoformat() for at in each.alerts],
                        "gathered": [timezone.localtime(at).isoformat() for at in each.gathered],
                        "in_app": each.in_app,
                    }
                    for each in outcome.told
                ],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write(
            _("{n} 件同因投诉，每人最多收到 {most} 条消息；紧急的一件等候 {held} 秒").format(
                n=outcome.complaints, most=outcome.most, held=held
            )
        )
        for each in outcome.told:
            self.stdout.write(
                _("{name}：紧急 {alerts} 条，合并 {gathered} 条，站内 {in_app} 条").format(
                    name=each.person.name,
                    alerts=len(each.alerts),
                    gathered=len(each.gathered),
                    in_app=each.in_app,
                )
            )

    # -- test

    def test(self, options: dict[str, Any]) -> None:
        """Send trials; exit status 1 where one was not taken."""
        chosen = trials.addresses_of(options["person"], options["address"])
        if not chosen:
            raise CommandError(_("没有这位员工，或没有这个地址"))
        tried = [(each, trials.trial(each, get_language() or "zh-hans")) for each in chosen]
        if options["json"]:
            told = [
                {"address": each.pk, "channel": each.kind, "failed": code or None}
                for each, code in tried
            ]
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        else:
            for each, code in tried:
                why = reason(code)
                outcome = f"✕ {why.what}：{why.remedy}" if code else "✓"
                self.stdout.write(f"{each.pk} {each.get_kind_display()} {outcome}")
        if any(code for _each, code in tried):
            raise SystemExit(1)

    # -- rehearse

    def rehearse(self, options: dict[str, Any]) -> None:
        """Begin a rehearsal, or tell how the last one went."""
        project = options["project"]
        if options["report"]:
            self._report(project, options["json"])
            return
        as_at = _moment(options["at"])
        rehearsal = rehearsing.start(project, options["severity"], by=None, as_at=as_at)
        local = timezone.localtime(rehearsal.as_at)
        self.stdout.write(
            _(
                "演练已开始，按 {at:%Y-%m-%d %H:%M} 的值班表通知。结果：shouwen notices rehearse --report"
            ).format(at=local)
        )

    def _report(self, project: Project, as_json: bool) -> None:
        rehearsal = Rehearsal.objects.filter(project=project).order_by("-started_at").first()
        if rehearsal is None:
            raise CommandError(_("还没有演练过"))
        answers = rehearsing.answers(rehearsal)
        if as_json:
            told = {
                "started_at": timezone.localtime(rehearsal.started_at).isoformat(),
                "as_at": timezone.localtime(rehearsal.as_at).isoformat(),
                "finished": rehearsing.finished(rehearsal),
                "nobody_on_duty": [each.position for each in rehearsing.missed(rehearsal)],
                "answers": [
                    {
                        "person": each.person.username,
                        "position": each.position,
                        "told_at": timezone.localtime(each.told_at).isoformat(),
                        "after_seconds": each.after.total_seconds() if each.after else None,
                    }
                    for each in answers
                ],
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        for each in answers:
            after = (
                _("{n} 秒后应答").format(n=int(each.after.total_seconds()))
                if each.after is not None
                else _("没有应答")
            )
            told_at = f"{timezone.localtime(each.told_at):%H:%M:%S}"
            self.stdout.write(f"{told_at} {name_of(each.position)} {each.person.name}  {after}")
        for gap in rehearsing.missed(rehearsal):
            self.stdout.write(_("{position}：无人值班").format(position=name_of(gap.position)))


def _level(level: planning.Level) -> str:
    when = f"{timezone.localtime(level.at):%H:%M:%S}"
    who = name_of(level.position)
    if level.whole:
        who = _("全部{position}").format(position=who)
    if level.passed:
        return _("{when} {who}：无人值班，立即转下一级").format(when=when, who=who)
    if level.elsewhere:
        who = _("{who}（由{other}代）").format(who=who, other=name_of(level.found_at))
    return f"{when} {who}"


def _project(code: str | None) -> Project:
    projects = Project.objects.filter(is_active=True).order_by("code")
    found = projects.filter(code=code).first() if code else projects.first()
    if found is None:
        raise CommandError(_("没有这个项目"))
    return found


def _moment(text: str | None) -> datetime | None:
    """A time of today, or a date and a time; in the project's time zone where none is said."""
    if not text:
        return None
    try:
        if len(text) <= 5:
            clock = datetime.strptime(text, "%H:%M")
            now = timezone.localtime()
            return now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(_("时间写作 22:30 或 2026-10-01T22:30")) from None
    return found if found.tzinfo else timezone.make_aware(found)


def _half_past_ten() -> datetime:
    return timezone.localtime().replace(hour=22, minute=30, second=0, microsecond=0)
