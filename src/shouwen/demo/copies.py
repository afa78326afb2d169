"""Copies of the demo's complaints, written as they would lie there had their steps been taken.

Every copy has hashes, digests and salts of its own, so that the ledger verifies.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from shouwen.clocks.models import ClockRow
from shouwen.complaints import grams, numbers, search_text
from shouwen.complaints.models import Complaint, SearchText, Work
from shouwen.demo import bulk, details
from shouwen.demo.neighbours import Caller
from shouwen.demo.placing import CLOCK, COMPLAINT, WORK, Placed, Said, lexeme
from shouwen.records import canonical
from shouwen.records.models import Chain, Entry, ErasableFact

#: What a copy consists of, in the order in which it is written.
TABLES: dict[bulk.Model, Sequence[str]] = {
    Complaint: COMPLAINT,
    Work: WORK,
    Chain: bulk.column_names(Chain),
    Entry: bulk.column_names(Entry, but=["transaction"]),
    ErasableFact: bulk.column_names(ErasableFact, but=["id"]),
    ClockRow: CLOCK,
    SearchText: bulk.column_names(SearchText),
}


@dataclass(frozen=True)
class Copy:
    """One copy: of what, where, how much later than the shape's earliest moment, who complains."""

    placed: Placed
    by: timedelta
    caller: Caller | None

    @cached_property
    def day(self) -> date:
        """The local day on which it is recorded; its number says so."""
        template = self.placed.shape.template
        recorded_at = template.complaint.recorded_at + self.placed.shape.shift + self.by
        return recorded_at.astimezone(template.subject.timezone).date()


def write(copies: Sequence[Copy], ids: Sequence[int], chance: random.Random) -> None:
    """Write these copies as the complaints of these ids, in one transaction."""
    serials = _numbers(copies)
    chain_ids = bulk.next_ids(Chain, len(copies))
    wanted = sum(len(each.placed.parts) for each in copies)
    entry_ids = iter(bulk.next_ids(Entry, wanted))
    lines: dict[bulk.Model, list[str]] = {model: [] for model in TABLES}
    for each, pk, chain_id in zip(copies, ids, chain_ids, strict=True):
        number = next(serials[each.placed.place.project.pk][each.day])
        values = {"id": str(pk), "number": number, "chain": str(chain_id)}
        _fill(each, values, entry_ids, chance, lines)
    bulk.write({model: "".join(found) for model, found in lines.items()}, TABLES)


def _numbers(copies: Sequence[Copy]) -> dict[int, dict[date, Iterator[str]]]:
    projects = {each.placed.place.project.pk: each.placed.place.project for each in copies}
    wanted: dict[int, Counter[date]] = defaultdict(Counter)
    for each in copies:
        wanted[each.placed.place.project.pk][each.day] += 1
    return {pk: numbers.reserve_each(projects[pk], days) for pk, days in sorted(wanted.items())}


def _fill(
    copy: Copy,
    values: dict[str, str],
    entry_ids: Iterator[int],
    chance: random.Random,
    lines: dict[bulk.Model, list[str]],
) -> None:
    """Fill in the rows of one copy."""
    placed = copy.placed
    for name, at, is_canonical in placed.moments:
        at = at + copy.by
        values[name] = canonical.instant(at) if is_canonical else at.isoformat()
    due = [at + copy.by if moves else at for at, moves in placed.due]
    values["next_due_at"] = bulk.field(min(due, default=None))
    own = _own_words(copy, values, chance)
    _found_by(copy, values, own)
    values["previous"] = canonical.GENESIS.hex()
    for part in placed.parts:
        values["entry"] = str(next(entry_ids))
        said = [own.get(each.name, each) for each in part.said] if part.record else part.said
        for name, value, columns in said:
            salt = chance.randbytes(canonical.SALT_BYTES)
            values[f"digest_{name}"] = canonical.digest(salt, name, value)
            lines[ErasableFact].append(
                rf"{values['entry']}	{name}	\\x{salt.hex()}	{columns}" "\n"
            )
        values["hash"] = canonical.sha256((part.form % values).encode()).hex()
        lines[Entry].append(part.row % values)
        values["previous"] = values["hash"]
    lines[Chain].append(placed.head % values)
    lines[Complaint].append(placed.complaint % values)
    lines[Work].append(placed.works % values)
    lines[ClockRow].append(placed.clocks % values)
    lines[SearchText].append(placed.search % values)


def _own_words(copy: Copy, values: dict[str, str], chance: random.Random) -> dict[str, Said]:
    """What this caller says in place of the template's words, by name; `values` learn the rest."""
    own = {"content": Said.of("content", copy.placed.content + details.sentence(chance))}
    caller = copy.caller
    if caller is not None:
        own["place"] = Said.of("place", details.spot(caller.building, chance))
        values["home_id"] = str(caller.home_id)
    if caller is not None and copy.placed.known:
        own["name"] = Said.of("name", caller.name, caller.name_cipher)
        own["telephone"] = Said.of("telephone", caller.telephone, caller.telephone_cipher)
        values |= {"customer_id": str(caller.customer_id), "relation": caller.relation}
        values |= {"name": caller.name_cipher, "telephone": caller.telephone_cipher}
        values |= {"telephone_index": caller.indexes[0]}
        values |= {"telephone_last4_index": caller.indexes[1]}
    for name in own.keys() & {"content", "place"}:
        values[name] = bulk.escaped(own[name].value)
    return own


def _found_by(copy: Copy, values: dict[str, str], own: dict[str, Said]) -> None:
    """What the copy is found by beside what all copies are: its number, home, place and words."""
    words = {name: said.value for name, said in own.items()} | {"number": values["number"]}
    if copy.caller is not None:
        words["home"] = copy.caller.home
    found = {name: grams.fold(words[name]) for name in copy.placed.found}
    shape = copy.placed.shape
    received_at = shape.template.complaint.received_at + shape.shift + copy.by
    pieces = search_text.marks(copy.placed.place.project.pk, received_at)
    pieces = pieces.union(*map(grams.pieces, found.values()))
    values["grams"] = " ".join([copy.placed.grams, *map(lexeme, pieces)])
    values |= {f"found_{name}": bulk.escaped(text) for name, text in found.items()}
