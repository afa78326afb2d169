"""Seals hold the newest hash of what changed, and an exported file convicts the database."""

import hashlib
import json
import threading

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from tests.records.ledgers import NOW, continued, removed, unguarded, written

from shouwen.records import canonical, ledger, seals
from shouwen.records.merkle import Tree
from shouwen.records.models import Chain, Seal, SealLeaf
from shouwen.records.verification import Fault


def _root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1 as it is written there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(
        b"\x01" + _root_by_definition(leaves[:split]) + _root_by_definition(leaves[split:])
    ).digest()


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_streamed_root_is_that_of_rfc_6962(leaves: list[bytes]) -> None:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    assert (tree.size, tree.root()) == (len(leaves), _root_by_definition(leaves))


@pytest.mark.django_db
def test_it_works() -> None:
    written(1)
    second = written(2)
    made = seals.seal(NOW)
    assert made is not None
    assert (made.number, made.leaf_count, bytes(made.previous_hash)) == (1, 2, canonical.GENESIS)
    leaf = SealLeaf.objects.get(subject_id=2)
    assert (leaf.number, bytes(leaf.hash)) == (2, bytes(second[-1].hash))
    assert ledger.verify() == []


@pytest.mark.django_db
def test_only_what_changed_is_sealed_again() -> None:
    written(1)
    written(2)
    first = seals.seal(NOW)
    assert seals.seal(NOW) is None
    continued(2)
    second = seals.seal(NOW)
    assert first is not None and second is not None
    assert (second.number, second.leaf_count) == (2, 1)
    assert bytes(second.previous_hash) == bytes(first.hash)
    assert [leaf.subject_id for leaf in second.leaves.all()] == [2]


@pytest.mark.django_db
def test_many_changes_make_several_seals() -> None:
    for subject_id in range(1, 6):
        written(subject_id)
    last = seals.seal(NOW, leaves=2)
    assert last is not None and (last.number, last.leaf_count) == (3, 1)
    assert sorted(SealLeaf.objects.values_list("subject_id", flat=True)) == [1, 2, 3, 4, 5]
    assert ledger.verify() == []


@pytest.mark.django_db(transaction=True)
def test_what_is_committed_late_is_in_the_next_seal() -> None:
    """The entry's transaction began first, its number is lower, and the seal came in between."""
    written(1)
    begun, sealed = threading.Event(), threading.Event()

    def write_slowly() -> None:
        try:
            with transaction.atomic():
                chain = ledger.lock("complaint", 1)
                assert chain is not None
                ledger.append(
                    chain=chain, kind="noted", actor_id=7, occurred_at=NOW, facts={}, now=NOW
                )
                begun.set()
                sealed.wait(10)
        finally:
            connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    begun.wait(10)
    written(2)
    first = seals.seal(NOW)
    sealed.set()
    writer.join()
    second = seals.seal(NOW)
    assert first is not None and second is not None
    heads = SealLeaf.objects.order_by("seal_id", "position")
    assert list(heads.values_list("subject_id", "number")) == [(1, 2), (2, 2), (1, 3)]
    assert ledger.verify() == []


@pytest.mark.django_db(transaction=True)
def test_two_who_seal_at_once_seal_once() -> None:
    written(1)
    made: list[Seal | None] = []

    def seal() -> None:
        made.append(seals.seal(NOW))
        connection.close()

    sealers = [threading.Thread(target=seal) for _ in range(3)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    assert sum(seal is not None for seal in made) == 1
    assert Seal.objects.count() == 1


def _three_seals() -> list[str]:
    for subject_id in (1, 2):
        written(subject_id)
    for _ in range(3):
        continued(1)
        seals.seal(NOW)
    return list(seals.export())


@pytest.mark.django_db
def test_an_export_agrees_with_its_database() -> None:
    lines = _three_seals()
    assert [len(line) > 0 for line in lines] == [True] * 7
    assert seals.check(lines) == []
    assert seals.check(list(seals.export(since=2))) == []
    continued(2)
    seals.seal(NOW)
    assert seals.check(lines) == []


@pytest.mark.django_db
def test_seals_removed_from_the_end_are_found_by_the_file_alone() -> None:
    lines = _three_seals()
    with unguarded():
        SealLeaf.objects.filter(seal__number=3).delete()
        Seal.objects.filter(number=3).delete()
    assert ledger.verify() == []
    assert [(b.subject_id, b.why) for b in seals.check(lines)] == [(3, Fault.SEAL_MISSING)]


@pytest.mark.django_db
def test_ledger_and_seals_rewritten_together_are_found_by_the_file_alone() -> None:
    lines = _three_seals()
    removed(2)
    with unguarded():
        SealLeaf.objects.all().delete()
        Seal.objects.all().delete()
    Chain.objects.filter(subject_id=2).delete()
    seals.seal(NOW)
    assert ledger.verify() == []
    found = {(b.subject_type, b.subject_id, b.why) for b in seals.check(lines)}
    assert found == {
        ("seal", 1, Fault.SEAL_ALTERED),
        ("seal", 2, Fault.SEAL_MISSING),
        ("seal", 3, Fault.SEAL_MISSING),
        ("complaint", 2, Fault.DELETED),
    }


@pytest.mark.django_db
@pytest.mark.parametrize("line", range(7))
def test_a_changed_line_of_the_file_is_found(line: int) -> None:
    lines = _three_seals()
    row = json.loads(lines[line])
    row["hash"] = row["hash"][::-1]
    lines[line] = json.dumps(row)
    assert seals.check(lines) != []


@pytest.mark.django_db
def test_a_seal_left_out_of_the_file_is_found() -> None:
    lines = _three_seals()
    second = next(place for place, line in enumerate(lines) if '"seal":2' in line)
    assert [b.subject_id for b in seals.check(lines[:second] + lines[second + 2 :])] == [3]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (["no json"], "line 1"),
        (["[]"], "line 1"),
        (['{"number": 1}'], "line 1"),
        (['{"seal": 1}'], "line 1"),
    ],
)
def test_what_is_no_export_is_refused_by_line(lines: list[str], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        seals.check(lines)


@pytest.mark.django_db
def test_a_leaf_that_is_none_is_refused_by_line() -> None:
    seal, *_leaves = _three_seals()
    with pytest.raises(ValueError, match="line 2: no leaf"):
        seals.check([seal, '{"number":"first"}'])
