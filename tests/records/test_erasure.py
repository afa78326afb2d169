"""What was said can be erased wherever it is held; that it was said stays [PIPL art. 47]."""

import pytest
from django.db import IntegrityError, transaction
from tests.records.ledgers import NOW, written

from shouwen.records import erasure, facts, ledger, personal, seals
from shouwen.records.models import ErasableFact


@pytest.fixture(autouse=True)
def complaint() -> None:
    written(
        1,
        texts={"content": "电梯停运", "wish": "尽快修复"},
        personal={"telephone": "13800000000"},
    )
    written(2, personal={"telephone": "13900000000"})


pytestmark = pytest.mark.django_db


def _erase(names: list[str] | None = None) -> None:
    erasure.erase("complaint", 1, names, actor_id=9, reason="本人申请", now=NOW)


def test_it_works() -> None:
    seals.seal(NOW)
    _erase()
    first, _, last = ledger.entries("complaint", 1, with_said=True)
    assert first.said == {"content": None, "wish": None, "telephone": None}
    assert (last.kind, last.actor_id) == ("erased", 9)
    assert last.facts == {"names": None, "erased": {"records": 3}}
    assert last.said == {"reason": "本人申请"}
    assert ledger.verify() == []


def test_nobody_else_is_touched() -> None:
    _erase()
    other, _ = ledger.entries("complaint", 2, with_said=True)
    assert other.said == {"telephone": "13900000000"}


def test_only_what_was_named_goes() -> None:
    _erase(["telephone"])
    first = ledger.entries("complaint", 1, with_said=True)[0]
    assert first.said == {"content": "电梯停运", "wish": "尽快修复", "telephone": None}
    assert ledger.verify() == []


def test_every_room_that_registered_is_asked() -> None:
    row = {1: "13800000000"}
    personal.register(
        "reception",
        "访客登记",
        export=lambda subject_type, ids: {
            each: [{"telephone": row[each]}] for each in ids if each in row
        },
        erase=lambda subject_type, subject_id, names: len(row.pop(subject_id)) and 1,
    )
    assert personal.export("complaint", 1)[-1] == {
        "room": "reception",
        "what": "访客登记",
        "held": [{"telephone": "13800000000"}],
    }
    _erase()
    assert row == {}
    last = ledger.entries("complaint", 1)[-1]
    assert last.facts["erased"] == {"records": 3, "reception": 1}


def test_what_is_handed_over_is_all_that_is_held() -> None:
    (held,) = personal.export("complaint", 1)
    values = [(found["entry"], found["name"], found["value"]) for found in held["held"]]
    assert values == [
        (1, "content", "电梯停运"),
        (1, "telephone", "13800000000"),
        (1, "wish", "尽快修复"),
    ]
    _erase()
    (held,) = personal.export("complaint", 1)
    assert [found["name"] for found in held["held"]] == ["reason"]


def test_the_permission_to_delete_ends_with_the_erasure() -> None:
    facts.erase("complaint", 1, ["telephone"])
    with pytest.raises(IntegrityError, match="refused"), transaction.atomic():
        ErasableFact.objects.all().delete()


def test_a_reason_and_a_ledger_are_needed() -> None:
    with pytest.raises(ValueError, match="reason"):
        erasure.erase("complaint", 1, actor_id=9, reason=" ")
    with pytest.raises(LookupError):
        erasure.erase("complaint", 3, actor_id=9, reason="本人申请")
    assert ledger.entries("complaint", 1, with_said=True)[0].said["content"] == "电梯停运"
