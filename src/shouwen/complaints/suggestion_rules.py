"""The rules by which something is suggested: the file that is shipped, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from shouwen.complaints.grams import fold
from shouwen.complaints.shipped import SHIPPED_NAMES
from shouwen.complaints.words import Severity

FILE = Path(__file__).with_name("suggestions.toml")
GAP = "…"  # stands in a word for whatever comes between, within one sentence

# What is said to customers in danger stands here once more where translators find it.
ADVICE = (
    gettext_noop("请里面的人保持镇静，不要扒门，不要自己爬出来，我们马上派人。"),
    gettext_noop("请先不要再乘这部电梯，并提醒旁边的人。"),
    gettext_noop("请马上离开有烟火的地方，不要乘电梯，先打 119。"),
    gettext_noop("请先开窗、关阀，不要开关电器和打电话，到室外等候，并打燃气公司抢修电话。"),
    gettext_noop("请不要碰触电箱、电线和有水的地方，也不要用手去拉触电的人。"),
    gettext_noop("请先关上总阀，不要靠近积水和用电设备。"),
    gettext_noop("请先不要从下面经过，并提醒旁边的人绕行。"),
    gettext_noop("请先打 120；不要随意移动受伤的人，我们马上派人到现场。"),
    gettext_noop("请先保证自身安全，不要上前，先打 110，我们马上派人到现场。"),
    gettext_noop("请马上离开，不要靠近，并提醒旁边的人绕行。"),
)

Word = Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]


class WrongRules(ValueError):
    """The rules cannot be used; the message names the rule and what is wrong with it."""


class Rule(BaseModel):
    """One rule: words of a category, and what they say beside it (the file's head explains)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9:-]{1,60}$")]
    category: str
    words: tuple[Word, ...] = Field(min_length=1)
    severity: Severity | None = None
    needs_developer: bool = False
    danger: bool = False
    weak: bool = False
    advice: str = ""

    @property
    def said(self) -> str:
        """The advice in the reader's language."""
        return _(self.advice) if self.advice else ""


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    harmless: tuple[Word, ...] = ()
    rule: tuple[Rule, ...]


@dataclass(frozen=True)
class Spelling:
    """A word as it is looked for: its folded parts, and the rule it belongs to."""

    parts: tuple[str, ...]
    rule: Rule

    @property
    def length(self) -> int:
        """How much the word says: its characters; those of alphabets count half."""
        return sum(
            len(part) if ord(part[0]) > 0x2E7F else (len(part) + 1) // 2 for part in self.parts
        )


@dataclass(frozen=True)
class Rules:
    """All rules in use, and what only looks like one of their words."""

    rules: tuple[Rule, ...]
    harmless: tuple[str, ...] = ()

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Every word of every rule, as it is looked for."""
        return tuple(
            Spelling(tuple(fold(part) for part in word.split(GAP)), rule)
            for rule in self.rules
            for word in rule.words
        )

    @cached_property
    def harmless_folded(self) -> tuple[str, ...]:
        """What only looks like a word, folded."""
        return tuple(fold(word) for word in self.harmless)


def read(path: Path = FILE) -> Rules:
    """The rules of a file. Raises WrongRules with the name of the rule and what is wrong."""
    try:
        file = _File.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as wrong:
        raise WrongRules(f"{path.name}: {wrong}") from None
    except ValidationError as wrong:
        where, problem = wrong.errors()[0]["loc"], wrong.errors()[0]["msg"]
        raise WrongRules(f"{path.name}: {_place(path, where)}: {problem}") from None
    check(file.rule)
    return Rules(file.rule, file.harmless)


def check(rules: Iterable[Rule]) -> None:
    """Refuse rules that contradict themselves or each other. Raises WrongRules."""
    names: set[str] = set()
    owners: dict[str, str] = {}
    for rule in rules:
        if rule.name in names:
            raise WrongRules(f"{rule.name}: there is another rule of this name")
        names.add(rule.name)
        if rule.category not in SHIPPED_NAMES:
            raise WrongRules(f"{rule.name}: there is no category {rule.category!r}")
        if rule.danger and not (rule.severity and rule.advice):
            raise WrongRules(f"{rule.name}: danger needs a severity and an advice")
        for word in rule.words:
            if not all(part.strip() for part in word.split(GAP)):
                raise WrongRules(f"{rule.name}: {word!r} needs words on both sides of {GAP}")
            owner = owners.setdefault(fold(word), rule.name)
            if owner != rule.name or rule.words.count(word) > 1:
                raise WrongRules(f"{rule.name}: {word!r} is also a word of {owner}")


def _place(path: Path, where: Sequence[str | int]) -> str:
    """rule 3 (lift-trapped).words, as far as the file can be read."""
    if len(where) < 2 or where[0] != "rule":
        return ".".join(map(str, where))
    given = tomllib.loads(path.read_text("utf-8"))["rule"][where[1]]
    name = given.get("name", "") if isinstance(given, dict) else ""
    return ".".join([f"rule {name or int(where[1]) + 1}", *map(str, where[2:])])


@lru_cache(maxsize=1)
def shipped() -> Rules:
    """The rules that come with Shouwen."""
    return read()
