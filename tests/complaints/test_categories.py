"""Categories [A3] bring the default limit for handling [A4], and the company may change them."""

from __future__ import annotations

import datetime

import pytest
from tests.complaints.conftest import Centre

from shouwen.complaints import categories
from shouwen.complaints.models import Category, Work
from shouwen.records import ledger


def limit(centre: Centre, **received: object) -> datetime.timedelta:
    """How long a department gets where the desk names no limit."""
    complaint = centre.receive(**received)
    centre.take("front_desk", "dispatch", department="jx-engineering")
    return Work.objects.get(complaint=complaint).due_at - centre.now


@pytest.mark.parametrize(
    ("category", "severity", "hours"),
    [
        ("cleaning", "routine", 48),
        ("cleaning", "complex", 72),
        ("cleaning", "major", 24),
        ("cleaning", "emergency", 4),
        ("lift", "routine", 24),
        ("lift", "emergency", 2),
        ("lift", "complex", 72),
    ],
)
def test_the_limit_is_the_categorys_else_the_houses(
    centre: Centre, category: str, severity: str, hours: int
) -> None:
    assert limit(centre, category=category, severity=severity) == datetime.timedelta(hours=hours)


def test_a_category_without_a_limit_takes_its_parents(centre: Centre) -> None:
    parent = Category.objects.get(code="environment")
    change(centre, parent, hours={"routine": 6})
    assert limit(centre, category="cleaning") == datetime.timedelta(hours=6)


def change(centre: Centre, category: Category, **changed: object) -> bool:
    """The centre head changes a category."""
    given = {"name": category.label, "hours": category.hours, "is_active": True} | changed
    return categories.change(category, person=centre.person("centre_head"), **given)  # type: ignore[arg-type]


def test_who_changed_a_limit_is_kept_in_the_ledger(centre: Centre) -> None:
    category = Category.objects.get(code="cleaning")
    assert change(centre, category, hours={"routine": 6})
    assert not change(centre, category)
    (entry,) = ledger.entries(categories.LEDGER, category.pk)
    assert entry.actor_id == centre.staff["centre_head"].pk
    assert entry.facts["hours"] == {"routine": 6}
    assert ledger.verify() == []


def test_saving_a_translated_name_renames_nothing(centre: Centre) -> None:
    category = Category.objects.get(code="cleaning")
    change(centre, category, hours={"routine": 6})
    assert not category.renamed
    change(centre, category, name="楼道保洁")
    assert (category.renamed, category.label) == (True, "楼道保洁")


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"hours": {"routine": 0}}, {"hours": {"someday": 5}}]
)
def test_a_limit_must_be_hours_by_severity(centre: Centre, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        change(centre, Category.objects.get(code="cleaning"), **wrong)


def test_a_retired_category_is_no_longer_offered(centre: Centre) -> None:
    from shouwen.complaints.refusals import InvalidData

    change(centre, Category.objects.get(code="cleaning"), is_active=False)
    with pytest.raises(InvalidData):
        centre.receive(category="cleaning")
