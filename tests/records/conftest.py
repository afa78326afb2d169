"""This room by itself: its subjects are nobody's rows."""

import pytest

from shouwen.records import personal


@pytest.fixture(autouse=True)
def only_what_this_room_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other rooms look for the rows of their subjects, which these tests do not make."""
    monkeypatch.setattr(
        personal, "HELD", [held for held in personal.HELD if held.room == "records"]
    )
