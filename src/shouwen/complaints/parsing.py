"""From what a page, the API or a file sends to a step's typed data, with errors by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from shouwen.complaints.refusals import InvalidData
from shouwen.complaints.steps.table import Asks, StepData

_MESSAGES: dict[str, str | Promise] = {
    "missing": _("请填写"),
    "string_too_short": _("请填写"),
    "string_too_long": _("太长了，最多 %(max_length)s 字"),
    "literal_error": _("请从列表中选择"),
    "enum": _("请从列表中选择"),
    "timezone_aware": _("时间要带时区"),
    "int_parsing": _("请填写整数"),
    "int_type": _("请填写整数"),
    "uuid_parsing": _("没有这个文件"),
    "bool_parsing": _("请选择是或否"),
    "string_pattern_mismatch": _("写法不对"),
    "extra_forbidden": _("这一步没有这一项"),
    "unstorable": _("文字中有无法保存的字符"),
}


def parse(step: Asks, data: Mapping[str, Any]) -> StepData:
    """The step's data from `data`. Raises InvalidData with messages by field."""
    try:
        return step.data.model_validate(dict(data))
    except ValidationError as error:
        errors: dict[str, list[str | Promise]] = {}
        for each in error.errors(include_url=False, include_input=False):
            name = str(each["loc"][0]) if each["loc"] else ""
            errors.setdefault(name, []).append(message_of(each))
        raise InvalidData(errors) from None


def message_of(error: Mapping[str, Any]) -> str:
    """What one of pydantic's errors says to whoever filled it in."""
    words = _MESSAGES.get(error["type"], _("填写有误"))
    return str(words) % error["ctx"] if error["type"] == "string_too_long" else str(words)
