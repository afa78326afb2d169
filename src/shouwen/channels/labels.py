"""What the fields of an import are called where a person maps columns to them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: In the order in which they are offered.
LABELS: dict[str, Promise] = {
    "external_id": _("原系统编号"),
    "received_at": _("受理时间"),
    "closed_at": _("结案时间"),
    "subject": _("投诉主题"),
    "content": _("投诉内容"),
    "wish": _("客户诉求"),
    "category": _("分类"),
    "severity": _("紧急程度"),
    "channel": _("渠道"),
    "status": _("状态（未结、已结）"),
    "home": _("房屋"),
    "place": _("地点"),
    "happened": _("发生时间"),
    "name": _("投诉人"),
    "telephone": _("联系电话"),
    "relation": _("与房屋关系"),
    "reach_when": _("方便联系时间"),
    "reply": _("当时的答复"),
}


def label_of(field: str) -> str:
    """A field's name in words; a column of the file, which may be named too, as it is."""
    return str(LABELS.get(field, field))
