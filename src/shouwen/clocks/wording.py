"""The words of the shipped regulation and of the calendar, in the reader's language.

They are data (a TOML file, a library's calendar), so they stand here once more where translators
find them. A house file's own words are shown as the company wrote them.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext, gettext_noop

#: Titles and clauses of the shipped regulations, and of the house rules a company begins with.
REGULATION = (
    gettext_noop("物业客户投诉处理工作管理规定"),
    gettext_noop("物业管理服务有限公司属下各项目及公司内部相关业务部门。"),
    gettext_noop(
        "凡属公司之员工,当接到顾客投诉时,必须聆听,同时将顾客投诉的时间、姓名、住址、联系电话号码及投诉主题详细记录,并将相关信息及时反馈客户中心前台(一般情况下在24小时内反馈)。"
    ),
    gettext_noop(
        "客户中心前台接到投诉信息后,必须做好汇总、核实、分析,根据各种投诉性质和程度及时作出相应的处理办法,并于12小时内向相关部门传递,要求限期处理和回复。"
    ),
    gettext_noop(
        "属非合理投诉事项的,客户中心须向顾客耐心解释,力求给予顾客谅解和宽容,对于难以说服的顾客,则由部门负责人须出面协调解决。"
    ),
    gettext_noop(
        "属日常投诉合理事项的,相关责任部门接到客户中心传递信息或调度后,须及时核实,并组织落实相应工作,若遇特殊情况或客观等原因不能按规定时间完成工作的,须在接到调度后的2个小时内向客户中心前台作出回应,以便向顾客回复。"
    ),
    gettext_noop(
        "相关部门将问题处理妥善后,须于2小时内反馈客户中心,以便跟进验证和回访顾客(回访时效在2个工作日内执行)。"
    ),
    gettext_noop(
        "属紧急抢险抢修、重要重大或需要开发商解决等事项,接报人或前台人员须于3分钟内知会相关部门作应急处理;各管理处负责人遇不能解决之重要重大事项,须于接报后的5分钟内上报物业公司主管领导,并于24小时内提交相关书面报告。"
    ),
    gettext_noop(
        "物业公司主管领导遇不能协调解决的重要重大事项,须于接报后的10分钟内电话上报董事领导决策处理(并在48小时内提交书面报告);处理完毕后,由发展商客户服务部会同物业公司于8小时内跟进验证,并于完成后的2个工作日内回访客户。"
    ),
    gettext_noop(
        "首问人(即第一时间与客户接触和接报投诉的人),必须负责跟进客户中心处理进度情况,客户中心协调处理完毕,须于2小时内反馈首问责任人。"
    ),
    gettext_noop("每周每月由客户中心作统计评估分析报告,并反馈董事办、总经办和开发商客户服务部。"),
    gettext_noop(
        "不按本规定及相关工作流程配合工作,而影响整体运作或引起客户矛盾激化或有损公司利益和声誉的,视其责任轻重程度,根据公司制度,分别给予书面警告、记过、记大过、降级或开除处理;对工作表现出色或对公司作出贡献的,经相关部门和公司董事领导认可,分别给予嘉奖、记小功、记大功或颁发奖金等鼓励。"
    ),
    gettext_noop("接报后反馈客户中心前台"),
    gettext_noop("前台向相关部门传递"),
    gettext_noop("承办部门限期处理"),
    gettext_noop("接到调度后向前台回应"),
    gettext_noop("处理完毕后反馈客户中心"),
    gettext_noop("处理完毕后回访顾客"),
    gettext_noop("知会相关部门作应急处理"),
    gettext_noop("上报物业公司主管领导"),
    gettext_noop("向物业公司提交书面报告"),
    gettext_noop("电话上报董事领导"),
    gettext_noop("向董事领导提交书面报告"),
    gettext_noop("发展商客户服务部会同验证"),
    gettext_noop("发展商客户服务部会同回访"),
    gettext_noop("处理完毕后反馈首问责任人"),
    gettext_noop("每周统计评估分析报告"),
    gettext_noop("每月统计评估分析报告"),
    gettext_noop("首次回复顾客"),
    gettext_noop("延期告知顾客"),
    gettext_noop("按约定时间再次回复顾客"),
    gettext_noop("紧急事项到场"),
    gettext_noop("部门负责人出面协调"),
    gettext_noop("办结归档"),
    gettext_noop("投诉全程办结"),
    gettext_noop("无责判断由另一人复核"),
    gettext_noop("方案审批"),
    gettext_noop("两次退单后指定主办部门"),
    gettext_noop("客户三次催办"),
    gettext_noop("答复客户在查询页的留言"),
    gettext_noop("重大、较复杂事项指定主管负责人"),
    gettext_noop("联系事项首次答复"),
    gettext_noop("联系事项按约再次答复"),
    gettext_noop("联系事项办结"),
    gettext_noop("按热线要求的时间回复热线"),
)

#: The public holidays of China as the `holidays` library calls them.
HOLIDAYS = (
    gettext_noop("元旦"),
    gettext_noop("农历除夕"),
    gettext_noop("春节"),
    gettext_noop("春节延长假期"),
    gettext_noop("清明节"),
    gettext_noop("劳动节"),
    gettext_noop("端午节"),
    gettext_noop("中秋节"),
    gettext_noop("国庆节"),
    gettext_noop("中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日"),
)
_IN_LIEU = "（补假）"
_SWAPPED = re.compile(r"休息日（由 (\S+) 调休）")


def said(text: str) -> str:
    """A title or clause of a regulation; as it stands where it has no translation."""
    return gettext(text) if text else ""


def holiday(name: str) -> str:
    """A day off by its name: one holiday, several on one day, one in lieu, a swapped rest day."""
    return "; ".join(_holiday(each) for each in name.split("; "))


def _holiday(name: str) -> str:
    swapped = _SWAPPED.fullmatch(name)
    if swapped:
        return gettext("休息日（由 {date} 调休）").format(date=swapped[1])
    if name.endswith(_IN_LIEU):
        return gettext("{holiday}（补假）").format(holiday=said(name.removesuffix(_IN_LIEU)))
    return said(name)
