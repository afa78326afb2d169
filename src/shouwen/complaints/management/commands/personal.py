"""``shouwen personal export|erase --customer ID | --telephone NUMBER``, ``personal retention``."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from shouwen.complaints import one_customer
from shouwen.organization.customers import find_by_telephone
from shouwen.organization.models import Customer, Project
from shouwen.records import retention


class Command(BaseCommand):
    help = _("一位客户的个人信息：导出全部；按本人请求删除。保存期限：看什么到期，删除。")

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, told in (("export", _("导出为 JSON")), ("erase", _("删除"))):
            action = actions.add_parser(name, help=told)
            which = action.add_mutually_exclusive_group(required=True)
            which.add_argument("--customer", type=int, metavar="ID")
            which.add_argument("--telephone", metavar="NUMBER", help=_("完整号码"))
        action.add_argument("--reason", default="", help=_("为什么删除，写入台账"))
        action.add_argument(
            "--everything",
            action="store_true",
            help=_("投诉中的文字和附件也删除，不只是姓名和电话"),
        )
        action.add_argument("--open-too", action="store_true", help=_("还有未结案的投诉也删除"))
        action.add_argument("--dry-run", action="store_true", help=_("只列出会删除什么"))

        kept = actions.add_parser("retention", help=_("删除保存期限已到的数据"))
        kept.add_argument("--preview", action="store_true", help=_("只列出会删除什么"))
        kept.add_argument("--json", action="store_true", help=_("打印 JSON"))

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "retention":
            self._retention(options)
            return
        for customer in self._customers(options["customer"], options["telephone"]):
            if options["action"] == "export":
                held = one_customer.export(customer, by=None)
                self.stdout.write(
                    json.dumps(held, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
                )
            else:
                self._erase(customer, options)

    def _retention(self, options: dict[str, Any]) -> None:
        found = retention.preview() if options["preview"] else retention.apply()
        if options["json"]:
            told = [
                {
                    "kind": each.kind.name,
                    "label": str(each.kind.label),
                    "days": each.days,
                    "before": each.cutoff,
                    "number": each.number,
                }
                for each in found
            ]
            self.stdout.write(json.dumps(told, ensure_ascii=False, cls=DjangoJSONEncoder))
            return
        for each in found:
            period = _("一直保存") if each.days is None else _("%(days)d 天") % {"days": each.days}
            self.stdout.write(f"{each.kind.label}  {period}  {each.number}")

    @staticmethod
    def _customers(pk: int | None, telephone: str | None) -> list[Customer]:
        if pk is not None:
            found = list(Customer.objects.filter(pk=pk))
        elif telephone is None or len(telephone.strip()) <= 4:
            raise CommandError(_("请写完整号码。"))
        else:
            found = list(find_by_telephone(Project.objects.values_list("pk", flat=True), telephone))
        if not found:
            raise CommandError(_("没有这位客户。"))
        return found

    def _erase(self, customer: Customer, options: dict[str, Any]) -> None:
        if options["dry_run"]:
            for complaint in one_customer.complaints_of(customer):
                state = _("未结案") if complaint.closed_at is None else _("已结案")
                self.stdout.write(f"{complaint.number}  {state}")
            self.stdout.write(_("客户档案 %(id)d：未作任何更改。") % {"id": customer.pk})
            return
        if not options["reason"].strip():
            raise CommandError(_("请用 --reason 写明为什么删除。"))
        try:
            done = one_customer.erase(
                customer,
                by=None,
                reason=options["reason"],
                everything=options["everything"],
                open_too=options["open_too"],
            )
        except one_customer.StillOpen as still:
            raise CommandError(
                _("还有未结案的投诉：%(numbers)s。确认仍要删除，请加 --open-too。")
                % {"numbers": ", ".join(still.args[0])}
            ) from None
        except one_customer.OnHold as held:
            raise CommandError(
                _("正在保全的投诉：%(numbers)s。解除保全后才能删除。")
                % {"numbers": ", ".join(held.args[0])}
            ) from None
        self.stdout.write(
            _("已删除：客户档案 %(values)d 项，投诉 %(complaints)d 件，文件 %(files)d 个。")
            % {
                "values": done.customer,
                "complaints": len(done.complaints),
                "files": done.files,
            }
        )
