"""The demo company's one-click sign-ins, grouped by project; none outside demo mode."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from shouwen.demo.sign_ins import SignIn, sign_ins

register = template.Library()


@register.simple_tag
def demo_positions() -> list[tuple[str, list[SignIn]]]:
    """Projects in the demo company's order, each with its sign-ins; the company's own last."""
    groups: dict[str, list[SignIn]] = {}
    for each in sign_ins():
        groups.setdefault(each.project, []).append(each)
    whole = groups.pop("", [])
    named = list(groups.items())
    return [*named, (_("公司"), whole)] if whole else named
