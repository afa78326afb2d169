"""The one place that answers who may do what and who may see what.

Every room registers its own rules when it is loaded; every page asks `may` and `visible_to`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from shouwen.organization.holders import own_positions_of
from shouwen.organization.models import Staff
from shouwen.organization.positions import Position


@dataclass(frozen=True)
class Answer:
    """Whether something is allowed, and the rule that decided; true where it is allowed."""

    allowed: bool
    rule: Any

    def __bool__(self) -> bool:
        return self.allowed


Rule = Callable[[Staff, Any], Answer]
Visibility = Callable[[Staff], QuerySet[Any]]
M = TypeVar("M", bound=Model)

RULES: dict[str, Rule] = {}
# The operations by which nothing is changed that others see: an auditor's post may allow these.
READING: set[str] = set()
VISIBILITIES: dict[type[Model], Visibility] = {}


class UnknownOperation(LookupError):
    """Nobody has registered a rule for this operation or model: a fault of the program."""


def rule(operation: str, *, reads: bool = False) -> Callable[[Rule], Rule]:
    """Register the decorated function as the rule for an operation.

    It gets the person and the subject and gives an `Answer`; without a subject (None) it answers
    for any at all, which is what opens a page. `reads`: nothing is changed by it that others see.
    Raises ValueError where the operation has a rule already.
    """

    def register(function: Rule) -> Rule:
        if operation in RULES:
            raise ValueError(f"The operation {operation!r} has a rule already.")
        RULES[operation] = function
        if reads:
            READING.add(operation)
        return function

    return register


def visibility(model: type[Model]) -> Callable[[Visibility], Visibility]:
    """Register the decorated function as what a person may see of a model.

    It gets the person and gives a queryset of the model. Raises ValueError where the model
    has one already.
    """

    def register(function: Visibility) -> Visibility:
        if model in VISIBILITIES:
            raise ValueError(f"{model.__name__} has a visibility already.")
        VISIBILITIES[model] = function
        return function

    return register


def _works_here(person: Any) -> bool:
    return isinstance(person, Staff) and person.is_active


def _only_audits(person: Staff) -> bool:
    # Whoever checks does not begin to act because somebody names them as a stand-in.
    posts = own_positions_of(person)
    return bool(posts) and all(post.position == Position.AUDITOR for post in posts)


def may(person: Any, operation: str, subject: Any = None) -> Answer:
    """Whether the person may do this to the subject, and by which rule.

    Whoever is not signed in, or has left, may do nothing; whoever is an auditor and nothing else
    changes nothing, whatever the rule of the operation says. Raises UnknownOperation for an
    operation without a rule, whoever asks.
    """
    decide = RULES.get(operation)
    if decide is None:
        raise UnknownOperation(operation)
    if not _works_here(person):
        return Answer(False, _("只有在职员工可以操作"))
    if operation not in READING and _only_audits(person):
        return Answer(False, _("审计岗位只查看，不改动"))
    return decide(person, subject)


def visible_to(person: Any, model: type[M]) -> QuerySet[M]:
    """What the person may see of the model: nothing for whoever is not signed in or has left.

    Raises UnknownOperation for a model without a visibility, whoever asks.
    """
    show = VISIBILITIES.get(model)
    if show is None:
        raise UnknownOperation(model.__name__)
    if not _works_here(person):
        return model._default_manager.none()
    return show(person)
