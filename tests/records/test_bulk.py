"""Ledgers begun in bulk are ledgers like any other."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from shouwen.records import bulk, ledger
from shouwen.records.models import Entry

NOW = datetime.datetime(2026, 3, 2, 1, 0, tzinfo=datetime.UTC)


def opening(subject_id: int, occurred_at: datetime.datetime = NOW) -> bulk.Opening:
    """The first entry of a subject."""
    draft = ledger.Draft(
        kind="imported",
        occurred_at=occurred_at,
        actor_id=None,
        facts={"serial": subject_id},
        texts={"content": f"第{subject_id}件。"},
        personal={"telephone": "13800001001"},
    )
    return bulk.Opening(subject_id, 1, draft)


@pytest.mark.django_db
def test_they_verify_and_go_on_like_those_begun_one_by_one() -> None:
    bulk.open_many("matter", [opening(7), opening(8)], now=NOW)
    chain = ledger.lock("matter", 8)
    assert chain is not None
    ledger.append(chain=chain, kind="noted", actor_id=None, occurred_at=NOW, facts={}, now=NOW)

    assert ledger.verify() == []
    first, second = ledger.entries("matter", 8, with_said=True)
    assert first.said == {"content": "第8件。", "telephone": "13800001001"}
    assert (first.number, second.number) == (1, 2)
    assert first.facts == {"serial": 8}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM records_erasablefact WHERE text LIKE '%138%'")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_nothing_is_recorded_before_it_has_occurred() -> None:
    later = NOW + datetime.timedelta(seconds=1)
    with pytest.raises(ValueError, match="before it has occurred"):
        bulk.open_many("matter", [opening(7), opening(8, later)], now=NOW)
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_subject_that_has_a_ledger_gets_no_second_one() -> None:
    bulk.open_many("matter", [opening(7)], now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.open_many("matter", [opening(8), opening(7)], now=NOW)
    assert Entry.objects.count() == 1
