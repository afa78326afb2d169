"""Walking the ledger and its seals, and naming the first broken link of each chain."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shouwen.records import canonical
from shouwen.records.fields import decrypt
from shouwen.records.merkle import Tree
from shouwen.records.models import Chain, Entry, ErasableFact, Seal, SealLeaf

CHUNK = 2_000

Progress = Callable[[str, int, int], None]
"""Told of a stage (entries or seals), how many rows of it are done, and how many there are."""

Subject = tuple[str, int]


class Fault(models.TextChoices):
    """What can be wrong with a ledger."""

    ALTERED = "altered", _("内容与哈希不符，记录被改动")
    MISSING = "missing", _("序号中断，记录缺失")
    UNLINKED = "unlinked", _("与上一条记录的哈希不衔接")
    WRONG_HEAD = "wrong_head", _("链头与末条记录不符")
    NO_CHAIN = "no_chain", _("记录没有所属的链")
    WRONG_FACT = "wrong_fact", _("可删除的内容与摘要不符")
    UNREADABLE_FACT = "unreadable_fact", _("个人信息无法解密，密钥缺失或密文被改动")
    CUT_OFF = "cut_off", _("封存之后末尾的记录被移除")
    DELETED = "deleted", _("封存之后全部记录被移除")
    REWRITTEN = "rewritten", _("记录与封存时不同")
    SEAL_MISSING = "seal_missing", _("封存缺失")
    SEAL_ALTERED = "seal_altered", _("封存被改动或与上一封存不衔接")
    SEAL_WRONG_ROOT = "seal_wrong_root", _("封存的叶与默克尔根不符")
    UNGUARDED = "unguarded", _("数据表的只增保护未启用")


@dataclass(frozen=True)
class Break:
    """A broken link: the subject and number of the entry, its row where there is one, and why.

    Of a seal the subject is ``seal`` and its number; of a table the subject is its name.
    """

    subject_type: str
    subject_id: int | None
    number: int | None
    entry_id: int | None
    why: Fault

    def __str__(self) -> str:
        place = self.subject_type
        if self.subject_id is not None:
            place += f" {self.subject_id}"
        if self.number is not None:
            place += " " + gettext("第 %(number)s 条") % {"number": self.number}
        if self.entry_id is not None:
            place += " " + gettext("（行号 %(row)s）") % {"row": self.entry_id}
        return gettext("%(place)s：%(why)s") % {"place": place, "why": self.why.label}


def verify(subject: Subject | None = None, progress: Progress | None = None) -> list[Break]:
    """Walk all chains and seals (or one subject's) and return what is broken, empty if nothing.

    At most one break of each chain, its first, and one of each subject against its seals.
    Rows are streamed in one snapshot: memory does not grow with the ledger, and writing
    goes on meanwhile.
    """
    tell = progress or (lambda stage, done, total: None)
    with _snapshot():
        breaks = [] if subject else list(_unguarded())
        breaks.extend(_chain_breaks(subject, tell))
        breaks.extend(_seal_breaks(subject, tell))
    return breaks


@contextmanager
def _snapshot() -> Iterator[None]:
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _unguarded() -> Iterator[Break]:
    for model in (Entry, ErasableFact, Seal, SealLeaf):
        for trigger in getattr(model._meta, "triggers", ()):
            if trigger.get_installation_status(model) != ("INSTALLED", True):
                yield Break(model._meta.db_table, None, None, None, Fault.UNGUARDED)


# Chains


@dataclass(frozen=True, slots=True)
class _Beside:
    salt: bytes
    text: str | None
    ciphertext: str | None


_Facts = Mapping[str, _Beside]


def _chain_breaks(subject: Subject | None, tell: Progress) -> Iterator[Break]:
    chains = _of(Chain.objects.all(), subject).order_by("subject_type", "subject_id")
    entries = _of(Entry.objects.all(), subject).order_by("subject_type", "subject_id", "number")
    heads = iter(chains.iterator(chunk_size=CHUNK))
    head = next(heads, None)
    walked = _with_facts(entries, tell)
    for place, group in itertools.groupby(walked, key=lambda row: _place(row[0])):
        while head is not None and _place(head) < place:
            yield from _headless(head)
            head = next(heads, None)
        own = head if head is not None and _place(head) == place else None
        if own is not None:
            head = next(heads, None)
        broken = _first_break(own, group)
        if broken is not None:
            yield broken
    while head is not None:
        yield from _headless(head)
        head = next(heads, None)


def _of(rows: models.QuerySet[Any], subject: Subject | None) -> models.QuerySet[Any]:
    if subject is None:
        return rows
    return rows.filter(subject_type=subject[0], subject_id=subject[1])


def _place(row: Chain | Entry) -> Subject:
    return row.subject_type, row.subject_id


def _headless(chain: Chain) -> Iterator[Break]:
    """A chain none of whose entries is left, though its head says there were some."""
    if chain.head_number:
        yield Break(*_place(chain), 1, None, Fault.MISSING)


def _with_facts(entries: models.QuerySet[Entry], tell: Progress) -> Iterator[tuple[Entry, _Facts]]:
    total, done = entries.count(), 0
    stream = entries.iterator(chunk_size=CHUNK)
    while chunk := list(itertools.islice(stream, CHUNK)):
        beside = _beside([entry.pk for entry in chunk])
        for entry in chunk:
            yield entry, beside.get(entry.pk, {})
        done += len(chunk)
        tell("entries", done, total)


def _beside(entry_ids: list[int]) -> dict[int, dict[str, _Beside]]:
    found: dict[int, dict[str, _Beside]] = {}
    with connection.cursor() as cursor:
        # One array instead of an IN list: taking thousands of parameters apart is slow.
        cursor.execute(
            "SELECT entry_id, name, salt, text, ciphertext FROM records_erasablefact"
            " WHERE entry_id = ANY(%s)",
            [entry_ids],
        )
        for entry_id, name, salt, text, ciphertext in cursor.fetchall():
            found.setdefault(entry_id, {})[name] = _Beside(bytes(salt), text, ciphertext)
    return found


def _first_break(chain: Chain | None, group: Iterable[tuple[Entry, _Facts]]) -> Break | None:
    expected, previous = 1, canonical.GENESIS
    for entry, facts in group:
        why: Fault | None
        if entry.number != expected:
            return Break(*_place(entry), expected, None, Fault.MISSING)
        if chain is None or entry.chain_id != chain.pk:
            why = Fault.NO_CHAIN
        else:
            why = _entry_fault(entry, previous) or _fact_fault(entry, facts)
        if why is not None:
            return Break(*_place(entry), entry.number, entry.pk, why)
        expected, previous = expected + 1, bytes(entry.hash)
    last = expected - 1
    assert chain is not None
    if (chain.head_number, bytes(chain.head_hash)) != (last, previous):
        lost = chain.head_number if chain.head_number > last else last
        return Break(*_place(chain), lost, None, Fault.WRONG_HEAD)
    return None


def _entry_fault(entry: Entry, previous: bytes) -> Fault | None:
    if entry.expected_hash() != bytes(entry.hash):
        return Fault.ALTERED
    if bytes(entry.previous_hash) != previous:
        return Fault.UNLINKED
    return None


def _fact_fault(entry: Entry, facts: _Facts) -> Fault | None:
    for name, fact in facts.items():
        try:
            value = fact.text if fact.ciphertext is None else decrypt(fact.ciphertext)
        except InvalidToken:
            return Fault.UNREADABLE_FACT
        if canonical.digest(fact.salt, name, value or "") != entry.digests.get(name):
            return Fault.WRONG_FACT
    return None


# Seals


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a seal says of one subject: the hash its entry of this number had."""

    subject_type: str
    subject_id: int
    number: int
    hash: bytes

    def form(self) -> bytes:
        """The canonical bytes that enter the Merkle tree."""
        return canonical.leaf_form(
            subject_type=self.subject_type,
            subject_id=self.subject_id,
            number=self.number,
            entry_hash=self.hash,
        )


def _seal_breaks(subject: Subject | None, tell: Progress) -> Iterator[Break]:
    if subject is not None:
        yield from leaf_breaks(_leaves(_of(SealLeaf.objects.all(), subject).order_by("number")))
        return
    total, done = SealLeaf.objects.count(), 0
    expected, previous = 1, canonical.GENESIS
    named: set[Subject] = set()
    for seal in Seal.objects.order_by("number"):
        if seal.number != expected:
            yield Break("seal", expected, None, None, Fault.SEAL_MISSING)
        elif bytes(seal.previous_hash) != previous or seal.expected_hash() != bytes(seal.hash):
            yield Break("seal", seal.number, None, None, Fault.SEAL_ALTERED)
        tree = Tree()
        leaves = _leaves(seal.leaves.order_by("position"))
        while chunk := list(itertools.islice(leaves, CHUNK)):
            for leaf in chunk:
                tree.add(leaf.form())
            for broken in leaf_breaks(chunk):
                if (place := (broken.subject_type, broken.subject_id or 0)) not in named:
                    named.add(place)
                    yield broken
            done += len(chunk)
            tell("seals", done, total)
        if (tree.size, tree.root()) != (seal.leaf_count, bytes(seal.root)):
            yield Break("seal", seal.number, None, None, Fault.SEAL_WRONG_ROOT)
        expected, previous = seal.number + 1, bytes(seal.hash)


def _leaves(rows: models.QuerySet[SealLeaf]) -> Iterator[Leaf]:
    fields = rows.values_list("subject_type", "subject_id", "number", "hash")
    for subject_type, subject_id, number, entry_hash in fields.iterator(chunk_size=CHUNK):
        yield Leaf(subject_type, subject_id, number, bytes(entry_hash))


_CHANGED_SINCE = """
SELECT leaf.subject_type, leaf.subject_id, leaf.number, entry.id,
    (SELECT max(number) FROM records_entry AS newest
     WHERE newest.subject_type = leaf.subject_type COLLATE "C"
       AND newest.subject_id = leaf.subject_id)
FROM unnest(%s::text[], %s::bigint[], %s::int[], %s::bytea[])
    WITH ORDINALITY AS leaf (subject_type, subject_id, number, hash, place)
LEFT JOIN records_entry AS entry
    ON entry.subject_type = leaf.subject_type COLLATE "C"
    AND entry.subject_id = leaf.subject_id AND entry.number = leaf.number
WHERE entry.hash IS DISTINCT FROM leaf.hash
ORDER BY leaf.place
"""


def leaf_breaks(leaves: Iterable[Leaf]) -> Iterator[Break]:
    """Leaves whose entry is no longer what it was when it was sealed, one of each subject."""
    columns: list[list[Any]] = [[], [], [], []]
    for leaf in leaves:
        for column, value in zip(
            columns, (leaf.subject_type, leaf.subject_id, leaf.number, leaf.hash), strict=True
        ):
            column.append(value)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGED_SINCE, columns)
        rows = cursor.fetchall()
    named: set[Subject] = set()
    for subject_type, subject_id, number, entry_id, newest in rows:
        if (subject_type, subject_id) in named:
            continue
        named.add((subject_type, subject_id))
        if newest is None:
            why = Fault.DELETED
        elif number > newest:
            why = Fault.CUT_OFF
        else:
            why = Fault.REWRITTEN
        yield Break(subject_type, subject_id, number, entry_id, why)
