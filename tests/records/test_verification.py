"""Whatever is changed behind the ledger's back is found and named."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone
from tests.records.ledgers import NOW, continued, removed, unguarded, written

from shouwen.records import canonical, ledger, seals
from shouwen.records.fields import encrypt
from shouwen.records.models import Chain, Entry, ErasableFact, Seal, SealLeaf
from shouwen.records.verification import Fault

pytestmark = pytest.mark.django_db

Tampering = Callable[[], object]


def _entry(number: int) -> "Entry":
    return Entry.objects.get(subject_id=2, number=number)


def _alter(number: int, /, **fields: object) -> None:
    with unguarded():
        Entry.objects.filter(subject_id=2, number=number).update(**fields)


def _alter_with_its_own_hash() -> None:
    entry = _entry(2)
    entry.kind = "closed"
    _alter(2, kind="closed", hash=entry.expected_hash())


def _alter_fact(**fields: object) -> None:
    with unguarded():
        ErasableFact.objects.filter(entry=_entry(1), text__isnull="ciphertext" in fields).update(
            **fields
        )


def _insert_fact() -> None:
    ErasableFact.objects.create(entry=_entry(2), name="content", salt=bytes(16), text="添加")


def _orphan() -> None:
    with unguarded():
        other = Chain.objects.get(subject_id=1)
        Entry.objects.filter(subject_id=2, number=2).update(chain=other)


def _head(**fields: object) -> None:
    Chain.objects.filter(subject_id=2).update(**fields)


@pytest.mark.parametrize(
    ("tamper", "number", "why"),
    [
        (lambda: _alter(2, kind="closed"), 2, Fault.ALTERED),
        (lambda: _alter(2, facts={"severity": "major"}), 2, Fault.ALTERED),
        (lambda: _alter(2, actor_id=8), 2, Fault.ALTERED),
        (lambda: _alter(2, acting_for_id=8), 2, Fault.ALTERED),
        (lambda: _alter(2, project_id=8), 2, Fault.ALTERED),
        (lambda: _alter(2, recorded_at=timezone.now()), 2, Fault.ALTERED),
        (lambda: _alter(1, digests={}), 1, Fault.ALTERED),
        (_alter_with_its_own_hash, 3, Fault.UNLINKED),
        (lambda: _alter(3, number=4), 3, Fault.MISSING),
        (lambda: _alter(1, number=0), 1, Fault.MISSING),
        (lambda: removed(2, 3), 3, Fault.WRONG_HEAD),
        (lambda: removed(2), 1, Fault.MISSING),
        (lambda: _head(head_number=2), 3, Fault.WRONG_HEAD),
        (lambda: _head(head_hash=bytes(32)), 3, Fault.WRONG_HEAD),
        (_orphan, 2, Fault.NO_CHAIN),
        (lambda: _alter_fact(text="改动"), 1, Fault.WRONG_FACT),
        (lambda: _alter_fact(salt=bytes(16), text="电梯停运"), 1, Fault.WRONG_FACT),
        (lambda: _alter_fact(ciphertext=encrypt("改动")), 1, Fault.WRONG_FACT),
        (lambda: _alter_fact(ciphertext="改动"), 1, Fault.UNREADABLE_FACT),
        (_insert_fact, 2, Fault.WRONG_FACT),
    ],
)
def test_the_first_broken_link_is_named(tamper: Tampering, number: int, why: Fault) -> None:
    for subject_id in (1, 2, 10):
        written(
            subject_id,
            "received relayed dispatched",
            texts={"content": "电梯停运"},
            personal={"telephone": "13800000000"},
        )
    assert ledger.verify() == []
    tamper()
    (broken,) = ledger.verify()
    assert (broken.subject_type, broken.subject_id) == ("complaint", 2)
    assert (broken.number, broken.why) == (number, why)
    assert "complaint 2" in str(broken) and str(number) in str(broken)
    assert ledger.verify(("complaint", 2)) == [broken]
    assert ledger.verify(("complaint", 10)) == []


def test_the_broken_row_is_named() -> None:
    written(2)
    _alter(2, kind="closed")
    (broken,) = ledger.verify()
    assert broken.entry_id == _entry(2).pk


def test_every_broken_chain_is_named_also_where_rows_stream_in_pieces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shouwen.records.verification.CHUNK", 2)
    for subject_id in range(1, 8):
        written(subject_id, "received relayed dispatched", texts={"content": "灯不亮"})
    seals.seal(NOW)
    with unguarded():
        Entry.objects.filter(subject_id__in=(3, 7), number=2).update(kind="closed")
    told: list[tuple[str, int, int]] = []
    breaks = ledger.verify(progress=lambda *step: told.append(step))
    assert [(b.subject_id, b.number) for b in breaks] == [(3, 2), (7, 2)]
    assert told[-1] == ("seals", 7, 7)
    assert ("entries", 21, 21) in told


def test_a_suspended_guard_is_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE records_seal DISABLE TRIGGER USER")
    (broken,) = ledger.verify()
    assert (broken.subject_type, broken.why) == ("records_seal", Fault.UNGUARDED)


def test_newest_entries_cut_off_with_their_head_show_against_the_seal() -> None:
    written(1)
    entries = written(2, "received relayed dispatched")
    seals.seal(NOW)
    removed(2, from_number=2)
    _head(head_number=1, head_hash=bytes(entries[0].hash))
    (broken,) = ledger.verify()
    assert (broken.subject_id, broken.number, broken.why) == (2, 3, Fault.CUT_OFF)
    assert ledger.verify(("complaint", 2)) == [broken]
    assert ledger.verify(("complaint", 1)) == []


def test_a_sealed_complaint_deleted_whole_shows_against_the_seal() -> None:
    written(1)
    written(2, texts={"content": "电梯停运"})
    seals.seal(NOW)
    removed(2)
    Chain.objects.filter(subject_id=2).delete()
    (broken,) = ledger.verify()
    assert (broken.subject_id, broken.number, broken.why) == (2, 2, Fault.DELETED)


def test_a_history_written_anew_shows_against_the_seal() -> None:
    written(2, "received relayed")
    seals.seal(NOW)
    removed(2)
    Chain.objects.filter(subject_id=2).delete()
    written(2, "received closed noted")
    (broken,) = ledger.verify()
    assert (broken.subject_id, broken.number, broken.why) == (2, 2, Fault.REWRITTEN)


def _leave_out_seal() -> None:
    with unguarded():
        SealLeaf.objects.filter(seal__number=2).delete()
        Seal.objects.filter(number=2).delete()


def _forge_seal() -> None:
    seal = Seal.objects.get(number=2)
    seal.sealed_at = timezone.now()
    with unguarded():
        Seal.objects.filter(number=2).update(sealed_at=seal.sealed_at, hash=seal.expected_hash())


def _seal_changed(**fields: object) -> None:
    with unguarded():
        Seal.objects.filter(number=2).update(**fields)


def _leaf_gone() -> None:
    with unguarded():
        SealLeaf.objects.filter(seal__number=2).delete()


@pytest.mark.parametrize(
    ("tamper", "found"),
    [
        (_leave_out_seal, [(2, Fault.SEAL_MISSING)]),
        (_forge_seal, [(3, Fault.SEAL_ALTERED)]),
        (lambda: _seal_changed(sealed_at=timezone.now()), [(2, Fault.SEAL_ALTERED)]),
        (
            lambda: _seal_changed(root=bytes(32)),
            [(2, Fault.SEAL_ALTERED), (2, Fault.SEAL_WRONG_ROOT)],
        ),
        (_leaf_gone, [(2, Fault.SEAL_WRONG_ROOT)]),
    ],
)
def test_a_seal_that_was_touched_is_named(
    tamper: Tampering, found: list[tuple[int, Fault]]
) -> None:
    written(1)
    for _ in range(3):
        continued(1)
        seals.seal(NOW)
    assert ledger.verify() == []
    tamper()
    breaks = ledger.verify()
    assert [(b.subject_id, b.why) for b in breaks if b.subject_type == "seal"] == found
    assert len(breaks) == len(found)


def test_an_altered_leaf_shows_in_root_and_entry() -> None:
    written(1)
    seals.seal(NOW)
    with unguarded():
        SealLeaf.objects.update(hash=canonical.sha256(b""))
    assert {broken.why for broken in ledger.verify()} == {
        Fault.REWRITTEN,
        Fault.SEAL_WRONG_ROOT,
    }
