"""The category tree [A3] and the default limits for handling [A4]."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import translation

from shouwen.complaints.models import Category
from shouwen.complaints.shipped import SHIPPED
from shouwen.complaints.words import Severity

# Water, power, lifts and fire do not wait as long as a routine matter elsewhere.
SHIPPED_HOURS = {
    "lift": {Severity.ROUTINE: 24, Severity.MAJOR: 12, Severity.EMERGENCY: 2},
    "water": {Severity.ROUTINE: 24, Severity.EMERGENCY: 2},
    "power": {Severity.ROUTINE: 24, Severity.EMERGENCY: 2},
    "fire": {Severity.ROUTINE: 24, Severity.MAJOR: 12, Severity.EMERGENCY: 2},
}

# House default [design §4]: hours for a department to finish, by severity.
DEFAULT_HOURS = {
    Severity.EMERGENCY: 4,
    Severity.MAJOR: 24,
    Severity.ROUTINE: 48,
    Severity.COMPLEX: 72,
}


def ship() -> None:
    """Create the shipped tree where it is missing; what the company edited stays as it is."""
    existing = set(Category.objects.values_list("code", flat=True))
    with translation.override("zh-hans"):
        for order, (code, (name, below)) in enumerate(SHIPPED.items()):
            if code in existing:
                continue
            parent = Category.objects.create(
                code=code, name=str(name), order=order * 10, hours=SHIPPED_HOURS.get(code, {})
            )
            Category.objects.bulk_create(
                Category(
                    code=child,
                    name=str(child_name),
                    parent=parent,
                    order=order * 10 + place,
                    hours=SHIPPED_HOURS.get(child, {}),
                )
                for place, (child, child_name) in enumerate(below.items(), start=1)
            )


def handling_hours(category: Category | None, severity: str) -> int:
    """Hours a department has by default [A4]: the category's, its parent's, the house's."""
    while category is not None:
        if severity in category.hours:
            return int(category.hours[severity])
        category = category.parent
    return DEFAULT_HOURS[Severity(severity)]


def default_limit(category: Category | None, severity: str, now: datetime) -> datetime:
    """The limit that a dispatch is filled with: from `now`, to the full minute."""
    due = now + timedelta(hours=handling_hours(category, severity))
    return due.replace(second=0, microsecond=0) + timedelta(minutes=1 if due.second else 0)
