"""Moments on the portal's pages, as people say them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from shouwen.complaints import moments

register = template.Library()


@register.filter
def moment(at: datetime) -> str:
    """今天 09:10."""
    return moments.moment(at, timezone.now())


@register.filter
def until(due_at: datetime) -> str:
    """今天 09:10 前."""
    return moments.until(due_at, timezone.now())
