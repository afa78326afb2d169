"""Words of times, articles and rules for the templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from shouwen.clocks import wording
from shouwen.desk import words

register = template.Library()


@register.filter
def moment(at: datetime | None) -> str:
    """今天 09:10"""
    return words.moment(at, timezone.now()) if at else ""


@register.filter
def until(due_at: datetime | None) -> str:
    """今天 09:10 前"""
    return words.until(due_at, timezone.now()) if due_at else ""


@register.filter
def exact(at: datetime | None) -> str:
    """2026-11-23 09:10:05"""
    return words.exact(at) if at else ""


@register.filter
def time_left(due_at: datetime) -> str:
    """38 分"""
    return words.time_left(due_at, timezone.now())


@register.filter
def overdue(due_at: datetime) -> bool:
    """Whether a due time has passed."""
    return due_at < timezone.now()


@register.filter
def article(handle: str | None) -> str:
    """第六条"""
    return words.article(handle or None)


@register.filter
def said(text: str) -> str:
    """A title or clause of the regulation in the reader's language."""
    return wording.said(text)


@register.filter
def quoted(text: str) -> str:
    """“您好。”"""
    return words.quoted(text)


@register.filter
def field_named(form: Any, name: str) -> Any:
    """One field of a form, to be laid out by hand."""
    return form[name]


@register.filter
def looking_like(field: Any, look: str) -> Any:
    """A field's widget with a class of ours."""
    return field.as_widget(attrs={"class": look})
