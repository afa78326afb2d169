"""What a company adds to the suggestions: words of its own for a category, and rules switched off."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from django.utils.translation import gettext as _

from shouwen.complaints.grams import fold
from shouwen.complaints.models import Category
from shouwen.complaints.suggestion_rules import GAP, Rule, Rules, shipped
from shouwen.complaints.words import Severity

SHORTEST, LONGEST, MOST = 2, 30, 60  # characters of a word; words of a category
_PARTING = re.compile(r"[:：]")
_COMMAS = re.compile(r"[,，、;；]")
_SAYS = re.compile(r"\w")


class WrongWords(ValueError):
    """A line of what was typed is no word; the message says which and what to write instead."""


def in_use() -> Rules:
    """The rules of this company: its own words first, then the shipped rules not switched off.

    A word of its own takes the place of the same word elsewhere. One query.
    """
    found = list(Category.objects.filter(is_active=True).select_related("parent"))
    active = {each.code for each in found if each.parent is None or each.parent.is_active}
    off = {name for each in found for name in each.rules_off}
    own = [rule for each in found if each.code in active for rule in rules_of(each)]
    taken = {fold(word) for rule in own for word in rule.words}
    kept = []
    for rule in shipped().rules:
        if rule.name in off or rule.category not in active:
            continue
        words = tuple(word for word in rule.words if fold(word) not in taken)
        if words:
            kept.append(rule if words == rule.words else rule.model_copy(update={"words": words}))
    if kept == list(shipped().rules) and not own:
        return shipped()  # its words are folded already
    return Rules((*own, *kept), shipped().harmless)


def rules_of(category: Category) -> list[Rule]:
    """The company's own words of a category: one rule for each thing that they say."""
    groups: dict[tuple[str | None, bool], list[str]] = {}
    for each in category.words:
        says = (each.get("severity"), bool(each.get("needs_developer")))
        groups.setdefault(says, []).append(each["word"])
    return [
        Rule(
            name=f"own:{category.pk}:{place}",
            category=category.code,
            words=tuple(words),
            severity=Severity(severity) if severity else None,
            needs_developer=needs_developer,
        )
        for place, ((severity, needs_developer), words) in enumerate(groups.items())
    ]


def parse(text: str) -> list[dict[str, Any]]:
    """Words as typed, one a line: `水箱漏`, `水箱漏：紧急抢险`, `水箱漏：重大，需要开发商解决`.

    Raises WrongWords.
    """
    said: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            given = _line(line)
        except WrongWords as wrong:
            raise WrongWords(_("第 {n} 行：{wrong}").format(n=number, wrong=wrong)) from None
        if said.setdefault(fold(given["word"]), given) is not given:
            again = _("“{word}”写了两次").format(word=given["word"])
            raise WrongWords(_("第 {n} 行：{wrong}").format(n=number, wrong=again))
    if len(said) > MOST:
        raise WrongWords(_("一个分类最多 {most} 个词").format(most=MOST))
    return list(said.values())


def _line(line: str) -> dict[str, Any]:
    word, *rest = (part.strip() for part in _PARTING.split(line, maxsplit=1))
    word = word.replace("...", GAP).replace("……", GAP)
    if not SHORTEST <= len(word) <= LONGEST:
        raise WrongWords(
            _("“{word}”须有 {shortest} 至 {longest} 个字").format(
                word=word[:LONGEST], shortest=SHORTEST, longest=LONGEST
            )
        )
    if not all(_SAYS.search(part) for part in word.split(GAP)):
        raise WrongWords(_("“{word}”的每一段都要有字，“…”不能在两头").format(word=word))
    given: dict[str, Any] = {"word": word}
    for name in filter(None, (each.strip() for each in _COMMAS.split(rest[0] if rest else ""))):
        known = _severity(name)
        if known is not None:
            given["severity"] = known
        elif fold(name) == fold(_("需要开发商解决")):
            given["needs_developer"] = True
        else:
            raise WrongWords(
                _("不认识“{name}”，冒号后可写：{known}").format(
                    name=name[:LONGEST],
                    known=_("、").join([*map(str, Severity.labels), _("需要开发商解决")]),
                )
            )
    return given


def _severity(name: str) -> str | None:
    spoken = {fold(str(each.label)): each.value for each in Severity}
    return spoken.get(fold(name))


def written(words: Iterable[dict[str, Any]]) -> str:
    """The words as they are typed: what `parse` reads."""
    lines = []
    for each in words:
        says = [str(Severity(each["severity"]).label)] if each.get("severity") else []
        says += [_("需要开发商解决")] if each.get("needs_developer") else []
        lines.append(f"{each['word']}：{_('、').join(says)}" if says else each["word"])
    return "\n".join(lines)


def check_owners(category: Category, words: Iterable[dict[str, Any]]) -> None:
    """A word belongs to one category: raises WrongWords where another one has it already."""
    wanted = {fold(each["word"]): each["word"] for each in words}
    for other in Category.objects.exclude(pk=category.pk).exclude(words=[]):
        for each in other.words:
            if fold(each["word"]) in wanted:
                raise WrongWords(
                    _("“{word}”已经是“{category}”的词").format(
                        word=each["word"], category=other.label
                    )
                )


def check_off(category: Category, names: Collection[str]) -> None:
    """Only a category's own shipped rules are switched off on it: raises ValueError otherwise."""
    known = {rule.name for rule in shipped().rules if rule.category == category.code}
    if not known.issuperset(names):
        raise ValueError("a category switches off its own rules only")
