"""How times, limits, articles and rules are said on the staff pages.

Time left is said the same way here and in `static/desk/clock.js`, which keeps it ticking.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from shouwen.clocks import wording
from shouwen.complaints.moments import day as day
from shouwen.complaints.moments import moment as moment
from shouwen.complaints.moments import until as until
from shouwen.regulation.durations import Limit

SECONDS_TICK = 600  # seconds are shown in the last ten minutes only

_ARTICLES: dict[str, Promise] = {
    "R0": gettext_lazy("适用范围"),
    "R1": gettext_lazy("第一条"),
    "R2": gettext_lazy("第二条"),
    "R3": gettext_lazy("第三条"),
    "R4": gettext_lazy("第四条"),
    "R5": gettext_lazy("第五条"),
    "R6": gettext_lazy("第六条"),
    "R7": gettext_lazy("第七条"),
    "R8": gettext_lazy("第八条"),
    "R9": gettext_lazy("第九条"),
    "R10": gettext_lazy("第十条"),
}

_DUTIES: dict[str, Promise] = {
    "R1.relay": gettext_lazy("反馈客户中心前台"),
    "R2.dispatch": gettext_lazy("核实、派单"),
    "R2.handle": gettext_lazy("处理完毕"),
    "R4.respond": gettext_lazy("接单或回应"),
    "R5.feedback": gettext_lazy("完成后反馈"),
    "R5.visit": gettext_lazy("回访客户"),
    "R6.alert": gettext_lazy("知会相关部门"),
    "R6.escalate": gettext_lazy("处置，或上报公司主管领导"),
    "R6.report": gettext_lazy("提交书面报告（公司）"),
    "R7.escalate": gettext_lazy("处置，或上报董事领导"),
    "R7.report": gettext_lazy("提交书面报告（董事）"),
    "R7.verify": gettext_lazy("会同跟进验证"),
    "R7.visit": gettext_lazy("会同回访客户"),
    "R8.inform": gettext_lazy("反馈首问责任人"),
    "R9.weekly": gettext_lazy("周统计分析报告"),
    "R9.monthly": gettext_lazy("月统计分析报告"),
    "H.contact": gettext_lazy("首次答复客户"),
    "H.tell": gettext_lazy("告知客户新的完成时间"),
    "H.update": gettext_lazy("按约再次答复客户"),
    "H.arrive": gettext_lazy("到达现场"),
    "H.mediate": gettext_lazy("出面协调"),
    "H.close": gettext_lazy("结案"),
    "H.total": gettext_lazy("全程办结"),
    "H.confirm": gettext_lazy("复核无责判断"),
    "H.approve": gettext_lazy("审批方案"),
    "H.lead": gettext_lazy("指定主办部门"),
    "H.manager": gettext_lazy("指定主管负责人"),
    "H.urge": gettext_lazy("过问催办并答复客户"),
    "H.reply": gettext_lazy("查看客户留言并答复"),
    "H.first_reply": gettext_lazy("答复联系事项"),
    "H.next_reply": gettext_lazy("按约再次答复联系事项"),
    "H.settle": gettext_lazy("联系事项办结"),
    "H.hotline": gettext_lazy("回复热线"),
}


def listed(words: Iterable[object]) -> str:
    """Several words in a row: 工程部、秩序部."""
    return _("、").join(str(each) for each in words)


def quoted(text: str) -> str:
    """Somebody's own words, as a quotation."""
    return _("“{words}”").format(words=text)


def article(handle: str | None) -> str:
    """An article as people cite it (第六条, Art. 6); house rules have none (内规)."""
    if handle is None:
        return _("内规")
    return str(_ARTICLES.get(handle, handle))


def duty(rule: str, title: str = "") -> str:
    """What a rule asks somebody to do; `title` is the regulation's own word for rules of a house."""
    return str(_DUTIES.get(rule) or wording.said(title) or rule)


def within(limit: Limit | None) -> str:
    """A limit in words: 12 小时内, 2 个工作日内."""
    if limit is None:
        return _("按约定时间")
    patterns = {
        "min": _("{} 分钟内"),
        "h": _("{} 小时内"),
        "working day": ngettext("{} 个工作日内", "{} 个工作日内", limit.amount),
    }
    return patterns[limit.unit].format(limit.amount)


def span(length: timedelta) -> str:
    """A length of time in its two largest units: 38 分, 1 小时 12 分, 12 小时, 3 天 4 小时."""
    minutes = int(length.total_seconds()) // 60
    hours, days = minutes // 60, minutes // 1440
    if minutes < 1:
        return _("不到 1 分")
    if minutes < 60:
        return _("{} 分").format(minutes)
    if hours < 48:
        rest = minutes % 60
        return _("{} 小时 {} 分").format(hours, rest) if rest else _("{} 小时").format(hours)
    rest = hours % 24
    return _("{} 天 {} 小时").format(days, rest) if rest else _("{} 天").format(days)


def time_left(due_at: datetime, now: datetime) -> str:
    """What is left until a due time: 38 分, 09:41 in the last ten minutes, 超 26 分 after it."""
    seconds = int((due_at - now).total_seconds() // 1)
    if seconds < -59:
        return _("超 {}").format(span(timedelta(seconds=-seconds)))
    if seconds < 0:
        return _("刚刚超时")
    if seconds > SECONDS_TICK:
        return span(timedelta(seconds=seconds))
    return f"{seconds // 60:02}:{seconds % 60:02}"


def time_words() -> str:
    """The words of `span` and `time_left` for the script, as JSON."""
    return json.dumps(
        {
            "moment": _("不到 1 分"),
            "minutes": _("{} 分"),
            "hours": _("{} 小时 {} 分"),
            "whole_hours": _("{} 小时"),
            "days": _("{} 天 {} 小时"),
            "whole_days": _("{} 天"),
            "late": _("超 {}"),
            "just": _("刚刚超时"),
        },
        ensure_ascii=False,
    )


def exact(at: datetime) -> str:
    """A moment to the second with its date, shown on hover."""
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S}"
