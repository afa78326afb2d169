"""A note may be taken back by its author for ten minutes; the ledger keeps both."""

from __future__ import annotations

import pytest
from tests.complaints.conftest import Centre

from shouwen.complaints import projection
from shouwen.complaints.projection import SUBJECT
from shouwen.complaints.refusals import InvalidData, WrongStatus
from shouwen.records import ledger


def noted(centre: Centre, who: str = "front_desk") -> int:
    """Somebody writes a note; its entry."""
    return centre.take(who, "note", text="客户很着急。").entries[0].number


def test_its_author_takes_a_note_back_by_an_entry_more(centre: Centre) -> None:
    complaint = centre.receive()
    number = noted(centre)
    centre.take("front_desk", "retract", entry=number)
    entries = ledger.entries(SUBJECT, complaint.pk, with_said=True)
    assert [entry.kind for entry in entries[-2:]] == ["noted", "retracted"]
    assert entries[-1].facts == {"entry": number}
    assert entries[-2].said["text"] == "客户很着急。"
    assert ledger.verify() == []
    assert projection.differences(complaint.pk) == []
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "retract", entry=number)


def test_nobody_else_takes_it_back_and_nobody_later(centre: Centre) -> None:
    centre.receive()
    number = noted(centre)
    with pytest.raises(WrongStatus):
        centre.take("second_clerk", "retract", entry=number)
    noted(centre, "second_clerk")
    with pytest.raises(InvalidData, match="请改正"):
        centre.take("second_clerk", "retract", entry=number)
    centre.wait(minutes=10)
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "retract", entry=number)


def test_what_a_step_noted_is_nobodys_to_take_back(centre: Centre) -> None:
    other = centre.receive()
    centre.receive()
    centre.take("front_desk", "merge", into=other.number)
    centre.complaint = other
    with pytest.raises(WrongStatus):
        centre.take("front_desk", "retract", entry=3)
