"""The ledger is appended to, in order, and the database refuses everything else."""

import datetime
import threading
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.records.ledgers import NOW, continued, written

from shouwen.records import canonical, ledger
from shouwen.records.models import Chain, Entry, ErasableFact


@pytest.mark.django_db
def test_it_works() -> None:
    first, second = written(1, texts={"content": "电梯停运"}, personal={"telephone": "13800000000"})
    assert (first.number, second.number) == (1, 2)
    assert bytes(first.previous_hash) == canonical.GENESIS
    assert bytes(second.previous_hash) == bytes(first.hash)
    read = ledger.entries("complaint", 1, with_said=True)
    assert [entry.kind for entry in read] == ["received", "relayed"]
    assert read[0].said == {"content": "电梯停运", "telephone": "13800000000"}
    assert read[1].said == {}
    assert ledger.verify() == []


@pytest.mark.django_db
def test_personal_facts_lie_encrypted_and_texts_in_clear() -> None:
    written(1, texts={"content": "电梯停运"}, personal={"telephone": "13800000000"})
    text = ErasableFact.objects.get(name="content")
    personal = ErasableFact.objects.get(name="telephone")
    assert (text.text, text.ciphertext, personal.text) == ("电梯停运", None, None)
    assert "13800000000" not in (personal.ciphertext or "")
    assert "13800000000" not in str(Entry.objects.values_list()[0])


@pytest.mark.django_db
def test_the_entries_of_a_step_cost_one_statement() -> None:
    with transaction.atomic():
        chain = ledger.open_chain("complaint", 1, 1)
        drafts = [
            ledger.Draft(kind=kind, occurred_at=NOW, actor_id=7, texts={"note": "记"}, personal={})
            for kind in ("received", "relayed", "dispatched")
        ]
        with CaptureQueriesContext(
            connection,
        ) as asked:
            entries = ledger.append_many(chain=chain, drafts=drafts, now=NOW)
    assert len(asked) == 1
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert ledger.verify() == []


@pytest.mark.django_db
def test_nothing_is_recorded_before_what_precedes_it() -> None:
    written(1)
    with transaction.atomic():
        chain = ledger.lock("complaint", 1)
        assert chain is not None
        earlier = NOW - datetime.timedelta(minutes=1)
        entry = ledger.append(
            chain=chain, kind="noted", actor_id=None, occurred_at=earlier, facts={}, now=earlier
        )
    assert (entry.occurred_at, entry.recorded_at) == (earlier, NOW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"occurred_at": NOW + datetime.timedelta(microseconds=1)},
        {"occurred_at": NOW.replace(tzinfo=None)},
        {"now": NOW.replace(tzinfo=None)},
        {"facts": {"cost": 0.1}},
        {"kind": "Received!"},
        {"texts": {"name": "a"}, "personal": {"name": "b"}},
        {"texts": {"Name": "a"}},
        {"texts": {"name": 5}},
        {"personal": {"name": "\0"}},
    ],
)
def test_an_unlawful_entry_is_refused_and_leaves_nothing(wrong: dict[str, Any]) -> None:
    lawful: dict[str, Any] = {
        "kind": "received",
        "actor_id": 7,
        "occurred_at": NOW,
        "facts": {},
        "now": NOW,
    }
    with transaction.atomic():
        chain = ledger.open_chain("complaint", 1, 1)
        with pytest.raises(ValueError):
            ledger.append(chain=chain, **(lawful | wrong))
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_a_value_is_never_part_of_a_refusal() -> None:
    with transaction.atomic():
        chain = ledger.open_chain("complaint", 1, 1)
        with pytest.raises(ValueError) as refused:
            ledger.append(
                chain=chain,
                kind="received",
                actor_id=7,
                occurred_at=NOW,
                facts={},
                personal={"telephone": "13800000000\0"},
                now=NOW,
            )
    assert "13800000000" not in str(refused.value)


@pytest.mark.django_db
def test_a_subject_has_one_chain() -> None:
    written(1)
    with pytest.raises(IntegrityError), transaction.atomic():
        written(1)
    assert ledger.lock("complaint", 2) is None


@pytest.mark.django_db(transaction=True)
def test_the_ledger_is_written_inside_a_transaction_only() -> None:
    chain = ledger.open_chain("complaint", 1, 1)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        ledger.append(chain=chain, kind="received", actor_id=7, occurred_at=NOW, facts={}, now=NOW)


@pytest.mark.django_db
def test_a_chain_that_was_read_without_locking_it_is_not_overwritten() -> None:
    written(1)
    stale = Chain.objects.get()
    continued(1)
    with pytest.raises(RuntimeError, match="moved on"), transaction.atomic():
        ledger.append(chain=stale, kind="noted", actor_id=7, occurred_at=NOW, facts={}, now=NOW)
    assert ledger.verify() == []


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_follow_each_other() -> None:
    written(1)
    failed: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                continued(1)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failed == []
    numbers = [entry.number for entry in ledger.entries("complaint", 1)]
    assert numbers == list(range(1, 43))
    assert ledger.verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_held_chain_can_be_passed_over() -> None:
    written(1)
    seen: list[Chain | None] = []

    def look() -> None:
        with transaction.atomic():
            seen.append(ledger.lock("complaint", 1, skip_locked=True))
        connection.close()

    with transaction.atomic():
        assert ledger.lock("complaint", 1) is not None
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert seen == [None]


@pytest.mark.django_db(transaction=True)
def test_an_entry_knows_its_transaction() -> None:
    together = written(1)
    later = continued(1)
    first, second, third = Entry.objects.order_by("number")
    assert first.transaction == second.transaction < third.transaction
    assert together[0].transaction == first.transaction
    assert later.transaction == third.transaction
    with connection.cursor() as cursor:
        # Not the xmin: another database of this cluster may hold that back.
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")
        begun = int(cursor.fetchone()[0])
    assert Entry.objects.filter(transaction__lt=begun).count() == 3
    assert Entry.objects.filter(transaction__lt=third.transaction).count() == 2


CHANGES = [
    "UPDATE records_entry SET kind = 'closed'",
    "UPDATE records_entry SET kind = 'closed' WHERE false",
    "DELETE FROM records_entry",
    "TRUNCATE records_entry CASCADE",
    "INSERT INTO records_entry SELECT * FROM records_entry"
    " ON CONFLICT (id) DO UPDATE SET kind = 'closed'",
    "UPDATE records_erasablefact SET text = 'x'",
    "DELETE FROM records_erasablefact",
    "TRUNCATE records_erasablefact",
    "UPDATE records_seal SET number = 9",
    "DELETE FROM records_seal",
    "TRUNCATE records_seal CASCADE",
    "UPDATE records_sealleaf SET number = 9",
    "DELETE FROM records_sealleaf",
    "TRUNCATE records_sealleaf",
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", CHANGES)
def test_the_database_itself_refuses_every_change(change: str) -> None:
    written(1, texts={"content": "电梯停运"})
    parameters = connection.get_connection_params() | {"cursor_factory": psycopg.ClientCursor}
    parameters.pop("context", None)
    with (
        psycopg.connect(**parameters) as direct,
        pytest.raises(psycopg.errors.RestrictViolation, match="is refused: what is recorded"),
    ):
        # The way by which django-pgtrigger's own triggers are told to look away.
        direct.execute(
            "SELECT set_config('pgtrigger.ignore',"
            " (SELECT array_agg(tgname)::text FROM pg_trigger WHERE NOT tgisinternal), false)"
        )
        direct.execute(change)
    assert ledger.verify() == []
