"""`shouwen steps` tells the whole table, and the docs show what it tells."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from shouwen.complaints.steps import STEPS


def printed(*options: str) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("steps", *options, stdout=out)
    return out.getvalue()


def test_the_json_holds_every_step_with_who_from_where_and_what() -> None:
    table = json.loads(printed("--json"))
    assert [row["step"] for row in table] == list(STEPS)
    dispatch = next(row for row in table if row["step"] == "dispatch")
    assert dispatch["kind"] == "dispatched"
    assert dispatch["clause"] == "R2"
    assert dispatch["who"] == ["front_desk", "centre_head"]
    assert dispatch["becomes"] == ["at_work"]
    assert dispatch["data"]["required"] == ["department"]


def test_the_text_names_every_step() -> None:
    text = printed()
    assert all(name in text for name in STEPS)


def test_the_state_diagram_of_the_docs_is_drawn_from_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "architecture.md"
    assert printed("--mermaid").strip() in page.read_text("utf-8")
