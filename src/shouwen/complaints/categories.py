"""The category tree [A3] and the default limits for handling [A4]."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from shouwen.complaints import own_words
from shouwen.complaints.models import Category
from shouwen.complaints.shipped import SHIPPED
from shouwen.complaints.words import Severity
from shouwen.organization.models import Staff
from shouwen.records import audit, ledger

audit.register("category_added", gettext_lazy("新增投诉分类"))
audit.register("category_changed", gettext_lazy("修改投诉分类"))

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


def otherwise(category: Category, severity: str) -> int:
    """Hours that apply where the category itself sets none: its parent's, or the house's."""
    if category.parent is None:
        return DEFAULT_HOURS[Severity(severity)]
    return handling_hours(category.parent, severity)


def default_limit(category: Category | None, severity: str, now: datetime) -> datetime:
    """The limit that a dispatch is filled with: from `now`, to the full minute."""
    due = now + timedelta(hours=handling_hours(category, severity))
    return due.replace(second=0, microsecond=0) + timedelta(minutes=1 if due.second else 0)


LEDGER = "category"  # the subject type under which changes of a category are kept
LONGEST_HOURS = 24 * 90


@transaction.atomic
def change(
    category: Category,
    *,
    person: Staff,
    name: str,
    hours: Mapping[str, int],
    is_active: bool,
    words: Sequence[dict[str, Any]] | None = None,
    rules_off: Collection[str] | None = None,
    now: datetime | None = None,
) -> bool:
    """Rename a category, set its default limits [A4], its words or retire it; False where nothing
    changes.

    `hours` maps severities to hours; a severity left out takes the parent's or the house's
    default. `words` and `rules_off` are the company's own words (`own_words.parse`) and the shipped
    rules that it does without; None leaves them as they are. Who changed what is kept in a ledger of
    the category's own. Raises ValueError for an empty name, an unknown severity, hours outside
    1 … `LONGEST_HOURS` or a rule of another category; WrongWords for a word that another has.
    """
    name = name.strip()
    wrong = not name or len(name) > 60 or not set(hours) <= set(Severity.values)
    if wrong or any(not 1 <= each <= LONGEST_HOURS for each in hours.values()):
        raise ValueError("a category needs a name, and limits in hours by severity")
    words = category.words if words is None else list(words)
    rules_off = category.rules_off if rules_off is None else sorted(rules_off)
    if words != category.words:
        own_words.check_owners(category, words)
    own_words.check_off(category, rules_off)
    # The name that is compared is the one people see, so that saving a translation renames nothing.
    renamed = name != category.label
    given = {"hours": dict(hours), "is_active": is_active, "words": words, "rules_off": rules_off}
    changed = [field for field, value in given.items() if getattr(category, field) != value]
    if renamed:
        changed.append("name")
    if not changed:
        return False
    if renamed:
        category.name, category.renamed = name, True
    category.hours, category.is_active = dict(hours), is_active
    category.words, category.rules_off = words, rules_off
    category.save()
    _write(category, "category_changed", person, now, fields=sorted(changed))
    return True


@transaction.atomic
def add(
    *, person: Staff, name: str, parent: Category | None, now: datetime | None = None
) -> Category:
    """A category of the company's own, at the top or under another. Raises ValueError.

    The tree has two levels.
    """
    name = name.strip()
    if not name or len(name) > 60 or (parent is not None and parent.parent_id is not None):
        raise ValueError("a category needs a name, and a parent at the top or none")
    last = Category.objects.aggregate(last=Max("order"))["last"] or 0
    order = parent.order + parent.children.count() + 1 if parent else last + 10
    category = Category.objects.create(
        code=f"own-{secrets.token_hex(4)}", name=name, renamed=True, parent=parent, order=order
    )
    _write(category, "category_added", person, now)
    return category


def _write(
    category: Category, kind: str, person: Staff, now: datetime | None, **noted: Any
) -> None:
    now = now or timezone.now()
    chain = ledger.lock(LEDGER, category.pk) or ledger.open_chain(LEDGER, category.pk, 0)
    facts = {
        "code": category.code,
        "name": category.name,
        "parent": category.parent.code if category.parent else None,
        "hours": category.hours,
        "is_active": category.is_active,
        "words": category.words,
        "rules_off": category.rules_off,
    }
    ledger.append(chain=chain, kind=kind, actor_id=person.pk, occurred_at=now, facts=facts, now=now)
    audit.note(
        kind, actor_id=person.pk, subject_type=LEDGER, subject_id=category.pk, at=now, **noted
    )
