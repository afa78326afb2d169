"""The regulation: each clause in its own words, and what the clocks make of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from shouwen.clocks import regulations, wording
from shouwen.desk import telling, words
from shouwen.desk.pages import StaffRequest, render, staff_page
from shouwen.organization.permissions import may
from shouwen.regulation.model import Rule


@dataclass(frozen=True)
class RuleInWords:
    """A rule as a reader needs it: what, whose, how long, from what to what."""

    identifier: str
    duty: str
    title: str
    within: str
    holder: str
    starts: str
    stops: str


@dataclass(frozen=True)
class Clause:
    """A clause with the rules that were made of it."""

    number: str
    name: str
    text: str
    rules: list[RuleInWords]


def rule_in_words(rule: Rule, names: telling.Names) -> RuleInWords:
    """A rule of the file in plain words."""
    return RuleInWords(
        identifier=rule.id,
        duty=words.duty(rule.id, rule.title),
        title=wording.said(rule.title),
        within=words.within(rule.within),
        holder=names.holder(rule.holder),
        starts=_moments(rule, "starts"),
        stops=_moments(rule, "stops"),
    )


def _moments(rule: Rule, which: str) -> str:
    if rule.period:
        return (
            {"week": _("每周结束"), "month": _("每月结束")}[rule.period]
            if which == "starts"
            else ""
        )
    parts = rule.starts if which == "starts" else rule.stops
    found: list[str] = []
    for part in parts:
        if getattr(part, "finish", False):
            found.append(_("处理全部完毕"))
        elif getattr(part, "same_entry", False):
            found.append(_("同一条记录写下时"))
        found += [telling.title(kind) for kind in part.kinds]
    return words.listed(dict.fromkeys(found))


@require_safe
@staff_page("see_regulation")
def regulation(request: StaffRequest) -> HttpResponse:
    """The regulation in force today with its clauses, rules, and the company's house rules."""
    current = regulations.in_force(timezone.localdate())
    names = telling.Names()
    clauses = [
        Clause(
            article.number,
            words.article(article.number),
            article.text,
            [
                rule_in_words(rule, names)
                for rule in current.rules
                if rule.article == article.number
            ],
        )
        for article in current.articles
    ]
    house = [rule_in_words(rule, names) for rule in current.rules if rule.house]
    return render(
        request,
        "desk/regulation.html",
        {
            "here": "regulation",
            "regulation": current,
            "clauses": clauses,
            "house": house,
            "may_edit_categories": bool(may(request.user, "edit_categories")),
        },
    )
