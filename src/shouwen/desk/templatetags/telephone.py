"""A number that was shown, and the button that has it dialled for whoever has an extension."""

from __future__ import annotations

from typing import Any

from django import template

from shouwen.channels import dialling
from shouwen.complaints.models import Complaint

register = template.Library()


@register.inclusion_tag("desk/parts/dial.html", takes_context=True)
def dial(context: template.Context, number: str, about: object = None) -> dict[str, Any]:
    """The button, where the person has an extension whose line can dial; else nothing.

    `about` is the complaint that the call is about, where it is one.
    """
    person = context["person"]
    complaint = about if isinstance(about, Complaint) else None
    project_id = complaint.project_id if complaint else None
    if not number or dialling.seat_of(person, project_id) is None:
        return {"ticket": ""}
    return {"ticket": dialling.ticket(person, number, complaint)}
