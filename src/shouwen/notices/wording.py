"""The kinds of notices that the ledger gives rise to, in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from shouwen.notices.kinds import Kind
from shouwen.notices.kinds import register as _register

KINDS = (
    Kind("alert", _("紧急、重大事项"), _("请立即处置")),
    Kind("rehearsal", _("演练"), _("演练：请确认您收到了")),
    Kind("warned", _("时限将到"), _("时限将到：{duty}")),
    Kind("breached", _("已超时"), _("已超时：{duty}")),
    Kind("to_dispatch", _("等您派单"), _("新到一件，等您核实派单")),
    Kind("dispatched", _("派到本部门"), _("派到您部门：请接单，或在 2 小时内回应")),
    Kind("recalled", _("派单已收回"), _("派给您部门的已收回")),
    Kind("assigned", _("指派给您"), _("指派给您办理")),
    Kind("declined", _("部门退单"), _("部门退单，请重新派单")),
    Kind("delay_reported", _("部门报延期"), _("部门报延期，请告知客户新的时间")),
    Kind("extended", _("同意延期"), _("期限已改")),
    Kind("completed", _("部门已完成"), _("部门已完成，请验证")),
    Kind("verification_failed", _("验证不通过"), _("验证不通过，请重新派单")),
    Kind("verified", _("已验证"), _("已验证：可以告诉客户处理结果了")),
    Kind("approval_asked", _("等您批准"), _("有方案等您批准")),
    Kind("confirmation_asked", _("等您复核"), _("判为无责，等您复核")),
    Kind("manager_asked", _("等您指定负责人"), _("重大或复杂投诉，请指定主管负责人")),
    Kind("manager_named", _("您是主管负责人"), _("您被指定为主管负责人")),
    Kind("lead_asked", _("等您指定主办"), _("多次退单，请指定主办部门")),
    Kind("supervisor_called", _("客户三次催办"), _("客户三次催办，请过问")),
    Kind("urged", _("客户催办"), _("客户催办")),
    Kind("customer_wrote", _("客户留言"), _("客户在查询页留言，请查看")),
    Kind("customer_disputed", _("客户说没处理好"), _("客户说还没有处理好，请查看")),
    Kind("customer_confirmed", _("客户确认处理好"), _("客户确认已处理好，仍请按时回访")),
    Kind("mediate", _("等您出面协调"), _("客户不接受解释，请出面协调")),
    Kind("alerted", _("紧急知会"), _("请立即到场处置")),
    Kind("to_board", _("上报董事领导"), _("已上报您决策")),
    Kind("taken_in_charge", _("有人接手处置"), _("已有负责人接手处置")),
    Kind("transferred", _("交接给您"), _("交接给您跟进")),
    Kind("reopened", _("重新办理"), _("投诉重新办理，请核实派单")),
    Kind("channel_failed", _("渠道发不出去"), _("通知渠道发不出去：{channel}"), quiet=True),
    Kind("mentioned", _("备注里提到您"), _("备注里提到您")),
    Kind("watched", _("您关注的投诉"), _("您关注的投诉有新进展")),
    Kind("followed", _("首问跟进"), _("您首问的投诉有新进展")),
)


def register() -> None:
    """Make them known."""
    for kind in KINDS:
        _register(kind)
