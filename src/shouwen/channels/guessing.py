"""What the columns of a file and the values in them may be: a beginning for a person to correct."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shouwen.channels.looking import Column, Look
from shouwen.channels.mapping import CHOICES
from shouwen.complaints.models import Category
from shouwen.complaints.words import Channel, Severity
from shouwen.organization.models import Customer

#: What people call a field at the head of a column, the surest words first.
_HEADS: dict[str, tuple[str, ...]] = {
    "external_id": (
        *("投诉编号", "受理编号", "工单编号", "工单号", "编号", "单号", "流水号"),
        *("complaint id", "ticket id", "case id", "case number", "unique key", "id"),
    ),
    "received_at": (
        *("受理时间", "投诉时间", "登记时间", "来电时间", "接报时间", "受理日期", "投诉日期"),
        *("登记日期", "创建时间", "时间", "日期", "received at", "received", "created date"),
        *("created at", "opened at", "date"),
    ),
    "closed_at": (
        *("结案时间", "办结时间", "关闭时间", "完成时间", "结案日期", "办结日期", "完成日期"),
        *("答复时间", "closed at", "closed date", "resolved at", "closed", "reply time"),
    ),
    "subject": ("投诉主题", "主题", "标题", "subject", "title", "summary"),
    "content": (
        *("投诉内容", "反映内容", "内容", "事项描述", "问题描述", "描述", "投诉事项"),
        *("content", "description", "complaint", "details"),
    ),
    "wish": ("客户诉求", "诉求", "要求", "request", "wish"),
    "place": ("投诉地点", "地点", "位置", "地址", "location", "place", "address"),
    "happened": ("发生时间", "事发时间", "happened"),
    "reach_when": ("方便联系时间", "联系时间", "reach when"),
    "reply": ("处理结果", "答复内容", "答复", "回复", "处理情况", "resolution", "reply", "answer"),
    "name": (
        "投诉人",
        "业主姓名",
        "客户姓名",
        "姓名",
        "联系人",
        "称呼",
        "name",
        "customer",
        "user",
    ),
    "telephone": (
        *("联系电话", "电话号码", "手机号码", "手机号", "手机", "电话", "联系方式"),
        *("telephone", "phone", "mobile"),
    ),
    "relation": ("与房屋关系", "客户身份", "身份", "客户类型", "relation"),
    "home": ("房屋", "房号", "房间号", "楼栋房号", "门牌号", "住址", "home", "room", "unit"),
    "category": (
        *("投诉分类", "投诉类别", "投诉类型", "分类", "类别", "类型"),
        *("category", "complaint type", "type"),
    ),
    "severity": ("紧急程度", "严重程度", "优先级", "级别", "severity", "priority", "urgency"),
    "channel": ("渠道", "受理渠道", "投诉渠道", "来源", "途径", "channel", "source"),
    "status": ("状态", "处理状态", "办理状态", "进展", "status", "state"),
}
OF_TIME = ("received_at", "closed_at")
OF_VALUES = ("category", "severity", "channel", "relation", "status")

_SEVERITIES = {
    Severity.ROUTINE: ("普通", "低", "正常", "low", "normal", "minor"),
    Severity.COMPLEX: ("复杂", "中", "medium", "high"),
    Severity.MAJOR: ("严重", "高", "serious"),
    Severity.EMERGENCY: ("紧急", "特急", "抢险", "critical", "urgent"),
}
_CHANNELS = {
    Channel.PHONE: ("来电", "电话投诉", "telephone", "call"),
    Channel.FRONT_DESK: ("前台", "来访", "上门", "走访", "in person", "walk in"),
    Channel.EMAIL: ("邮件", "邮箱", "mail", "e-mail"),
    Channel.WEB: ("网站", "网络", "app", "小程序", "online", "portal"),
    Channel.CHAT: ("企业微信", "公众号", "wechat", "chat"),
    Channel.HOTLINE: ("热线", "12345", "政务热线", "hotline"),
}
_RELATIONS = {
    Customer.Relation.OWNER: ("户主",),
    Customer.Relation.TENANT: ("租客", "租住"),
    Customer.Relation.FAMILY: ("亲属", "家庭成员"),
    Customer.Relation.SHOP: ("商家", "商铺"),
    Customer.Relation.OTHER: ("其它", "访客"),
}
_OTHER_WORDS: Mapping[str, Mapping[Any, tuple[str, ...]]] = {
    "severity": _SEVERITIES,
    "channel": _CHANNELS,
    "relation": _RELATIONS,
}
_OPEN = (
    *("处理中", "未结", "未结案", "待处理", "跟进中", "进行中", "已受理", "待回访", "未完成"),
    *("open", "in progress", "pending", "new", "assigned", "reopened"),
)
_CLOSED = (
    *("已结", "已结案", "结案", "已完成", "完成", "已关闭", "已处理", "已办结", "办结"),
    *("已解决", "closed", "resolved", "done", "completed"),
)


def plain(text: str) -> str:
    """A text as it is compared: small letters, without spaces and signs."""
    return re.sub(r"[\W_]+", "", text.casefold())


def fields(look: Look) -> dict[str, str]:
    """Which column may be which field: column → field. Each field once, each column once."""
    ranked = sorted(
        (rank, column.place, field)
        for column in look.columns
        for field in _HEADS
        if (rank := _rank(column, field)) is not None
    )
    found: dict[str, str] = {}
    for _rank_of, place, field in ranked:
        name = next(column.name for column in look.columns if column.place == place)
        if field not in found.values() and name not in found:
            found[name] = field
    if "received_at" not in found.values():
        # Without a name that tells, the first column of times is when it was received.
        for column in look.columns:
            if column.name not in found and column.values and column.orders:
                found[column.name] = "received_at"
                break
    return found


def _rank(column: Column, field: str) -> int | None:
    """How surely a column is a field, the least the surest; None where it is not."""
    head = plain(column.name)
    words = [plain(word) for word in _HEADS[field]]
    if head in words:
        rank = words.index(head)
    elif inside := [
        # A Chinese word within a longer one tells; an English one may mean anything.
        place
        for place, word in enumerate(words)
        if not word.isascii() and len(word) > 1 and word in head
    ]:
        rank = 100 + min(inside)
    else:
        return None
    if field in OF_TIME and column.values and not column.orders:
        return None
    if field in OF_VALUES and column.values and not column.few:
        return None
    return rank


def like(field: str, values: Iterable[str]) -> dict[str, str]:
    """What each value may be among our words for the field; "" where nothing is like it."""
    known = _known(field)
    return {value: known.get(plain(value), "") for value in values if value}


def _known(field: str) -> Mapping[str, str]:
    """Our words for a field by how people write them."""
    if field == "status":
        return {
            **{plain(word): "open" for word in _OPEN},
            **{plain(word): "closed" for word in _CLOSED},
        }
    if field == "category":
        found: dict[str, str] = {}
        for category in Category.objects.filter(is_active=True).order_by("-parent", "order"):
            for text in (category.code, category.name, category.label):
                found.setdefault(plain(text), category.code)
        return found
    others = _OTHER_WORDS[field]
    told: dict[str, str] = {}
    for value, label in CHOICES[field].choices:
        told |= {plain(word): value for word in (value, str(label), *others.get(value, ()))}
    return told
