"""How the customers' pages write telephone numbers and times."""

from __future__ import annotations

from datetime import datetime

from django import template

from shouwen.portal import wording

register = template.Library()


@register.filter
def tel(number: str) -> str:
    """The address that dials a number (RFC 3966)."""
    return "tel:" + "".join(each for each in number if each.isdigit() or each == "+")


@register.filter
def resident_time(at: datetime) -> str:
    """A moment as a resident reads it: 今天 18:00."""
    return wording.moment(at)
