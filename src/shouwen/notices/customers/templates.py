"""Templates of the words to customers: what ships, what may stand in one, and putting facts in.

A template is text with {placeholders}; [a part in square brackets] is left out where one of its
placeholders has nothing to say.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shouwen.notices.customers import guarding

LONGEST = 500  # characters; a text message of the usual gateways
LANGUAGES = ("zh-hans", "zh-hant", "en")


class Occasion(TextChoices):
    """What there is to be told."""

    RECEIVED = "received", gettext_lazy("已受理")
    ARRANGED = "arranged", gettext_lazy("已安排部门")
    DELAYED = "delayed", gettext_lazy("延期")
    PROGRESS = "progress", gettext_lazy("进展")
    RESULT = "result", gettext_lazy("处理结果")
    FIRST_CONTACT = "first_contact", gettext_lazy("反馈首问责任人")


#: What each placeholder stands for.
PLACEHOLDERS = {
    "name": gettext_lazy("客户称呼"),
    "number": gettext_lazy("投诉编号"),
    "matter": gettext_lazy("投诉类别"),
    "department": gettext_lazy("承办部门"),
    "date": gettext_lazy("预计完成时间"),
    "next": gettext_lazy("下次答复时间"),
    "reason": gettext_lazy("延期原因"),
    "result": gettext_lazy("处理结果"),
    "found": gettext_lazy("查明的情况"),
    "when": gettext_lazy("完成时间"),
    "after": gettext_lazy("接下来"),
}
_ALWAYS = ("name", "number", "matter")
KNOWN: dict[str, tuple[str, ...]] = {
    Occasion.RECEIVED: (*_ALWAYS, "next"),
    Occasion.ARRANGED: (*_ALWAYS, "department", "date", "next"),
    Occasion.DELAYED: (*_ALWAYS, "department", "reason", "date", "next"),
    Occasion.PROGRESS: (*_ALWAYS, "department", "date", "next"),
    Occasion.RESULT: (*_ALWAYS, "department", "result", "when"),
    Occasion.FIRST_CONTACT: ("number", "matter", "department", "found", "result", "when", "after"),
}
#: What must be said: without it the words would not tell what they are there for [R4][R8].
NEEDED: dict[str, tuple[str, ...]] = {
    Occasion.RECEIVED: ("number", "next"),
    Occasion.ARRANGED: ("department", "date"),
    Occasion.DELAYED: ("reason", "date"),
    Occasion.PROGRESS: ("next",),
    Occasion.RESULT: ("result",),
    Occasion.FIRST_CONTACT: ("department", "result", "when", "after"),
}

_PLACE = re.compile(r"\{(\w+)\}")
_PART = re.compile(r"\[([^\[\]]*)\]")


class Wrong(ValueError):
    """A template that cannot be used: what is wrong, in words."""


@cache
def _shipped() -> dict[str, Any]:
    text = (Path(__file__).parent / "shipped.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def shipped(occasion: str, language: str) -> str:
    """The text that ships for an occasion. Raises KeyError for an unknown occasion or language."""
    return str(_shipped()[language][str(occasion)])


def words(language: str) -> Mapping[str, str]:
    """The small words of a language: days, separators, what is said where a reason is withheld."""
    found: Mapping[str, str] = _shipped()[language]["words"]
    return found


def checked(occasion: str, text: str) -> str:
    """The text of a project's own template, stripped. Raises Wrong in words."""
    text = text.strip()
    if not text:
        raise Wrong(_("请填写内容"))
    if len(text) > LONGEST:
        raise Wrong(_("不能超过 {n} 个字").format(n=LONGEST))
    rest = _PART.sub(lambda part: part[1], text)
    if "[" in rest or "]" in rest:
        raise Wrong(_("方括号须成对，且不能套用"))
    names = _PLACE.findall(rest)
    if "{" in _PLACE.sub("", rest) or "}" in _PLACE.sub("", rest):
        raise Wrong(_("花括号须成对，里面是一个占位符"))
    unknown = [name for name in names if name not in KNOWN[occasion]]
    if unknown:
        raise Wrong(_("这里没有占位符 {name}").format(name="{" + unknown[0] + "}"))
    missing = [name for name in NEEDED[occasion] if name not in names]
    if missing:
        raise Wrong(
            _("须包括 {name}（{what}）").format(
                name="{" + missing[0] + "}", what=PLACEHOLDERS[missing[0]]
            )
        )
    bare = _PART.sub(lambda part: "", text)
    if "name" in _PLACE.findall(bare):
        # Some give no name, and "，您好" is no greeting.
        raise Wrong(_("{name} 须写在方括号里，没有称呼时会略去").format(name="{name}"))
    if guarding.forbidden(text):
        raise Wrong(_("不能对客户使用“{word}”这样的字眼").format(word=guarding.forbidden(text)))
    return text


def put_in(text: str, values: Mapping[str, str]) -> str:
    """The text with the values in it, without the parts that have nothing to say."""

    def part(found: re.Match[str]) -> str:
        names = _PLACE.findall(found[1])
        return found[1] if all(values.get(name) for name in names) else ""

    return _PLACE.sub(lambda place: values.get(place[1], ""), _PART.sub(part, text)).strip()
