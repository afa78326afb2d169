"""Whether to offer something, `{% if person|may:"export" %}`, or to say from whom it came."""

from __future__ import annotations

from django import template

from shouwen.complaints.models import Complaint
from shouwen.desk import columns
from shouwen.organization.models import Staff
from shouwen.organization.permissions import Answer
from shouwen.organization.permissions import may as ask

register = template.Library()


@register.filter
def may(person: Staff, operation: str) -> Answer:
    """Whether the person may do this; the view that does it asks again."""
    return ask(person, operation)


@register.filter
def knows_source(person: Staff, complaint: Complaint) -> bool:
    """Whether the person may see from whom the complaint came; no query."""
    return columns.knows_source(person, complaint)
