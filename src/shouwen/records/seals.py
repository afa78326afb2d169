"""Seals: a Merkle root over what changed, so that cut ends and deleted ledgers show.

A chain alone cannot show that its newest entries, or all of them, are gone. A seal keeps
the newest hash of every subject that changed since the seals before it, and names the seal
before it; kept outside as well, nobody can rewrite both.
"""

import datetime
import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection, transaction

from shouwen.records import canonical
from shouwen.records.merkle import Tree
from shouwen.records.models import Seal, SealLeaf
from shouwen.records.verification import CHUNK, Break, Fault, Leaf, leaf_breaks

LEAVES = 20_000
"""Most leaves of one seal: a long writing transaction would hold up everybody who follows."""

_LOCK = 0x73_65_61_6C  # "seal"

# What is unsealed is told from the heads themselves, not from transaction numbers: what
# commits late is simply found by the next seal, also after a restore into a new cluster.
_UNSEALED = """
SELECT chain.subject_type, chain.subject_id, entry.number, entry.hash
FROM records_chain AS chain
JOIN records_entry AS entry
    ON entry.subject_type = chain.subject_type AND entry.subject_id = chain.subject_id
    AND entry.number = chain.head_number
WHERE NOT EXISTS (
    SELECT FROM records_sealleaf AS leaf
    WHERE leaf.subject_type = chain.subject_type AND leaf.subject_id = chain.subject_id
        AND leaf.number = chain.head_number)
ORDER BY chain.subject_type, chain.subject_id
LIMIT %s
"""


def seal(now: datetime.datetime, *, leaves: int = LEAVES) -> Seal | None:
    """Seal every head that changed since the last seal; None where nothing did.

    Makes as many seals of at most `leaves` leaves as it takes, each in a transaction of its
    own, and returns the last. Two sealing at once wait for each other.
    """
    last = None
    while (made := _seal_some(now, leaves)) is not None:
        last = made
        if made.leaf_count < leaves:
            break
    return last


@transaction.atomic
def _seal_some(now: datetime.datetime, limit: int) -> Seal | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_UNSEALED, [limit])
        heads = [
            Leaf(subject_type, subject_id, number, bytes(entry_hash))
            for subject_type, subject_id, number, entry_hash in cursor.fetchall()
        ]
    if not heads:
        return None
    tree = Tree()
    for head in heads:
        tree.add(head.form())
    before = Seal.objects.order_by("-number").first()
    made = Seal(
        number=before.number + 1 if before else 1,
        sealed_at=max(now, before.sealed_at) if before else now,
        leaf_count=tree.size,
        root=tree.root(),
        previous_hash=bytes(before.hash) if before else canonical.GENESIS,
    )
    made.hash = made.expected_hash()
    made.save(force_insert=True)
    SealLeaf.objects.bulk_create(
        (
            SealLeaf(
                seal=made,
                position=position,
                subject_type=head.subject_type,
                subject_id=head.subject_id,
                number=head.number,
                hash=head.hash,
            )
            for position, head in enumerate(heads)
        ),
        batch_size=CHUNK,
    )
    return made


def export(since: int = 1) -> Iterator[str]:
    """The seals from number `since` on, as lines of JSON without line ends.

    Each seal's line (its canonical form and its hash) is followed by those of its leaves,
    which are their canonical forms byte for byte.
    """
    for made in Seal.objects.filter(number__gte=since).order_by("number"):
        claimed = {**json.loads(made.form()), "hash": bytes(made.hash).hex()}
        yield canonical.encode(claimed).decode()
        rows = made.leaves.order_by("position").values_list(
            "subject_type", "subject_id", "number", "hash"
        )
        for subject_type, subject_id, number, entry_hash in rows.iterator(chunk_size=CHUNK):
            yield Leaf(subject_type, subject_id, number, bytes(entry_hash)).form().decode()


def check(lines: Iterable[str]) -> list[Break]:
    """Compare an exported file with the database and return what the database lost or changed.

    Also what is wrong within the file itself. Raises ValueError, naming the line, for what
    is no export.
    """
    breaks: list[Break] = []
    previous: str | None = None
    for line, claimed, leaves in _blocks(lines):
        try:
            breaks.extend(_check_seal(claimed, previous, leaves))
            previous = claimed["hash"]
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"line {line}: no seal as exported") from error
    return breaks


def _check_seal(
    claimed: dict[str, Any], previous: str | None, leaves: Iterator[Leaf]
) -> Iterator[Break]:
    number = claimed["seal"]
    form = canonical.encode({name: value for name, value in claimed.items() if name != "hash"})
    if (previous is not None and claimed["previous"] != previous) or (
        canonical.sha256(form).hex() != claimed["hash"]
    ):
        yield Break("seal", number, None, None, Fault.SEAL_ALTERED)
    kept = Seal.objects.filter(number=number).first()
    if kept is None:
        yield Break("seal", number, None, None, Fault.SEAL_MISSING)
    elif bytes(kept.hash).hex() != claimed["hash"]:
        yield Break("seal", number, None, None, Fault.SEAL_ALTERED)
    tree = Tree()
    while chunk := list(itertools.islice(leaves, CHUNK)):
        for leaf in chunk:
            tree.add(leaf.form())
        yield from leaf_breaks(chunk)
    if (tree.size, tree.root().hex()) != (claimed["leaves"], claimed["root"]):
        yield Break("seal", number, None, None, Fault.SEAL_WRONG_ROOT)


def _blocks(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any], Iterator[Leaf]]]:
    """Each seal of a file with the number of its line and the leaves that follow it."""
    parsed = _parsed(lines)
    ahead = next(parsed, None)

    def leaves() -> Iterator[Leaf]:
        nonlocal ahead
        while (ahead := next(parsed, None)) is not None and "seal" not in ahead[1]:
            line, row = ahead
            try:
                yield Leaf(
                    str(row["subject_type"]),
                    int(row["subject_id"]),
                    int(row["number"]),
                    bytes.fromhex(row["hash"]),
                )
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"line {line}: no leaf as exported") from error

    while ahead is not None:
        line, row = ahead
        if "seal" not in row:
            raise ValueError(f"line {line}: a leaf before its seal")
        yield line, row, leaves()


def _parsed(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(lines, start=1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ValueError(f"line {number}: not JSON") from error
        if not isinstance(row, dict):
            raise ValueError(f"line {number}: not an object")
        yield number, row
