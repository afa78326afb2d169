"""Whether to offer something: `{% if person|may:"export" %}`."""

from __future__ import annotations

from django import template

from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer
from shouwen.organization.permissions import may as ask

register = template.Library()


@register.filter
def may(person: Staff, operation: str) -> Answer:
    """Whether the person may do this; the view that does it asks again."""
    return ask(person, operation)
