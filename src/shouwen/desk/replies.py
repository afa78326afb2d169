"""A sentence to say to the customer when their complaint has been taken (pages.md, words for residents).

It says what happens now and what to beware of; no limit is recited and nothing is promised that
the roster may not keep.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.complaints.contacts.words import Nature
from shouwen.complaints.words import Severity

_SAFETY: dict[str, Promise] = {
    "lift": gettext_lazy("如果有人在电梯里，请保持镇静，不要扒门，也不要自己爬出来。"),
    "water": gettext_lazy("请先不要靠近积水和用电设备。"),
    "power": gettext_lazy("请先不要碰触电箱和裸露的电线。"),
    "fire": gettext_lazy("请先离开有烟火的地方，不要乘电梯。"),
    "falling": gettext_lazy("请先不要从楼下经过。"),
    "leak": gettext_lazy("请先不要碰触漏水处附近的插座和电器。"),
}
_SAFETY_OTHERWISE = gettext_lazy("请您先注意自身安全，不要靠近危险的地方。")


def reply(*, name: str, severity: str, category: str) -> str:
    """What to say: addressed to the person, what happens now, safety, and how we reach them."""
    greeting = _("{name}，您好。").format(name=name) if name else _("您好。")
    if severity == Severity.EMERGENCY:
        now = _("情况已经记录，我马上通知相关人员到现场处置。")
        safety = str(_SAFETY.get(category, _SAFETY_OTHERWISE))
        last = _("有进展我们会及时给您回电，请保持电话畅通。")
        return _("{greeting}{now}{safety}{last}").format(
            greeting=greeting, now=now, safety=safety, last=last
        )
    if severity == Severity.MAJOR:
        now = _("您反映的情况已经详细记录，我马上报告负责人并通知相关部门。")
    else:
        now = _("您反映的情况已经记录，我们核实后转相关部门处理。")
    last = _("处理安排和进展会及时告诉您，请保持电话畅通。谢谢您告诉我们。")
    return _("{greeting}{now}{last}").format(greeting=greeting, now=now, last=last)


_OF_CONTACTS: dict[str, Promise] = {
    Nature.REPAIR: gettext_lazy("您报修的情况已经记下，我转给负责的同事，安排好了会与您联系。"),
    Nature.ENQUIRY: gettext_lazy("您问的我已经记下，问清楚后给您回复。"),
    Nature.PRAISE: gettext_lazy("谢谢您的肯定，我们会转达给同事。"),
    Nature.SUGGESTION: gettext_lazy("谢谢您的建议，我们会认真看。"),
}


def contact_reply(*, name: str, nature: str, answered: bool) -> str:
    """What to say when what was taken is no complaint; nothing where it was answered at once."""
    if answered:
        return ""
    greeting = _("{name}，您好。").format(name=name) if name else _("您好。")
    return greeting + str(_OF_CONTACTS[nature])
