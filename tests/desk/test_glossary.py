"""The glossary knows every word that the code has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db.models import TextChoices
from django.utils import translation

from shouwen.clocks import regulations
from shouwen.clocks.models import ClockRow
from shouwen.complaints.steps import STEPS
from shouwen.complaints.words import Channel, Severity, Status, WorkStatus
from shouwen.desk import words
from shouwen.organization.positions import Position

PAGE = Path(__file__).parents[2] / "docs" / "glossary.md"


def of_choices() -> Iterator[tuple[str, str]]:
    lists: tuple[type[TextChoices], ...] = (
        *(Status, WorkStatus, Severity, Channel),
        *(Position, ClockRow.State),
    )
    for each in lists:
        for member in each:
            yield str(member.value), str(member.label)


def rows() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]


@pytest.mark.django_db
@pytest.mark.parametrize(("language", "column"), [("zh-hans", 0), ("en", 1)])
def test_every_status_position_step_and_clock_is_in_the_glossary(
    language: str, column: int
) -> None:
    with translation.override(language):
        wanted = {*of_choices()}
        wanted |= {(name, str(step.verb)) for name, step in STEPS.items()}
        wanted |= {
            (rule.id, words.duty(rule.id, rule.title))
            for rule in regulations.in_force(date.today()).rules
        }
    assert len(wanted) > 100
    found = {(row[2].strip("`"), row[column]) for row in rows() if len(row) > 2}
    assert not wanted - found
