"""Why a row of a file is not brought in: a code for programs, words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "missing": _("没有填写"),
    "bad_time": _("不是对照文件约定格式的时间"),
    "no_such_time": _("当地没有这个时刻（夏令时跳过）"),
    "too_early": _("早于 1970 年，不可信"),
    "in_future": _("晚于现在"),
    "closed_before_received": _("结案早于受理"),
    "open_but_closed": _("状态是未结，却有结案时间"),
    "unknown_value": _("对照文件中没有这个值"),
    "too_long": _("太长，最多 %(most)s 字，实有 %(length)s 字"),
    "broken_encoding": _("有不能按 %(encoding)s 读出的字节"),
    "unstorable": _("有无法保存的字符"),
    "broken_quotes": _("引号没有配对"),
    "field_too_large": _("一格的内容过大"),
    "wrong_columns": _("应有 %(expected)s 列，实有 %(found)s 列"),
    "duplicate": _("与第 %(line)s 行编号相同"),
    "no_such_home": _("项目中没有这处房屋"),
    "nobody_receives": _("项目没有前台岗位，没有人受理未结的投诉"),
    "refused": _("登记受理时不被接受"),
}

#: Those with details, as they are said of many rows together.
IN_GENERAL: dict[str, Promise] = {
    "too_long": _("太长"),
    "broken_encoding": _("有按所选编码读不出的字节"),
    "wrong_columns": _("列数与列名行不同"),
    "duplicate": _("与前面的行编号相同"),
}


@dataclass(frozen=True)
class Problem:
    """One reason why a row is rejected. `field` is ours (received_at …), "" for the whole row.

    It never repeats what the row says: reports may be passed on, logs are kept.
    """

    code: str
    field: str = ""
    details: tuple[tuple[str, Any], ...] = ()

    @property
    def words(self) -> str:
        """The reason in the reader's language."""
        reason = str(REASONS[self.code])
        return reason % dict(self.details) if self.details else reason


def in_general(code: str) -> str:
    """The reason of many rows together, without the details of each, in the reader's language."""
    return str(IN_GENERAL.get(code) or REASONS[code])


def problem(code: str, field: str = "", **details: Any) -> Problem:
    """A problem with what its words need to know."""
    return Problem(code, field, tuple(details.items()))
