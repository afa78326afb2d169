"""Suggesting what a complaint is about, how grave it is and whether the developer is needed, from
its words. The rules are data: `suggestions.toml`, and what a company adds to its categories. Nothing
is ever set by a suggestion; a person decides, and sees which word it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from shouwen.complaints.shipped import SHIPPED
from shouwen.complaints.spotting import spotted
from shouwen.complaints.suggestion_rules import Rule, Rules
from shouwen.complaints.words import Severity

MOST_OTHERS = 3
LONGEST = 20_000  # characters that are read
_IN_TEXT, _IN_PLACE = 20, 10  # what a character of a word is worth, found where
_GRAVITY = {severity: place for place, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Suggestion:
    """What the words say. Nothing (`not suggestion`) where they say nothing that is known.

    `severity` is None where they say nothing about it. `reasons` are the words as they were written,
    each with its rule, the weightiest first; `others` further categories that might be meant.
    """

    category: str | None = None
    severity: Severity | None = None
    needs_developer: bool = False
    reasons: tuple[tuple[str, Rule], ...] = ()
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.category is not None

    @property
    def advice(self) -> str:
        """What to tell the customer at once, where there is danger."""
        return next((rule.said for _word, rule in self.reasons if rule.danger), "")


def suggest(text: str, place: str, rules: Rules) -> Suggestion:
    """What `text`, said of `place`, is about by these rules.

    Danger stands before everything; else the category whose words say most, and of a category at the
    top the one below it that was named too.
    """
    found = [
        *spotted(text[:LONGEST], rules, _IN_TEXT),
        *spotted(place[:LONGEST], rules, _IN_PLACE),
    ]
    if not found:
        return Suggestion()
    score: dict[str, int] = {}
    for each in found:
        category = each.spelling.rule.category
        score[category] = score.get(category, 0) + each.worth
    danger = [each for each in found if each.spelling.rule.danger]
    ranked = sorted(score, key=lambda code: -score[code])
    if danger:
        order = {rule.name: place for place, rule in enumerate(rules.rules)}
        first = max(
            (each.spelling.rule for each in danger),
            key=lambda rule: (_gravity(rule), -order[rule.name]),
        )
        ranked.sort(key=lambda code: code != first.category)
    best = ranked[0]
    if not danger:
        best = next((code for code in ranked if code in _below(best)), best)
    speaking = [
        each
        for each in found
        if each.spelling.rule.danger
        or each.spelling.rule.category == best
        or each.spelling.rule.needs_developer
    ]
    speaking.sort(key=lambda each: (-_gravity(each.spelling.rule), -each.worth))
    gravest = max(speaking, key=lambda each: _gravity(each.spelling.rule)).spelling.rule.severity
    reasons = {each.written: each.spelling.rule for each in reversed(speaking)}
    return Suggestion(
        category=best,
        severity=gravest,
        needs_developer=any(each.spelling.rule.needs_developer for each in speaking),
        reasons=tuple(reversed(reasons.items())),
        others=tuple(code for code in ranked if code != best)[:MOST_OTHERS],
    )


def _gravity(rule: Rule) -> int:
    return _GRAVITY[rule.severity] if rule.severity else -1


@lru_cache(maxsize=64)
def _below(code: str) -> frozenset[str]:
    return frozenset(SHIPPED[code][1]) if code in SHIPPED else frozenset()
