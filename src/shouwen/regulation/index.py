"""A regulation's rules sorted by the entries they wait for, so that an entry asks only its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from shouwen.regulation.vocabulary import (
    Condition,
    Regulation,
    Rule,
    Start,
    Stop,
    Trigger,
    Void,
)

Named = TypeVar("Named", bound=Trigger)
ByKind = dict[str, list[tuple[Rule, Named]]]


class Index:
    """What each kind of entry may start, stop, void and move.

    Parts that ask what the same entry stopped or ended come `later` than those that do not.
    """

    def __init__(self, regulation: Regulation) -> None:
        rules = regulation.rules
        self.starts: ByKind[Start] = {}
        self.finish: list[tuple[Rule, Start]] = []
        self.stops: ByKind[Stop] = {}
        self.later_stops: ByKind[Stop] = {}
        self.same_entry: dict[str, Stop] = {}
        self.voids: ByKind[Void] = {}
        self.later_voids: ByKind[Void] = {}
        self.moves: dict[str, list[Rule]] = {}
        self.conditional = [rule for rule in rules if rule.applies]
        self.becoming: list[Condition] = []
        for rule in rules:
            for start in rule.starts:
                if start.finish:
                    self.finish.append((rule, start))
                _sort(self.starts, rule, start)
                self.becoming += [u.since_becomes for u in start.unless if u.since_becomes]
            for stop in rule.stops:
                if stop.same_entry:
                    self.same_entry[rule.id] = stop
                _sort(self.later_stops if stop.stopping else self.stops, rule, stop)
            for void in rule.voids:
                _sort(self.later_voids if void.when else self.voids, rule, void)
            for move in rule.moves:
                for kind in move.kinds:
                    self.moves.setdefault(kind, []).append(rule)
        # Rules whose clocks the finish of the work starts: they may start later than the finish.
        self.finish_rules = frozenset(rule.id for rule, _ in self.finish)
        self.said_by: dict[str, list[str]] = {}
        self.happened: dict[str, list[str]] = {}
        for name, fact in regulation.facts.items():
            for kind in fact.said_by:
                self.said_by.setdefault(kind, []).append(name)
            for kind in fact.happened:
                self.happened.setdefault(kind, []).append(name)


def _sort(into: ByKind[Named], rule: Rule, part: Named) -> None:
    for kind in part.kinds:
        into.setdefault(kind, []).append((rule, part))


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Whether all that one condition names is so."""
    for name, wanted in condition.items():
        fact = facts[name]
        if fact != wanted and not (isinstance(wanted, tuple) and fact in wanted):
            return False
    return True


def one_holds(conditions: tuple[Condition, ...], facts: Mapping[str, Any]) -> bool:
    """Whether one of the conditions holds; no condition at all always does."""
    if not conditions:
        return True
    return any(holds(condition, facts) for condition in conditions)
