"""A regulation, and a company's own house file, read from TOML with errors that name the place."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from shouwen.regulation.entries import KINDS
from shouwen.regulation.vocabulary import House, Limits, Regulation, Rule

__all__ = [
    "Regulation",
    "RegulationError",
    "Rule",
    "in_force",
    "load",
    "load_shipped",
    "parse",
    "shipped",
    "with_house",
]

File = TypeVar("File", Regulation, House)

SHIPPED = Path(__file__).parent.parent / "regulations"
# What the engine itself knows of a complaint, beside the facts a regulation declares.
WORK_FACTS = frozenset({"at_work", "work_finished", "work_ended"})


class RegulationError(ValueError):
    """A regulation that cannot be used. Names the file, and the rule and field where there are."""

    def __init__(self, file: str, rule: str | None, field: str | None, why: str) -> None:
        self.file, self.rule, self.field, self.why = file, rule, field, why
        super().__init__(": ".join(part for part in (file, rule, field, why) if part))


def load(path: Path | str) -> Regulation:
    """The regulation of a file; RegulationError where it cannot be read or used."""
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RegulationError(str(path), None, None, f"cannot be read ({error})") from error
    return parse(text, file=path.name)


def parse(text: str, *, file: str = "regulation") -> Regulation:
    """The regulation of a file's text; `file` is its name in errors."""
    regulation = _validated(Regulation, _tables(text, file), file)
    for rule, field, why in _mistakes(regulation, regulation.rules):
        raise RegulationError(file, rule, field, why)
    return regulation


def shipped() -> list[str]:
    """The ids of the regulations that come with Shouwen, oldest first."""
    return sorted(path.stem for path in SHIPPED.glob("*.toml"))


@lru_cache
def load_shipped(identifier: str) -> Regulation:
    """The regulation with that id that comes with Shouwen; KeyError for an unknown id."""
    if identifier not in shipped():
        raise KeyError(identifier)
    return load(SHIPPED / f"{identifier}.toml")


def in_force(regulations: Iterable[Regulation], day: date) -> Regulation:
    """The version in force on a local date; LookupError for a day before the first."""
    begun = [regulation for regulation in regulations if regulation.in_force_from <= day]
    if not begun:
        raise LookupError("no regulation was in force on that day")
    return max(begun, key=lambda regulation: regulation.in_force_from)


def with_house(regulation: Regulation, house: Path | str) -> Regulation:
    """The regulation with a company's own house file (its path, or its text) beside it.

    The file adds rules H. and sets other limits; it never touches what the articles say.
    RegulationError where it tries to, or is wrong in itself.
    """
    text, file = house, "house file"
    if isinstance(house, Path):
        file = house.name
        try:
            text = house.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RegulationError(file, None, None, f"cannot be read ({error})") from error
    own = _validated(House, _tables(str(text), file), file)
    known = {rule.id for rule in regulation.rules}
    for rule in own.rules:
        if not rule.id.startswith("H."):
            raise RegulationError(file, rule.id, "id", "a house file adds rules H. only")
        if rule.id in known:
            raise RegulationError(file, rule.id, "id", "stands already; set its limit in [within]")
        known.add(rule.id)
    rules = {rule.id: rule for rule in (*regulation.rules, *own.rules)}
    for identifier, limit in own.within.items():
        shipped_rule = rules.get(identifier)
        if shipped_rule is None:
            raise RegulationError(file, identifier, "within", "is no rule")
        if not shipped_rule.house or shipped_rule.within is None:
            raise RegulationError(
                file, identifier, "within", "only a limit of a rule H. can be set"
            )
        rules[identifier] = shipped_rule.model_copy(update={"within": limit})
    limits = Limits(
        default={**regulation.limits.default, **own.limits.default},
        category={
            category: {
                **regulation.limits.category.get(category, {}),
                **own.limits.category.get(category, {}),
            }
            for category in {**regulation.limits.category, **own.limits.category}
        },
    )
    # Built from its parts anew, so that nothing derived from the old rules is carried along.
    parts = {name: getattr(regulation, name) for name in Regulation.model_fields}
    whole = Regulation.model_construct(
        **{**parts, "limits": limits, "rules": tuple(rules.values())}
    )
    for named, field, why in _mistakes(whole, own.rules):
        raise RegulationError(file, named, field, why)
    return whole


def _tables(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegulationError(file, None, None, f"is not TOML: {error}") from error


def _validated(model: type[File], tables: dict[str, Any], file: str) -> File:
    try:
        return model.model_validate(tables)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place, rule = list(first["loc"]), None
        if len(place) > 1 and place[0] == "rules" and isinstance(place[1], int):
            named = tables["rules"][place[1]]
            rule = str(named.get("id", f"rule {place[1]}") if isinstance(named, dict) else named)
            place = place[2:]
        field = ".".join(str(part) for part in place) or None
        raise RegulationError(file, rule, field, first["msg"]) from None


def _mistakes(
    regulation: Regulation, rules: Iterable[Rule]
) -> Iterator[tuple[str | None, str, str]]:
    """What single fields cannot show: names that lead nowhere, among `rules` and beside them."""
    known = [rule.id for rule in regulation.rules]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        yield twice, "id", "stands twice"
    if regulation.work.rule not in known:
        yield None, "work.rule", "is no rule"
    for name, fact in regulation.facts.items():
        if not fact.happened and not fact.allows(fact.default):
            yield None, f"facts.{name}.default", "is none of its values"
    articles = {article.number for article in regulation.articles}
    severities = regulation.facts["severity"].values if "severity" in regulation.facts else ()
    for severity in severities:
        if severity not in regulation.limits.default:
            yield None, f"limits.default.{severity}", "is missing"
    for rule in rules:
        yield from _contradictions(rule)
        if rule.article and rule.article not in articles:
            yield rule.id, "id", "its article is not in the file"
        if not rule.house and not rule.kinds <= KINDS:
            yield rule.id, "kinds", f"unknown kind {min(rule.kinds - KINDS)}"
        yield from _unknown_names(regulation, rule, set(known))


def _contradictions(rule: Rule) -> Iterator[tuple[str, str, str]]:
    if rule.house != rule.id.startswith("H."):
        yield rule.id, "house", "must be true for a rule H., and for no other"
    if (rule.within is None) == (rule.until is None):
        yield rule.id, "within", "either within or until must stand, and not both"
    if rule.moves and not rule.until:
        yield rule.id, "moves", "only a rule with until can be moved"
    for field in ("starts", "stops"):
        if bool(rule.period) == bool(getattr(rule, field)):
            yield rule.id, field, "must stand, except in a rule with a period, which has none"
    for start in rule.starts:
        if bool(start.kinds) == start.finish:
            yield rule.id, "starts.kinds", "either kinds or finish must stand, and not both"
    for stop in rule.stops:
        if bool(stop.kinds) == stop.same_entry:
            yield rule.id, "stops.kinds", "either kinds or same_entry must stand, and not both"


def _unknown_names(
    regulation: Regulation, rule: Rule, known: set[str]
) -> Iterator[tuple[str, str, str]]:
    for field in ("starts", "stops", "voids"):
        for part in getattr(rule, field):
            if part.stopping is not None and part.stopping not in known:
                yield rule.id, f"{field}.stopping", f"{part.stopping} is no rule"
            if part.late is not None and part.stopping is None:
                yield rule.id, f"{field}.late", "needs stopping"
    facts = regulation.facts
    conditions = [("applies", condition, False) for condition in rule.applies]
    for part in rule.starts:
        conditions += [("starts.becomes", condition, False) for condition in part.becomes]
        conditions += [("starts.when", condition, True) for condition in part.when]
        for stands in part.unless:
            if stands.since_becomes:
                conditions.append(("starts.unless", stands.since_becomes, False))
    for part in rule.voids:
        conditions += [("voids.when", condition, True) for condition in part.when]
    for field, condition, work_too in conditions:
        for name, wanted in condition.items():
            if name in WORK_FACTS and work_too:
                continue
            if name not in facts:
                yield rule.id, field, f"{name} is no fact"
            elif not all(map(facts[name].allows, _several(wanted))):
                yield rule.id, field, f"{name} never has that value"


def _several(wanted: Any) -> tuple[Any, ...]:
    return wanted if isinstance(wanted, tuple) else (wanted,)
